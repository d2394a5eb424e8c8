"""Weeks of a lot, drawn from a seed with their truth: what its gate says of them, and what was so.

Cars are commuters, residents and visitors. The camera's faults are those of a gate: crossings it
does not see, borders it does not see, characters it takes for others, hours it is blind.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Literal

from contract.blind import Blind
from contract.event import Border, Clock, Event, Spelling
from contract.ids import uuid7
from contract.plates import confusables
from edge import gate
from edge.cameras import Camera
from edge.gate import GateSettings, Verdict, final_events
from edge.values import Box, Look, Passage, Reading
from lot.times import microseconds

Kind = Literal["entry", "exit"]

START = datetime(2026, 3, 2, tzinfo=timezone.utc)  # a Monday
HOUR, DAY = 3600.0, 86_400.0
_STRONG = 0.97
_BOX = Box(0.4, 0.7, 0.5, 0.74)


@dataclass(frozen=True, slots=True)
class Scene:
    """How a lot's cameras are put up, and what they get wrong."""

    ways_seen: float = 0.9  # each border
    borders_wrong: float = 0.01
    cameras: int = 1  # 2: one sees who comes, one who leaves; nobody told them so
    from_hour: float = 0.0  # the camera is put up then; 12: with cars inside
    weeks: float = 3.0
    commuters: int = 45
    residents: int = 15
    visitors_a_day: float = 22.0
    missed: float = 0.02
    misread_weak: float = 0.015
    misread_strong: float = 0.003
    blind_a_week: float = 1.0  # times of an hour or so
    sides_named: bool = False
    crossed_by_the_other: float = 0.01  # of two cameras


@dataclass(frozen=True, slots=True)
class Crossing:
    """What was so."""

    car: str
    kind: Kind
    at: float  # seconds since START


@dataclass(slots=True)
class Weeks:
    """Events as an edge would have told them, and the truth of each."""

    events: list[Event]
    blind: list[Blind]
    truth: dict[str, Crossing]  # by event id
    crossings: list[Crossing] = field(default_factory=list)  # unseen ones too


def drawn(scene: Scene, seed: int) -> Weeks:
    """Draw a lot's weeks and let the gate rule on them."""
    random = Random(seed)  # noqa: S311 - a figure must be drawn alike each time
    crossings = sorted(_crossings(scene, random), key=lambda one: one.at)
    blind = _blind(scene, random)
    passages: list[Passage] = []
    seen: dict[str, Crossing] = {}
    for number, one in enumerate(crossings):
        if one.at < scene.from_hour * HOUR or any(a <= one.at <= b for a, b in blind):
            continue
        if random.random() < scene.missed:
            continue
        passage = _passage(f"p{number}", one, scene, random)
        passages.append(passage)
        seen[passage.id] = one
    cameras = {name: _camera(name, scene) for name in ("north", "south")}
    dark = [gate.Blind("north", _at(a), _at(b)) for a, b in blind]
    told = final_events(passages, cameras, GateSettings(), _event_id, blind=dark)
    weeks = Weeks([], [Blind("north", _us(a), _us(b), "no_frames") for a, b in blind], {})
    weeks.crossings = crossings
    for sequence, verdict in enumerate(sorted(told.events, key=lambda v: v.first_seen), 1):
        weeks.events.append(_event(verdict, sequence))
        weeks.truth[verdict.id] = seen[verdict.passages[0][1]]
    return weeks


def plates(count: int, random: Random) -> list[str]:
    """Draw distinct plates of a shape that Texas issues."""
    letters = "BCDFGHJKLMNPRSTVWXYZ"
    found: dict[str, None] = {}
    while len(found) < count:
        text = "".join(random.choices(letters, k=3)) + f"{random.randrange(10_000):04d}"
        found[text] = None
    return list(found)


def _crossings(scene: Scene, random: Random) -> Iterator[Crossing]:
    days = round(scene.weeks * 7)
    texts = iter(plates(scene.commuters + scene.residents + 10_000, random))
    for _ in range(scene.commuters):
        yield from _pairs(next(texts), _commutes(days, random))
    for _ in range(scene.residents):
        yield from _pairs(next(texts), _nights(days, random))
    regulars: list[str] = []
    for day in range(days):
        for _ in range(_poisson(scene.visitors_a_day, random)):
            again = regulars and random.random() < 0.4
            car = random.choice(regulars) if again else next(texts)
            if not again:
                regulars.append(car)
            came = day * DAY + random.triangular(8, 21, 12) * HOUR
            yield from _pairs(car, [(came, came + random.lognormvariate(0.3, 0.8) * HOUR)])


def _commutes(days: int, random: Random) -> list[tuple[float, float]]:
    came, left = random.uniform(6.5, 9.5), random.uniform(15.5, 18.5)
    stays = []
    for day in range(days):
        if day % 7 >= 5 or random.random() < 0.1:
            continue
        begin = day * DAY + (came + random.gauss(0, 0.3)) * HOUR
        end = day * DAY + (left + random.gauss(0, 0.6)) * HOUR
        if random.random() < 0.25:  # out for lunch
            noon = day * DAY + random.gauss(12, 0.3) * HOUR
            stays += [(begin, noon), (noon + random.uniform(0.4, 1.2) * HOUR, end)]
        else:
            stays.append((begin, end))
    return stays


