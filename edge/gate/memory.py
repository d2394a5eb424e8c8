"""What a sighting changes in who is known and who is inside (rules 2, 8 and 10)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from edge.gate.cars import EVENTS_KEPT, WAYS_KEPT, Car, Cars, WholeWay
from edge.gate.kinds import PASSES_MOST, Judgement, Ruling
from edge.gate.matching import Spelling
from edge.gate.sightings import Sighting
from edge.gate.ways import View


def remember(
    cars: Cars, s: Sighting, views: Sequence[View], judgement: Judgement, ids: Sequence[str]
) -> None:
    """Let the lot know what came of a sighting; `ids` are its events', in their order."""
    if s.spelling is None:
        return
    if judgement.rulings:
        _Change(cars, s, views, judgement.rulings, ids).make()
    cars.note_reading(s.spelling, s.first_seen)
    cars.make_room()


class _Change:
    def __init__(
        self,
        cars: Cars,
        s: Sighting,
        views: Sequence[View],
        rulings: Sequence[Ruling],
        ids: Sequence[str],
    ) -> None:
        assert s.spelling is not None  # who is unread changes nothing
        self._cars = cars
        self._s = s
        self._views = views
        self._ids = tuple(ids)
        self._first, self._last = rulings[0], rulings[-1]
        self._spelling = cars.strong.unvouched(s.spelling, s.first_seen)
        self._known = cars.found(s.spelling, tuple(s.others))

    def make(self) -> None:
        old = next((c for c in self._known if c.spelling.text == self._spelling.text), None)
        if self._last.kind != "seen":
            for car in self._known:
                if car is not old:
                    self._part_from(car)
        leaving = self._last.departure
        if leaving.near is not None:
            self._take_out(leaving.near)
        for car in leaving.candidates:
            if car is not old:
                self._cars.put(replace(car, doubted=True), car)
        self._cars.put(self._renewed(old), old)

    def _part_from(self, car: Car) -> None:
        """A trailer's own record becomes its car's; who had this trailer before has left with it
        or is there without it."""
        if car.spelling.text in self._s.others:
            self._cars.drop(car)
        elif set(car.others) & set(self._s.texts):
            others = tuple(text for text in car.others if text not in self._s.texts)
            inside = car.inside and self._first.kind == "entry"
            entry = car.entry if inside else None
            self._cars.put(replace(car, others=others, inside=inside, entry=entry), car)

    def _take_out(self, car: Car) -> None:
        self._cars.put(
            replace(
                car,
                inside=False,
                entry=None,
                doubted=False,
                last_seen=max(car.last_seen, self._s.last_seen),
                events=(*car.events, *self._ids)[-EVENTS_KEPT:],
            ),
            car,
        )

    def _renewed(self, old: Car | None) -> Car:
        s, last = self._s, self._last
        car = old or Car(self._spelling, s.last_seen)
        candidate = bool(last.departure.candidates)
        stays = last.kind == "seen" or candidate
        inside = car.inside if stays else last.kind == "entry"
        return Car(
            spelling=self._spelling_of(car),
            # Who may have left was perhaps not the one in view: that renews nothing.
            last_seen=car.last_seen if candidate and old else max(car.last_seen, s.last_seen),
            # Who stays where it was takes no trailer from whom it was last seen with.
            others=car.others if stays else tuple(s.others) or car.others,
            inside=inside,
            entry=(car.entry if stays else self._ids[-1]) if inside else None,
            events=self._events(car),
            doubted=candidate and inside if candidate else car.doubted and stays,
            ways=self._ways(car),
            passes=self._passes(car),
            left_view=self._left_view(),
        )

    def _spelling_of(self, car: Car) -> Spelling:
        region = self._spelling.region or car.spelling.region
        return replace(self._spelling, region=region)

    def _events(self, car: Car) -> tuple[str, ...]:
        if self._last.departure.near is not None:
            return car.events  # it is the other car's
        return (*car.events, *self._ids)[-EVENTS_KEPT:]

    def _ways(self, car: Car) -> tuple[WholeWay, ...]:
        kind = self._last.kind
        if kind == "seen" or self._last.by == "turn":
            return car.ways
        new = tuple(
            WholeWay(view.camera.name, view.ends, kind)
            for view in self._views
            if view.sees_both_ends and not view.turned
        )
        seen = {way.camera for way in new}
        return (*new, *(way for way in car.ways if way.camera not in seen))[:WAYS_KEPT]

    def _passes(self, car: Car) -> tuple[datetime, ...]:
        by_state = self._last.by in ("crossing", "turns") or "restless" in self._last.flags
        return (*car.passes, self._s.first_seen)[-PASSES_MOST:] if by_state else car.passes

    def _left_view(self) -> tuple[tuple[str, datetime], ...]:
        left: dict[str, datetime] = {}
        for one in self._s.members:
            camera = one.passage.camera
            left[camera] = max(left.get(camera, one.passage.last_seen), one.passage.last_seen)
        return tuple(sorted(left.items()))
