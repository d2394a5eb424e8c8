"""A camera, a blind time or a passage as a line of JSON, and back.

    {"camera": {name, gate, role, street, lot, lanes: [{name, polygon, arrow}]}}
    {"blind": {camera, first, last}}
    {"passage": {id, camera, first_seen, last_seen, came_by, left_by, stood_first, stood_last,
        moved, went_length, lane: [name, how], vehicle, readings: [{text, characters, runners,
        region, region_confidence, width, engine, at, frame}], no_plate, legible, others}}

Boxes are [left, top, right, bottom] in fractions of the picture, times microseconds UTC,
probabilities thousandths, the unknown is null; a runner-up is [character, probability], one of
`others` [plate, probability]. `sharpness` of a reading and `best_frame` of a passage are
written too, since votes and unread events use them; in what is read they may be missing.

Thousandths lose something. Who gives the gate `as_kept(passage)` from the start gets from the
lines the very events that the eyes gave.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import replace
from datetime import datetime
from typing import NoReturn, TypeVar, get_args

from contract import canonical
from contract.canonical import CONTROLS, INTEGER_MAX, Fields, Malformed
from edge.cameras import BORDERS, NAME_MAX, ROLES, Camera, Lane, Point, is_name
from edge.gate.values import Blind
from edge.stamping import thousandths
from edge.values import Along, Border, Box, LaneTouch, Look, NoPlate, Passage, Reading, Vehicle
from lot.times import microseconds, moment

T = TypeVar("T")
Chances = tuple[tuple[str, float], ...]

PLATE_MAX = 16  # characters that an Event has room for
_TEXT_MAX = 200  # more than any name or plate has; an Event holds fewer
_CONTROL = re.compile(f"[{CONTROLS}]")
_DIGITS_MAX = 17  # of an integer below 2^53, with its sign
_UNKNOWN = -1  # the number of a frame that nobody kept
_NOWHERE = Box(0.0, 0.0, 0.0, 0.0)  # where a plate stood in its frame is not kept

_VEHICLES: tuple[Vehicle, ...] = get_args(Vehicle)
_NO_PLATES: tuple[NoPlate, ...] = get_args(NoPlate)
_ALONG: tuple[Along, ...] = get_args(Along)

_CAMERA = ("name", "gate", "role", "street", "lot", "lanes")
_LANE = ("name", "polygon", "arrow")
_BLIND = ("camera", "first", "last")
_PASSAGE = (
    *("id", "camera", "first_seen", "last_seen", "came_by", "left_by", "stood_first"),
    *("stood_last", "moved", "went_length", "lane", "vehicle", "readings", "no_plate"),
    *("legible", "others"),
)
_READING = (
    *("text", "characters", "runners", "region", "region_confidence", "width", "engine"),
    *("at", "frame"),
)


def as_kept(passage: Passage) -> Passage:
    """Return the passage with its probabilities as a line holds them."""
    return replace(
        passage,
        looks=tuple(replace(look, reading=_rounded(look.reading)) for look in passage.looks),
        others=tuple((plate, thousandths(p) / 1000) for plate, p in passage.others),
    )


def line(value: Camera | Blind | Passage) -> str:
    """Return the line, without its end."""
    if isinstance(value, Camera):
        kept = {"camera": _camera_object(value)}
    elif isinstance(value, Blind):
        last = None if value.last is None else microseconds(value.last)
        first = microseconds(value.first)
        kept = {"blind": {"camera": value.camera, "first": first, "last": last}}
    else:
        kept = {"passage": _passage_object(value)}
    return json.dumps(kept, separators=(",", ":"), ensure_ascii=False, allow_nan=False)


def value(text: str) -> Camera | Blind | Passage:
    """Return what a line says; Malformed names the field that is not as it must be."""
    try:
        found: object = json.loads(
            text, object_pairs_hook=_once, parse_int=_integer, parse_constant=_no_number
        )
    except json.JSONDecodeError:
        raise Malformed("it is not JSON") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    if isinstance(found, dict) and len(found) == 1:
        ((kind, inner),) = found.items()
        if kind == "camera":
            return _camera(inner, kind)
        if kind == "blind":
            return _blind(inner, kind)
        if kind == "passage":
            return _passage(inner, kind)
    raise Malformed("it is not an object with camera, blind or passage in it")


def _camera_object(camera: Camera) -> dict[str, object]:
    lanes = [
        {"name": lane.name, "polygon": lane.polygon, "arrow": lane.arrow} for lane in camera.lanes
    ]
    return {
        "name": camera.name,
        "gate": camera.gate,
        "role": camera.role,
        "street": [border for border in BORDERS if border in camera.street],
        "lot": [border for border in BORDERS if border in camera.lot],
        "lanes": lanes,
    }


def _passage_object(passage: Passage) -> dict[str, object]:
    return {
        "id": passage.id,
        "camera": passage.camera,
        "first_seen": microseconds(passage.first_seen),
        "last_seen": microseconds(passage.last_seen),
        "came_by": passage.came_by,
        "left_by": passage.left_by,
        "stood_first": _sides(passage.stood_first),
        "stood_last": _sides(passage.stood_last),
        "moved": passage.moved,
        "went_length": passage.went_length,
        "lane": None if passage.lane is None else [passage.lane.name, passage.lane.how],
        "vehicle": passage.vehicle,
        "readings": [_reading_object(look) for look in passage.looks],
        "no_plate": passage.no_plate,
        "legible": passage.legible,
        "others": _pairs(passage.others),
        "best_frame": passage.best_frame if passage.best_frame >= 0 else None,
    }


def _reading_object(look: Look) -> dict[str, object]:
    reading = look.reading
    known = None if reading.region is None else thousandths(reading.region_confidence)
    return {
        "text": reading.text,
        "characters": [thousandths(p) for p in reading.characters],
        "runners": [_pairs(runners) for runners in reading.runners],
        "region": reading.region,
        "region_confidence": known,
        "width": look.width,
        "engine": reading.engine,
        "at": microseconds(look.at),
        "frame": look.frame,
        "sharpness": look.sharpness,
    }


def _sides(box: Box | None) -> list[float] | None:
    return None if box is None else [box.left, box.top, box.right, box.bottom]


def _pairs(chances: Iterable[tuple[str, float]]) -> list[list[object]]:
    return [[text, thousandths(p)] for text, p in chances]


def _rounded(reading: Reading) -> Reading:
    return replace(
        reading,
        characters=tuple(thousandths(p) / 1000 for p in reading.characters),
        runners=tuple(
            tuple((c, thousandths(p) / 1000) for c, p in runners) for runners in reading.runners
        ),
        region_confidence=(
            0.0 if reading.region is None else thousandths(reading.region_confidence) / 1000
        ),
    )


def _camera(found: object, path: str) -> Camera:
    read = Fields(found, _CAMERA, within=path)
    return _built(
        path,
        lambda: Camera(
            name=read.of("name", _name),
            gate=read.either("gate", lambda name: read.of(name, _name)) or "",
            role=read.word("role", ROLES),
            street=frozenset(read.entries("street", _border)),
            lot=frozenset(read.entries("lot", _border)),
            lanes=read.entries("lanes", _lane),
        ),
    )


def _lane(found: object, path: str) -> Lane:
    read = Fields(found, _LANE, within=path)
    arrow = read.entries("arrow", _point)
    if len(arrow) != 2:
        raise Malformed(f"{path}.arrow is not from a point to a point")
    name, polygon = read.of("name", _name), read.entries("polygon", _point)
    return _built(path, lambda: Lane(name, polygon, (arrow[0], arrow[1])))


def _blind(found: object, path: str) -> Blind:
    read = Fields(found, _BLIND, within=path)
    first = read.of("first", _time)
    last = read.either("last", lambda name: read.of(name, _time))
    if last is not None and last < first:
        raise Malformed(f"{path}.last is before {path}.first")
    return Blind(read.of("camera", _name), first, last)


def _passage(found: object, path: str) -> Passage:
    read = _with_optional(found, _PASSAGE, "best_frame", path)
    first, last = read.of("first_seen", _time), read.of("last_seen", _time)
    if last < first:
        raise Malformed(f"{path}.last_seen is before {path}.first_seen")
    best_frame = read.either("best_frame", lambda name: read.of(name, _count))
    return Passage(
        id=read.of("id", _name),
        camera=read.of("camera", _name),
        first_seen=first,
        last_seen=last,
        came_by=read.either("came_by", lambda name: read.word(name, BORDERS)),
        left_by=read.either("left_by", lambda name: read.word(name, BORDERS)),
        stood_first=read.either("stood_first", lambda name: read.of(name, _box)),
        stood_last=read.either("stood_last", lambda name: read.of(name, _box)),
        moved=read.truth("moved"),
        went_length=read.truth("went_length"),
        lane=read.either("lane", lambda name: read.of(name, _touch)),
        vehicle=read.either("vehicle", lambda name: read.word(name, _VEHICLES)),
        looks=read.entries("readings", _look),
        no_plate=read.either("no_plate", lambda name: read.word(name, _NO_PLATES)),
        legible=read.truth("legible"),
        others=read.entries("others", _pair),
        best_frame=_UNKNOWN if best_frame is None else best_frame,
        ended=True,
    )


def _look(found: object, path: str) -> Look:
    read = _with_optional(found, _READING, "sharpness", path)
    text, engine = read.of("text", _spelling), read.of("engine", _name)
    characters, runners = read.entries("characters", _chance), read.entries("runners", _pairs_of)
    region = read.either("region", lambda name: read.of(name, _region))
    confidence = read.either("region_confidence", lambda name: read.of(name, _chance))
    sharpness = read.either("sharpness", lambda name: read.of(name, _measure))
    return Look(
        reading=_built(
            path, lambda: Reading(text, characters, runners, engine, region, confidence or 0.0)
        ),
        at=read.of("at", _time),
        frame=read.of("frame", _count),
        box=_NOWHERE,
        width=read.of("width", _measure),
        sharpness=sharpness or 0.0,
    )


def _with_optional(found: object, names: Collection[str], optional: str, path: str) -> Fields:
    whole = {optional: None} | found if isinstance(found, dict) else found
    return Fields(whole, (*names, optional), within=path)


def _time(found: object, path: str) -> datetime:
    return moment(_count(found, path))


def _count(found: object, path: str) -> int:
    number = canonical.whole(found, path)
    if not 0 <= number <= INTEGER_MAX:
        raise Malformed(f"{path} is not from 0 to {INTEGER_MAX}")
    return number


def _number(found: object, path: str) -> float:
    if isinstance(found, bool) or not isinstance(found, int | float) or not math.isfinite(found):
        raise Malformed(f"{path} is no number")
    return float(found)


def _measure(found: object, path: str) -> float:
    number = _number(found, path)
    if number < 0:
        raise Malformed(f"{path} is below 0")
    return number


def _chance(found: object, path: str) -> float:
    thousandths = canonical.whole(found, path)
    if not 0 <= thousandths <= 1000:
        raise Malformed(f"{path} is not from 0 to 1000")
    return thousandths / 1000


def _plain(found: object, path: str) -> str:
    text = canonical.text(found, path)
    if len(text) > _TEXT_MAX or _CONTROL.search(text):
        raise Malformed(f"{path} is longer than {_TEXT_MAX} or has controls in it")
    return text


def _spelling(found: object, path: str) -> str:
    """Return a text that an Event could bear as its plate; none where nothing was legible."""
    text = _plain(found, path)
    if len(text) > PLATE_MAX or re.search(r"\s", text):
        raise Malformed(f"{path} is longer than {PLATE_MAX} or has a space in it")
    return text


def _region(found: object, path: str) -> str:
    text = _plain(found, path)
    if not re.fullmatch(r"[a-z0-9-]{1,16}", text):
        raise Malformed(f"{path} is no region's name, as us-tx")
    return text


def _name(found: object, path: str) -> str:
    text = _plain(found, path)
    if not is_name(text):
        raise Malformed(f"{path} is empty or longer than {NAME_MAX}")
    return text


def _border(found: object, path: str) -> Border:
    for border in BORDERS:
        if found == border:
            return border
    raise Malformed(f"{path} is none of {', '.join(BORDERS)}")


def _touch(found: object, path: str) -> LaneTouch:
    name, how = _of_length(found, path, 2)
    for one in _ALONG:
        if how == one:
            return LaneTouch(_name(name, path), one)
    raise Malformed(f"{path} is not a lane's name and one of {', '.join(_ALONG)}")


def _pairs_of(found: object, path: str) -> Chances:
    if not isinstance(found, list):
        raise Malformed(f"{path} is no list")
    return tuple(_pair(one, f"{path}[{number}]") for number, one in enumerate(found))


def _pair(found: object, path: str) -> tuple[str, float]:
    text, chance = _of_length(found, path, 2)
    return _spelling(text, path), _chance(chance, path)


def _box(found: object, path: str) -> Box:
    left, top, right, bottom = (_number(side, path) for side in _of_length(found, path, 4))
    # A tracker may follow a vehicle past the border, though not by a picture's length.
    if not -1 <= left <= right <= 2 or not -1 <= top <= bottom <= 2:
        raise Malformed(f"{path} is not [left, top, right, bottom] in fractions of the picture")
    return Box(left, top, right, bottom)


def _point(found: object, path: str) -> Point:
    x, y = (_number(one, path) for one in _of_length(found, path, 2))
    return x, y


def _of_length(found: object, path: str, length: int) -> list[object]:
    if not isinstance(found, list) or len(found) != length:
        raise Malformed(f"{path} is no list of {length}")
    return found


def _built(path: str, build: Callable[[], T]) -> T:
    """Return a value of the edge; what it refuses is said of the line."""
    try:
        return build()
    except Malformed:
        raise
    except ValueError as refused:
        raise Malformed(f"{path}: {refused}") from None


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("a field in it stands twice")
    return found


def _integer(digits: str) -> int:
    if len(digits) > _DIGITS_MAX:
        raise Malformed("a number in it is out of range")
    return int(digits)


def _no_number(_: str) -> NoReturn:
    raise Malformed("a number in it is none")
