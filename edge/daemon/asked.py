"""What the gate is asked to do: its words, its settings, and the cameras they come to."""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge.cameras import Camera
from edge.settings import Settings, settings_from
from edge.sources import decoding
from edge.sources.live.address import address
from edge.sources.live.grabbing import Order
from lot.errors import LotError, WrongSettings, WrongUsage
from lot.mains import Parser
from lot.settings import Variables, given_values

ONLY_CAMERA = "gate"


@dataclass(frozen=True, slots=True)
class Asked:
    """A gate that can begin: its cameras, in the order of their names, and what each sends."""

    settings: Settings
    cameras: Mapping[str, Camera]
    orders: Mapping[str, Order]
    values: Mapping[str, str]
    log_plates: bool
    clips: bool
    as_json: bool
    show: bool
    aim: bool
    record: Path | None


def asked(words: Sequence[str], env: Mapping[str, str]) -> Asked:
    """Understand words and settings, or say in a line each what is wrong with them."""
    given = _parser().parse_args(words)
    values = given_values(env, Path(".env"))
    settings = settings_from(values)
    cameras = _cameras(given.source, given.camera, settings)
    read = Variables(values, "edge")
    log_plates = bool(read.whole("LOT_LOG_PLATES"))
    clips = bool(read.whole("LOT_CLIPS"))
    orders = {}
    for camera in cameras.values():
        try:
            orders[camera.name] = _order(camera, read.camera_password(camera.name), settings)
        except LotError as error:
            read.refuse(f"camera {camera.name}: {error}")
    read.done()
    for order in orders.values():
        _check_file(order)
    return Asked(
        settings,
        cameras,
        orders,
        values,
        log_plates,
        clips,
        given.json,
        given.show,
        given.aim,
        given.record,
    )


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python edge/camerainfr.py",
        description="Run the gate: cameras in, entries and exits out, for months.",
        epilog="Exit status: 0 stopped as told, or every file was played; 2 wrong usage or"
        " setting; 3 nothing read; 4 nothing written; 70 a bug; 130 stopped by hand."
        " Example: python edge/camerainfr.py rtsp://192.168.1.20/stream1",
    )
    parser.add_argument(
        "source",
        nargs="?",
        help="rtsp://…, http://… (MJPEG), a camera's number (0 and 1: CSI ports on a Jetson,"
        " USB elsewhere), or a file, played at its own pace; LOT_CAMERAS_FILE names several",
    )
    parser.add_argument("--camera", metavar="NAME", help="what the one camera is called")
    parser.add_argument("--show", action="store_true", help="a window a camera; q quits")
    parser.add_argument(
        "--aim", action="store_true", help="say how plates look from this mount; keep nothing"
    )
    parser.add_argument(
        "--record",
        type=Path,
        metavar="DIR",
        help="write annotated films and tables there; plates then lie in clear",
    )
    parser.add_argument("--json", action="store_true", help="print a line of JSON an event")
    return parser


def _cameras(source: str | None, name: str | None, settings: Settings) -> Mapping[str, Camera]:
    known = settings.cameras
    if source is None and not known:
        raise WrongUsage(
            "no camera is named", then="name its source, or write cameras.toml (LOT_CAMERAS_FILE)"
        )
    if source is None:
        if name is not None and name not in known:
            raise WrongUsage(f"there is no camera {name!r}", then=f"known: {', '.join(known)}")
        chosen = {name: known[name]} if name is not None else dict(known)
        without = [one.name for one in chosen.values() if not one.source]
        if without:
            raise WrongSettings([f"camera {one} has no source in cameras.toml" for one in without])
        return dict(sorted(chosen.items()))
    called = name or (next(iter(known)) if len(known) == 1 else ONLY_CAMERA)
    try:
        camera = known.get(called) or Camera(called)
    except ValueError as error:
        raise WrongUsage(str(error), then="choose another name") from None
    return {called: replace(camera, source=source)}


def _order(camera: Camera, password: str, settings: Settings) -> Order:
    return Order(
        address(camera.source, password=password),
        settings.analysed_per_second,
        udp=camera.transport == "udp",
        hardware=True,
    )


def _check_file(order: Order) -> None:
    """A camera that is away comes back; a file that is no film never becomes one."""
    if order.source.kind == "file":
        container, _ = decoding.opened(Path(order.source.where), threads=1)
        container.close()
