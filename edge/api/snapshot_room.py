"""Plate Recognizer's Snapshot interface, which many recorders and home systems already speak.

Built to its public documentation of 2023; a field that it does not know is ignored, as there. It
tells plates in lower case and without separators, and boxes in pixels of the picture that was
sent. Make, model, colour and orientation are not found here: their lists are empty.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count

from flask import Response

from contract.plates import fitting, formats
from edge.api.access import Door
from edge.api.app import Asked, Operation, Room
from edge.api.desk import FORM_BYTES_MAX, Desk
from edge.api.pictures import BYTES_MAX
from edge.api.reading import Read, known_regions
from edge.photos import PhotoPlate
from edge.values import Box, Detection
from lot.web.operations import JSON, Bytes, Form
from lot.web.problems import Problem
from lot.web.shapes import Anything, Matching, Text

VERSION = 1
_NO_BOX = {"xmin": 0, "ymin": 0, "xmax": 0, "ymax": 0}
# Of what we tell apart these two alone are words of theirs; a car may be a sedan or a van.
_TYPES = {"bus": "Bus", "motorcycle": "Motorcycle"}
_ANY = Text(2000, least=0)


@dataclass(frozen=True, slots=True)
class Config:
    """The engine's settings that a request may bring, as far as they mean something here."""

    only_regions: bool = False
    only_on_vehicles: bool = False
    vehicles_too: bool = False
    detected_least: float = 0.0
    read_least: float = 0.0


def room(desk: Desk, started: datetime) -> Room:
    """Return the room."""
    here = Room("snapshot", "Plate Recognizer's Snapshot interface")
    calls = count(1)
    told = {"calls": 0}

    @here.answers(
        Operation(
            "plate_reader",
            "POST",
            "/v1/plate-reader/",
            Door.TOKEN,
            "Read the plates of a picture, as Snapshot does; its cars become events.",
            answer=Anything("As Snapshot answers; see docs/api.md."),
            body=Form(
                {
                    "upload": Bytes("image/*", BYTES_MAX),
                    "upload_url": Text(2000),
                    "regions": Text(16),
                    "camera_id": Text(64),
                    "timestamp": Text(40),
                    "mmc": Matching("true|false|True|False", "true or false"),
                    "config": Text(4000),
                },
                frozenset(("upload_url", "regions", "camera_id", "timestamp", "mmc", "config")),
                FORM_BYTES_MAX,
            ),
            problems=("no_picture", "too_fast"),
            prefix="",
        )
    )
    def plate_reader(asked: Asked) -> Mapping[str, object]:
        if asked.text("upload_url"):
            raise Problem("wrong_field", "upload_url is not fetched here: send upload")
        regions = known_regions([one.lower() for one in asked.texts.get("regions", ())])
        config = _config(asked.text("config"))
        camera, stamp = asked.text("camera_id"), asked.text("timestamp")
        data = desk.sent_picture(asked.files.get("upload"), asked.text("upload"))
        read = desk.read(data, camera, regions)
        told["calls"] = next(calls)
        said = _said(read, config, regions, mmc=(asked.text("mmc") or "").lower() == "true")
        at = read.frame.time.astimezone(timezone.utc)
        return {
            "processing_time": round(read.seconds * 1000, 3),
            "results": said,
            "filename": f"{at:%H%M}_{read.frame.index:05d}_upload.jpg",
            "version": VERSION,
            "camera_id": camera or None,
            "timestamp": stamp or f"{at:%Y-%m-%dT%H:%M:%S.%fZ}",
            "usage": {"calls": told["calls"], "max_calls": 0},
        }

    @here.answers(
        Operation(
            "snapshot_statistics",
            "GET",
            "/v1/statistics/",
            Door.TOKEN,
            "How many pictures were read since the start; there is no limit to count against.",
            answer=Anything("usage {month, calls, year, resets_on}, total_calls."),
            prefix="",
        )
    )
    def statistics(_: Asked) -> Mapping[str, object]:
        usage = {
            "month": started.month,
            "calls": told["calls"],
            "year": started.year,
            "resets_on": None,
        }
        return {"usage": usage, "total_calls": told["calls"]}

    @here.answers(
        Operation(
            "snapshot_info",
            "GET",
            "/info/",
            Door.TOKEN,
            "What an on-premise Snapshot tells of itself.",
            answer=Anything("version, license_key, total_calls, usage {calls}, webhooks."),
            prefix="",
        )
    )
    def info(_: Asked) -> Mapping[str, object]:
        return {
            "version": "lotkeeper",
            "license_key": "",
            "total_calls": told["calls"],
            "usage": {"calls": told["calls"]},
            "webhooks": [],
        }

    return here


def refused(problem: Problem) -> Response:
    """Say a refusal as Snapshot does."""
    status = problem.kind.status
    detail = problem.detail
    if status == 429:  # its clients look for these words, wait, and try three times
        seconds = problem.retry_s or 1
        detail = f"Request was throttled. Expected available in {seconds} second."
    if status == 401:
        status = 403  # what its documentation gives for a wrong token
    answer = Response(
        json.dumps({"detail": detail, "status_code": status}) + "\n",
        status=status,
        content_type=JSON,
    )
    if problem.retry_s is not None:
        answer.headers["Retry-After"] = str(problem.retry_s)
    return answer


