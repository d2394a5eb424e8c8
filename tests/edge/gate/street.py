"""Cars for the gate's tests, told in the words of the lot.

    car("8ABC123").at(0).until(8).came("bottom").left("top")

is a passage of eight seconds from the bottom of the picture to its top. Seconds count from noon.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta, timezone
from itertools import count

from edge.cameras import Camera
from edge.gate import Blind, GateSettings, Outcome, Sealed, Settled, Verdict, final_events
from edge.values import (
    Along,
    Border,
    Box,
    LaneTouch,
    Look,
    NoPlate,
    Passage,
    Reading,
    Vehicle,
)

NOON = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
MINUTE, HOUR, DAY = 60.0, 3600.0, 86400.0
A_MICROSECOND = 1e-6
AT_BARRIER = Box(0.3, 0.4, 0.6, 0.8)
BEHIND_IT = Box(0.1, 0.1, 0.3, 0.3)  # a place in the queue, apart from the one at the barrier
AS_DELIVERED = GateSettings()
TOLD_AT_ONCE = GateSettings(told_within=timedelta(0))
_NUMBERS = count()


def at(seconds: float) -> datetime:
    return NOON + timedelta(microseconds=round(seconds * 1e6))


def box(place: Box | None, *, shifted: float = 0.0) -> Box | None:
    if place is None:
        return None
    return Box(place.left + shifted, place.top, place.right + shifted, place.bottom)


@dataclass(frozen=True)
class Told:
    """A passage being told; each word gives another one."""

    plate: str | None
    begin: float = 0.0
    end: float = 5.0
    camera: str = "gate"
    way: tuple[Border | None, Border | None] = (None, None)
    stood: tuple[Box | None, Box | None] = (None, None)
    has_moved: bool = True
    length: bool = True
    lane: LaneTouch | None = None
    doubts: Mapping[int, Mapping[str, float]] = field(default_factory=dict)  # place: its runners
    region: str | None = None
    region_sure: float = 0.0
    width: float = 120.0
    reads: Sequence[float] = (1.0, 2.0)  # when, in seconds from its begin
    is_legible: bool = True
    why: NoPlate | None = None
    pulls: tuple[tuple[str, float], ...] = ()
    vehicle: Vehicle | None = "car"
    open: bool = False
    name: str = ""

    def at(self, begin: float) -> Told:
        """Appear then, for as long as before."""
        return replace(self, begin=begin, end=begin + self.end - self.begin)

    def until(self, end: float) -> Told:
        return replace(self, end=end)

    def lasting(self, seconds: float) -> Told:
        return replace(self, end=self.begin + seconds)

    def by(self, camera: str) -> Told:
        return replace(self, camera=camera)

    def came(self, border: Border) -> Told:
        return replace(self, way=(border, self.way[1]))

    def left(self, border: Border) -> Told:
        return replace(self, way=(self.way[0], border))

    def standing(self, place: Box = AT_BARRIER) -> Told:
        """Stand there when first seen and when last seen."""
        return replace(self, stood=(place, place))

    def standing_first(self, place: Box = AT_BARRIER) -> Told:
        return replace(self, stood=(place, self.stood[1]))

    def standing_last(self, place: Box = AT_BARRIER) -> Told:
        return replace(self, stood=(self.stood[0], place))

    def never_moving(self) -> Told:
        return replace(self, has_moved=False, length=False)

    def not_its_length(self) -> Told:
        return replace(self, length=False)

    def along(self, lane: str, how: Along = "along") -> Told:
        return replace(self, lane=LaneTouch(lane, how))

    def weakly(self, place: int, runner: str, share: float = 0.3) -> Told:
        """Be read with one character in doubt, and what it may be instead."""
        runners = {**self.doubts.get(place, {}), runner: share}
        return replace(self, doubts={**self.doubts, place: runners})

    def of(self, region: str, sure: float = 0.95) -> Told:
        return replace(self, region=region, region_sure=sure)

    def wide(self, pixels: float) -> Told:
        return replace(self, width=pixels)

    def read_at(self, *seconds: float) -> Told:
        return replace(self, reads=seconds)

    def far_off(self) -> Told:
        return replace(self, is_legible=False)

    def because(self, reason: NoPlate) -> Told:
        return replace(self, why=reason)

    def pulling(self, plate: str, sure: float = 0.95) -> Told:
        return replace(self, pulls=(*self.pulls, (plate, sure)))

    def without_vehicle(self) -> Told:
        return replace(self, vehicle=None)

    def still_open(self) -> Told:
        return replace(self, open=True)

    def named(self, name: str) -> Told:
        return replace(self, name=name)

    def passage(self) -> Passage:
        return Passage(
            id=self.name or f"p{next(_NUMBERS):06d}",
            camera=self.camera,
            first_seen=at(self.begin),
            last_seen=at(self.end),
            came_by=self.way[0],
            left_by=self.way[1],
            stood_first=self.stood[0],
            stood_last=self.stood[1],
            moved=self.has_moved,
            went_length=self.length,
            lane=self.lane,
            vehicle=self.vehicle,
            looks=self._looks(),
            no_plate=(self.why or "none_found") if self.plate is None else None,
            legible=self.is_legible,
            others=self.pulls,
            best_frame=int(self.begin * 10) if self.begin >= 0 else 0,
            ended=not self.open,
        )

    def _looks(self) -> tuple[Look, ...]:
        if self.plate is None:
            return ()
        places = range(len(self.plate))
        reading = Reading(
            self.plate,
            tuple(0.97 - sum(self.doubts.get(i, {}).values()) for i in places),
            tuple(tuple(self.doubts.get(i, {}).items()) for i in places),
            "test",
            self.region,
            self.region_sure,
        )
        return tuple(
            Look(
                reading,
                at(self.begin + after),
                int((self.begin + after) * 10),
                Box(0.4, 0.6, 0.5, 0.65),
                self.width,
                1.0,
            )
            for after in self.reads
        )


def car(plate: str) -> Told:
    return Told(plate)


def unread() -> Told:
    return Told(None)


def blind(first: float, last: float, camera: str = "gate") -> Blind:
    return Blind(camera, at(first), at(last))


def name_of(passage: Passage, part: int, _: datetime) -> str:
    """Name an event so that a test can say which one it means."""
    return f"{passage.id}/{part}"


def outcome(
    *told: Told,
    cameras: Iterable[Camera] = (),
    blind: Iterable[Blind] = (),
    settled: Iterable[Settled] = (),
    sealed: Sequence[Sealed] = (),
    settings: GateSettings = AS_DELIVERED,
) -> Outcome:
    return final_events(
        [one.passage() for one in told],
        {camera.name: camera for camera in cameras},
        settings,
        name_of,
        blind=blind,
        settled=settled,
        sealed=sealed,
    )


def events(
    *told: Told,
    cameras: Iterable[Camera] = (),
    blind: Iterable[Blind] = (),
    settled: Iterable[Settled] = (),
    sealed: Sequence[Sealed] = (),
    settings: GateSettings = AS_DELIVERED,
) -> tuple[Verdict, ...]:
    return outcome(
        *told, cameras=cameras, blind=blind, settled=settled, sealed=sealed, settings=settings
    ).events


def said(verdicts: Iterable[Verdict]) -> list[str]:
    """Say each event in a line: its kind, its plate, its flags."""
    return [" ".join((v.kind, v.plate or "unread", *v.flags)) for v in verdicts]


STREET_BELOW = Camera("gate", street=frozenset({"bottom"}))
ENTRY = Camera("entry", role="entry")
EXIT = Camera("exit", role="exit")
