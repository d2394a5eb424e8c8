"""Event: the one value that crosses the wire, and its canonical bytes.

It holds integers and text only: times in whole microseconds UTC, probabilities in thousandths.
Every field is in the bytes, those that may be unknown as null. An Event that breaks a rule
cannot be made; bytes that break one cannot be read.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from itertools import pairwise
from typing import Literal, get_args

from contract import canonical
from contract.canonical import CONTROLS, Fields, Malformed, at_most, matching, within
from contract.ids import EVENT_ID

ENTRIES_MAX = 16  # of a list
KEYS_MAX = 8  # of an object with names of its own
BYTES_MAX = 32 * 1024  # the fullest Event, in four-byte characters, has less than half of it

Kind = Literal["entry", "exit", "seen", "void"]
KindBy = Literal["turn", "direction", "role", "crossing", "turns", "person"]
Vehicle = Literal["car", "motorcycle", "bus", "truck"]
Direction = Literal["in", "out"]
Border = Literal["left", "top", "right", "bottom"]
Reason = Literal["too_small", "blurred", "dark", "hidden", "none_found"]
ClockState = Literal["ntp", "rtc", "hand", "behind", "file", "none"]

_EDGE = re.compile(r"[0-9a-f]{32}")
PICTURE_NAME = re.compile(r"[a-z0-9_-]{1,24}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_REGION = re.compile(r"[a-z0-9-]{1,16}")
_FLAG = re.compile(r"[a-z_]{1,24}")
_TIMECODE = re.compile(r"[0-9:.;]{1,24}")
CAMERA_OR_LANE = re.compile(rf"[^{CONTROLS}]{{1,64}}")
_PLATE = re.compile(rf"[^\s{CONTROLS}]{{1,16}}")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A plate that is not the event's own: a runner-up, or another one on the vehicle."""

    plate: str
    confidence: int  # thousandths


@dataclass(frozen=True, slots=True)
class Way:
    """By which borders of a camera's picture the vehicle came and left, as far as seen."""

    camera: str
    came: Border | None
    left: Border | None


@dataclass(frozen=True, slots=True)
class Clock:
    """What the times stand on."""

    state: ClockState
    error: int | None  # microseconds, where the clock knows it


@dataclass(frozen=True, slots=True)
class Event:
    """What the gate testifies of one sighting, in one of its revisions."""

    id: str
    edge: str
    camera: str
    lane: str | None
    sequence: int
    revision: int
    final: bool
    kind: Kind
    kind_by: KindBy | None
    refers: str | None
    plate: str | None
    confidence: int | None
    characters: tuple[int, ...]
    alternatives: tuple[Spelling, ...]
    others: tuple[Spelling, ...]
    region: str | None
    vehicle: Vehicle | None
    direction: Direction | None
    ways: tuple[Way, ...]
    first_seen: int
    best_at: int
    last_seen: int
    frame: int | None
    timecode: str | None
    flags: tuple[str, ...]
    reason: Reason | None
    pictures: Mapping[str, str] = field(hash=False)
    models: Mapping[str, str] = field(hash=False)
    clock: Clock

    def __post_init__(self) -> None:
        _check_names(self)
        _check_kind(self)
        _check_plate(self)
        _check_time_and_way(self)

    @property
    def at(self) -> int:
        """Return when it happened: an exit when last seen, all else when first seen."""
        return self.last_seen if self.kind == "exit" else self.first_seen


def encoded(event: Event) -> bytes:
    """Return the canonical bytes of an event."""
    return canonical.encoded(
        {
            **{one.name: getattr(event, one.name) for one in fields(Event)},
            "v": canonical.VERSION,
            "alternatives": [_spelling_object(one) for one in event.alternatives],
            "others": [_spelling_object(one) for one in event.others],
            "ways": [{"camera": w.camera, "came": w.came, "left": w.left} for w in event.ways],
            "pictures": dict(event.pictures),
            "models": dict(event.models),
            "clock": {"state": event.clock.state, "error": event.clock.error},
        }
    )


@canonical.reading("an event")
def decoded(data: bytes) -> Event:
    """Return the event that canonical bytes spell; Damaged for all other bytes."""
    return _read(canonical.decoded(data, bytes_max=BYTES_MAX))


def _read(value: Mapping[str, object]) -> Event:
    """Look at versions and types; what the values may be is checked by the Event itself."""
    read = Fields(value, _FIELDS)
    read.version()
    return Event(
        id=read.text("id"),
        edge=read.text("edge"),
        camera=read.text("camera"),
        lane=read.either("lane", read.text),
        sequence=read.whole("sequence"),
        revision=read.whole("revision"),
        final=read.truth("final"),
        kind=read.word("kind", KINDS),
        kind_by=read.either("kind_by", lambda name: read.word(name, _KINDS_BY)),
        refers=read.either("refers", read.text),
        plate=read.either("plate", read.text),
        confidence=read.either("confidence", read.whole),
        characters=read.entries("characters", canonical.whole),
        alternatives=read.entries("alternatives", _spelling),
        others=read.entries("others", _spelling),
        region=read.either("region", read.text),
        vehicle=read.either("vehicle", lambda name: read.word(name, _VEHICLES)),
        direction=read.either("direction", lambda name: read.word(name, _DIRECTIONS)),
        ways=read.entries("ways", _way),
        first_seen=read.whole("first_seen"),
        best_at=read.whole("best_at"),
        last_seen=read.whole("last_seen"),
        frame=read.either("frame", read.whole),
        timecode=read.either("timecode", read.text),
        flags=read.entries("flags", canonical.text),
        reason=read.either("reason", lambda name: read.word(name, _REASONS)),
        pictures=read.texts("pictures"),
        models=read.texts("models"),
        clock=_clock(read.inside("clock", ("state", "error"))),
    )