def _said(
    read: Read, config: Config, regions: Sequence[str], *, mmc: bool
) -> list[dict[str, object]]:
    kept = [one for one in read.plates if _is_wanted(one, config, regions)]
    height, width = read.frame.image.shape[:2]
    pixels = _pixels(width, height)
    if not config.vehicles_too:
        return [_plate(one, pixels, mmc=mmc) for one in kept]
    on = [one.vehicle for one in kept]
    said: list[dict[str, object]] = [
        {"plate": _plate_object(one, pixels), "vehicle": _of(one, pixels)} for one in kept
    ]
    for one in read.photo.vehicles:
        if one not in on:
            said.append({"plate": None, "vehicle": _vehicle_object(one, pixels)})
    return said


def _is_wanted(plate: PhotoPlate, config: Config, regions: Sequence[str]) -> bool:
    assert plate.voted is not None
    if config.only_regions and regions and fitting(plate.voted.plate, formats(regions)) is None:
        return False
    if config.only_on_vehicles and plate.vehicle is None:
        return False
    detected, read = plate.detection.score, plate.voted.confidence
    return detected >= config.detected_least and read >= config.read_least


def _plate(
    plate: PhotoPlate, pixels: Callable[[Box], dict[str, int]], *, mmc: bool
) -> dict[str, object]:
    assert plate.voted is not None
    voted = plate.voted
    said: dict[str, object] = {
        "box": pixels(plate.box),
        "plate": voted.plate.lower(),
        "region": {"code": voted.region or "", "score": _score(voted.region_confidence)},
        "score": _score(voted.confidence),
        "candidates": [
            {"score": _score(score), "plate": text.lower()}
            for text, score in [(voted.plate, voted.confidence), *voted.alternatives]
        ],
        "dscore": _score(plate.detection.score),
        "vehicle": _flat_vehicle(plate.vehicle, pixels),
    }
    if mmc:
        said.update(model_make=[], color=[], orientation=[])
    return said


def _flat_vehicle(
    vehicle: Detection | None, pixels: Callable[[Box], dict[str, int]]
) -> dict[str, object]:
    if vehicle is None:
        return {"score": 0.0, "type": "Unknown", "box": dict(_NO_BOX)}
    return {
        "score": _score(vehicle.score),
        "type": _TYPES.get(vehicle.kind, "Unknown"),
        "box": pixels(vehicle.box),
    }


def _plate_object(plate: PhotoPlate, pixels: Callable[[Box], dict[str, int]]) -> dict[str, object]:
    assert plate.voted is not None
    voted = plate.voted
    readings = [(voted.plate, voted.confidence), *voted.alternatives]
    region = [(voted.region, voted.region_confidence)] if voted.region else []
    return {
        "type": "Plate",
        "score": _score(plate.detection.score),
        "box": pixels(plate.box),
        "props": {
            "plate": [{"value": text.lower(), "score": _score(s)} for text, s in readings],
            "region": [{"value": code, "score": _score(s)} for code, s in region],
        },
    }


def _of(plate: PhotoPlate, pixels: Callable[[Box], dict[str, int]]) -> dict[str, object] | None:
    return None if plate.vehicle is None else _vehicle_object(plate.vehicle, pixels)


def _vehicle_object(
    vehicle: Detection, pixels: Callable[[Box], dict[str, int]]
) -> dict[str, object]:
    props: dict[str, list[object]] = {"make_model": [], "orientation": [], "color": []}
    return {**_flat_vehicle(vehicle, pixels), "props": props}


def _pixels(width: int, height: int) -> Callable[[Box], dict[str, int]]:
    def of(box: Box) -> dict[str, int]:
        return {
            "xmin": round(max(0.0, box.left) * width),
            "ymin": round(max(0.0, box.top) * height),
            "xmax": round(min(1.0, box.right) * width),
            "ymax": round(min(1.0, box.bottom) * height),
        }

    return of


def _score(value: float) -> float:
    return round(min(1.0, max(0.0, value)), 3)


def _config(text: str | None) -> Config:
    """Read `config`; keys that mean nothing here are passed over."""
    if not text:
        return Config()
    try:
        said = json.loads(text)
    except (ValueError, RecursionError):
        raise Problem("wrong_field", "config is no JSON", field="config") from None
    if not isinstance(said, dict):
        raise Problem("wrong_field", "config must be an object", field="config")
    return Config(
        only_regions=said.get("region") == "strict",
        only_on_vehicles=said.get("detection_rule") == "strict",
        vehicles_too=said.get("detection_mode") == "vehicle",
        detected_least=_threshold(said, "threshold_d"),
        read_least=_threshold(said, "threshold_o"),
    )


def _threshold(said: Mapping[str, object], name: str) -> float:
    value = said.get(name, 0.0)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if not isinstance(value, int | float) or not is_number or not math.isfinite(value):
        raise Problem("wrong_field", f"config.{name} must be a number from 0 to 1", field="config")
    return float(value)