def _nights(days: int, random: Random) -> list[tuple[float, float]]:
    """Return the stays of one who lives there: home by evening, or all day."""
    stays = []
    home = -random.uniform(1, 10) * HOUR
    for day in range(days):
        if random.random() < (0.3 if day % 7 >= 5 else 0.1):
            continue
        gone = day * DAY + random.gauss(8, 0.7) * HOUR
        back = day * DAY + random.gauss(18, 1.2) * HOUR
        stays.append((home, gone))
        home = back
    stays.append((home, days * DAY))
    return stays


def _pairs(car: str, stays: Sequence[tuple[float, float]]) -> Iterator[Crossing]:
    free = -float("inf")
    for came, left in stays:
        if came < free + 120:  # a repeated visitor who is still there
            continue
        free = max(left, came + 180)
        yield Crossing(car, "entry", came)
        yield Crossing(car, "exit", free)


def _poisson(mean: float, random: Random) -> int:
    count, left = 0, random.expovariate(1.0)
    while left < mean:
        count += 1
        left += random.expovariate(1.0)
    return count


def _blind(scene: Scene, random: Random) -> list[tuple[float, float]]:
    found = []
    for _ in range(_poisson(scene.blind_a_week * scene.weeks, random)):
        begin = random.uniform(0, scene.weeks * 7 * DAY)
        found.append((begin, begin + random.expovariate(1 / HOUR)))
    return found


def _camera(name: str, scene: Scene) -> Camera:
    if scene.sides_named:
        return Camera(name, street=frozenset({"bottom"}))
    return Camera(name)


def _passage(name: str, one: Crossing, scene: Scene, random: Random) -> Passage:
    entry = one.kind == "entry"
    camera = "north"
    if scene.cameras == 2 and entry == (random.random() < scene.crossed_by_the_other):
        camera = "south"
    ends: list[Border | None] = ["bottom", "top"] if entry else ["top", "bottom"]
    for n in (0, 1):
        if random.random() < scene.borders_wrong:
            ends[n] = random.choice(("left", "right", "top", "bottom"))
        if random.random() >= scene.ways_seen:
            ends[n] = None
    if ends[0] == ends[1]:
        ends[1] = None
    begin, lasting = _at(one.at), timedelta(seconds=random.uniform(3, 12))
    reading = _reading(one.car, scene, random)
    look = Look(reading, begin + lasting / 2, 1, _BOX, 120.0, 1.0)
    return Passage(
        id=name,
        camera=camera,
        first_seen=begin,
        last_seen=begin + lasting,
        came_by=ends[0],
        left_by=ends[1],
        stood_first=None,
        stood_last=None,
        moved=True,
        went_length=True,
        lane=None,
        vehicle="car",
        looks=(look, look),
        no_plate=None,
        legible=True,
        others=(),
        best_frame=1,
        ended=True,
    )


def _reading(plate: str, scene: Scene, random: Random) -> Reading:
    sure = [_STRONG] * len(plate)
    runners: list[tuple[tuple[str, float], ...]] = [()] * len(plate)
    chance = random.random()
    if chance < 2 * scene.misread_weak:  # half of the weak readings are right
        place = random.randrange(len(plate))
        looks = confusables(plate[place])
        if looks:
            other = random.choices([c for c, _ in looks], [w for _, w in looks])[0]
            read, runner = (other, plate[place])
            if chance < scene.misread_weak:
                read, runner = runner, read
            sure[place], runners[place] = 0.6, ((runner, 0.35),)
            plate = plate[:place] + read + plate[place + 1 :]
    elif chance < 2 * scene.misread_weak + scene.misread_strong:
        place = random.randrange(len(plate))
        looks = confusables(plate[place])
        if looks:
            plate = plate[:place] + looks[0][0] + plate[place + 1 :]
    return Reading(plate, tuple(sure), tuple(runners), "drawn")


def _event_id(passage: Passage, part: int, time: datetime) -> str:
    digest = hashlib.sha256(f"{passage.id}/{part}".encode()).digest()
    return uuid7(microseconds(time), int.from_bytes(digest[:9], "big") | part)


def _event(verdict: Verdict, sequence: int) -> Event:
    def thousandths(share: float) -> int:
        return min(1000, max(0, round(share * 1000)))

    def spellings(pairs: Sequence[tuple[str, float]]) -> tuple[Spelling, ...]:
        return tuple(Spelling(text, thousandths(share)) for text, share in pairs)

    return Event(
        id=verdict.id,
        edge="0" * 32,
        camera=verdict.camera,
        lane=verdict.lane,
        sequence=sequence,
        revision=1,
        final=True,
        kind=verdict.kind,
        kind_by=verdict.kind_by,
        refers=verdict.refers,
        plate=verdict.plate,
        confidence=None if verdict.confidence is None else thousandths(verdict.confidence),
        characters=tuple(map(thousandths, verdict.characters)),
        alternatives=spellings(verdict.alternatives),
        others=spellings(verdict.others),
        region=verdict.region,
        vehicle=verdict.vehicle,
        direction=verdict.direction,
        ways=verdict.ways,
        first_seen=microseconds(verdict.first_seen),
        best_at=microseconds(verdict.best_at),
        last_seen=microseconds(verdict.last_seen),
        frame=verdict.frame,
        timecode=None,
        flags=verdict.flags,
        reason=verdict.reason,
        pictures={},
        models={},
        clock=Clock("ntp", None),
    )


def _at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def _us(seconds: float) -> int:
    return microseconds(_at(seconds))