def _spelling(value: object, path: str) -> Spelling:
    read = Fields(value, ("plate", "confidence"), within=path)
    return Spelling(read.text("plate"), read.whole("confidence"))


def _way(value: object, path: str) -> Way:
    read = Fields(value, ("camera", "came", "left"), within=path)
    return Way(
        read.text("camera"),
        read.either("came", lambda name: read.word(name, _BORDERS)),
        read.either("left", lambda name: read.word(name, _BORDERS)),
    )


def _clock(read: Fields) -> Clock:
    return Clock(read.word("state", _CLOCK_STATES), read.either("error", read.whole))


def _spelling_object(one: Spelling) -> dict[str, object]:
    return {"plate": one.plate, "confidence": one.confidence}


def _check_names(event: Event) -> None:
    matching("id", event.id, EVENT_ID)
    matching("edge", event.edge, _EDGE)
    matching("camera", event.camera, CAMERA_OR_LANE)
    matching("lane", event.lane, CAMERA_OR_LANE)
    within("sequence", event.sequence, 1)
    within("revision", event.revision, 1)
    for name, hashes in (("pictures", event.pictures), ("models", event.models)):
        at_most(name, hashes, KEYS_MAX)
        for key, sha256 in hashes.items():
            matching(f"a name in {name}", key, PICTURE_NAME)
            matching(f"a hash in {name}", sha256, _SHA256)


def _check_kind(event: Event) -> None:
    matching("refers", event.refers, EVENT_ID)
    if event.kind in ("entry", "exit") and event.kind_by is None:
        raise Malformed("kind_by is missing from an entry or exit")
    if event.kind == "void" and (event.kind_by is not None or event.refers is None):
        raise Malformed("a void event refers to another and has no kind_by")
    if event.refers is not None and event.kind != "void" and "near_match" not in event.flags:
        raise Malformed("refers is for void events and near matches")
    at_most("flags", event.flags, ENTRIES_MAX)
    for flag in event.flags:
        matching("a flag", flag, _FLAG)
    if list(event.flags) != sorted(set(event.flags)):
        raise Malformed("flags are not sorted, each once")


def _check_plate(event: Event) -> None:
    matching("plate", event.plate, _PLATE)
    matching("region", event.region, _REGION)
    if (event.plate is None) != (event.confidence is None):
        raise Malformed("plate and confidence are not known together")
    within("confidence", event.confidence, 0, 1000)
    if len(event.characters) != len(event.plate or ""):
        raise Malformed("characters are not as many as the plate has")
    for thousandths in event.characters:
        within("characters", thousandths, 0, 1000)
    if event.plate is not None and event.reason is not None:
        raise Malformed("reason is for what could not be read")
    for name, spellings in (("alternatives", event.alternatives), ("others", event.others)):
        at_most(name, spellings, ENTRIES_MAX)
        for one in spellings:
            matching(f"a plate in {name}", one.plate, _PLATE)
            within(f"a confidence in {name}", one.confidence, 0, 1000)
        if any(a.confidence < b.confidence for a, b in pairwise(spellings)):
            raise Malformed(f"{name} do not begin with the best")


def _check_time_and_way(event: Event) -> None:
    within("first_seen", event.first_seen, 0)
    within("last_seen", event.last_seen, 0)
    if not event.first_seen <= event.best_at <= event.last_seen:
        raise Malformed("first_seen, best_at and last_seen are not in order")
    within("frame", event.frame, 0)
    matching("timecode", event.timecode, _TIMECODE)
    within("clock.error", event.clock.error, 0)
    at_most("ways", event.ways, ENTRIES_MAX)
    for way in event.ways:
        matching("a camera in ways", way.camera, CAMERA_OR_LANE)
        if way.came is None and way.left is None:
            raise Malformed("a way has no border")
    if any(a.camera >= b.camera for a, b in pairwise(event.ways)):
        raise Malformed("ways are not by camera, each once")


_FIELDS = frozenset(one.name for one in fields(Event)) | {"v"}
KINDS: tuple[Kind, ...] = get_args(Kind)
_KINDS_BY: tuple[KindBy, ...] = get_args(KindBy)
_VEHICLES: tuple[Vehicle, ...] = get_args(Vehicle)
_DIRECTIONS: tuple[Direction, ...] = get_args(Direction)
_BORDERS: tuple[Border, ...] = get_args(Border)
_REASONS: tuple[Reason, ...] = get_args(Reason)
_CLOCK_STATES: tuple[ClockState, ...] = get_args(ClockState)
