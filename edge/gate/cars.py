"""Who is inside, and what else the lot remembers of a plate (rules 2, 8 and 14).

The gate asks about what may still change as if it had happened, and then takes it back: so
every change is noted while somebody merely `supposes`.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import TypeVar

from edge.gate.matching import HISTORY, Spelling, StrongReadings, near, same
from edge.gate.values import Settled
from edge.gate.ways import Crossed, Ends

CARS_MAX = 100_000
ROOM_MADE = 1_000  # cars dropped at once when full, because the oldest must be searched for
EVENTS_KEPT = 8  # of a car: a settlement names one of them
WAYS_KEPT = 8  # cameras of one lot by which a car's whole way is known

V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class WholeWay:
    """A car's last entry or exit by a camera that saw both ends of its way (rule 7d)."""

    camera: str
    ends: Ends
    kind: Crossed


@dataclass(frozen=True, slots=True)
class Car:
    """What is known of one plate."""

    spelling: Spelling  # as last read; its doubts only where no strong reading answered them
    last_seen: datetime
    others: tuple[str, ...] = ()  # its trailer's plates
    inside: bool = False
    entry: str | None = None  # the event by which it is inside
    events: tuple[str, ...] = ()  # the latest last
    doubted: bool = False  # it may be the one that left: its next event says so
    ways: tuple[WholeWay, ...] = ()
    passes: tuple[datetime, ...] = ()  # rule 14: its latest by crossing or turns
    left_view: tuple[tuple[str, datetime], ...] = ()  # by camera, of its last sighting


class Cars:
    """All cars known, found by any of their plates or by a plate that may be theirs."""

    def __init__(self, cars: Iterable[Car] = (), strong: StrongReadings | None = None) -> None:
        self.strong = strong or StrongReadings()
        self.forgotten = 0
        self._by_text: dict[str, tuple[Car, ...]] = {}  # several only in several regions
        self._by_other: dict[str, str] = {}  # a trailer's plate to its car's text
        self._by_doubt: dict[str, tuple[str, ...]] = {}  # what a car inside may be called instead
        self._by_event: dict[str, str] = {}
        self._undo: list[Callable[[], None]] | None = None
        for car in cars:
            self.put(car)

    def __iter__(self) -> Iterator[Car]:
        for cars in self._by_text.values():
            yield from cars

    def __len__(self) -> int:
        return sum(map(len, self._by_text.values()))

    @contextmanager
    def supposing(self) -> Iterator[None]:
        """Take back on leaving whatever is changed within."""
        self._undo = []
        try:
            yield
        finally:
            undo, self._undo = self._undo, None
            for take_back in reversed(undo or ()):
                take_back()

    def found(self, spelling: Spelling, others: Iterable[str]) -> list[Car]:
        """Return the cars that bear one of these plates, the first plate's own first."""
        cars = self.bearing(spelling.text, spelling)
        for text in others:
            cars += [car for car in self.bearing(text) if car not in cars]
        return cars

    def bearing(self, text: str, spelling: Spelling | None = None) -> list[Car]:
        """Return the cars with this plate, or this one's trailer; of its region if one is given."""
        own = self._by_text.get(text, ())
        cars = [car for car in own if spelling is None or same(car.spelling, spelling)]
        puller = self._by_other.get(text)
        if puller is not None and puller != text:
            cars += [car for car in self._by_text.get(puller, ()) if text in car.others]
        return cars

    def near(self, spelling: Spelling) -> list[Car]:
        """Return the cars inside that this reading may mean, or that may have been misread so."""
        texts = dict.fromkeys(self._by_doubt.get(spelling.text, ()))
        for place, runners in spelling.weak:
            for character in runners:
                texts[spelling.text[:place] + character + spelling.text[place + 1 :]] = None
        return [
            car
            for text in texts
            for car in self._by_text.get(text, ())
            if car.inside and near(car.spelling, spelling)
        ]

    def put(self, car: Car, instead_of: Car | None = None) -> None:
        """Remember a car, in place of what was known of it."""
        if instead_of is not None:
            self.drop(instead_of)
        text = car.spelling.text
        self._set(self._by_text, text, (*self._by_text.get(text, ()), car))
        for other in car.others:
            self._set(self._by_other, other, text)
        for event in car.events:
            self._set(self._by_event, event, text)
        if car.inside:
            for doubt in _doubts(car.spelling):
                texts = self._by_doubt.get(doubt, ())
                if text not in texts:
                    self._set(self._by_doubt, doubt, (*texts, text))

    def learn(self, cars: Iterable[Car], strong: Mapping[str, tuple[datetime | None, ...]]) -> None:
        """Take in what another gate knew; of a car that both know, the later sighting holds."""
        for car in cars:
            known = next(iter(self.found(car.spelling, ())), None)
            if known is None:
                self.put(car)
            elif car.last_seen > known.last_seen:
                self.put(car, known)
        for text, times in strong.items():
            self.strong.times.setdefault(text, times)

    def drop(self, car: Car) -> None:
        text = car.spelling.text
        rest = tuple(one for one in self._by_text.get(text, ()) if one is not car)
        self._set(self._by_text, text, rest or None)
        for other in car.others:
            if self._by_other.get(other) == text:
                self._set(self._by_other, other, None)
        for event in car.events:
            self._set(self._by_event, event, None)
        for doubt in _doubts(car.spelling) if car.inside else ():
            texts = tuple(one for one in self._by_doubt.get(doubt, ()) if one != text)
            self._set(self._by_doubt, doubt, texts or None)

    def settle(self, settled: Settled) -> bool:
        """Believe people and other edges; False where the event's car is not known here."""
        car = self.of_event(settled.event)
        if car is None:
            return False
        inside = settled.side == "in"
        last_seen = max(car.last_seen, settled.came) if inside else car.last_seen
        entry = (car.entry or settled.event) if inside else None
        self.put(replace(car, inside=inside, entry=entry, doubted=False, last_seen=last_seen), car)
        return True

    def of_event(self, event: str) -> Car | None:
        text = self._by_event.get(event)
        cars = self._by_text.get(text, ()) if text is not None else ()
        return next((car for car in cars if event in car.events), None)

    def note_reading(self, spelling: Spelling, at: datetime) -> None:
        """Remember which characters of a plate were read strongly then."""
        self._set(self.strong.times, spelling.text, self.strong.with_reading(spelling, at))

    def make_room(self) -> None:
        """Forget the cars seen longest ago where there are too many (rule 14)."""
        if len(self._by_text) <= CARS_MAX or self._undo is not None:
            return
        oldest = heapq.nsmallest(ROOM_MADE, self, key=lambda car: car.last_seen)
        for car in oldest:
            self.drop(car)
        self.forgotten += len(oldest)

    def forget_readings(self, before: datetime, unless: Callable[[str], bool]) -> None:
        """Forget strong readings that vouch for nothing any more, unless they may be asked for."""
        times = self.strong.times
        old = [t for t, at in times.items() if all(a is None or a < before - HISTORY for a in at)]
        for text in old:
            if not unless(text):
                del times[text]

    def _set(self, table: dict[str, V], key: str, value: V | None) -> None:
        if self._undo is not None:
            self._undo.append(partial(_write, table, key, table.get(key)))
        _write(table, key, value)


def _write(table: dict[str, V], key: str, value: V | None) -> None:
    if value is None:
        table.pop(key, None)
    else:
        table[key] = value


def _doubts(spelling: Spelling) -> Iterator[str]:
    for place, runners in spelling.weak:
        for character in runners:
            yield spelling.text[:place] + character + spelling.text[place + 1 :]
