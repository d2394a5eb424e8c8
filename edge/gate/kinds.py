"""Entry, exit or seen, and the ground for it (rules 7 to 11 and 14).

Grounds are tried from the surest: what was seen of the way (turn, direction), what the owner
says of the camera (role), half a way or this car's own habit (crossing), and last whose turn it
is (turns). Only the last two can be inverted by a car that was missed, so only they are doubted
after blindness, and held back where a plate shows too often to be a customer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Literal

from edge.gate.blindness import Blindness
from edge.gate.cars import Car, Cars
from edge.gate.counting import uncounted
from edge.gate.departures import NOBODY, Departure, InView, departure
from edge.gate.sightings import Sighting
from edge.gate.values import GateSettings, Part, Sealed, Uncounted
from edge.gate.ways import OTHER, Crossed, View, opposite_ways, same_way

PASSES_MOST = 10  # rule 14: by crossing or turns, in so long a time
PASSES_DURING = timedelta(hours=3)

Ruled = Literal["entry", "exit", "seen"]
Ground = Literal["turn", "direction", "role", "crossing", "turns"]
_SUREST: tuple[Ground, ...] = ("turn", "direction", "role")


@dataclass(frozen=True, slots=True)
class Ruling:
    """The kind of one event of a sighting, and why."""

    kind: Ruled
    by: Ground | None
    view: View  # of the camera whose ground it is
    flags: frozenset[str] = frozenset()
    departure: Departure = NOBODY
    part: Part = 1

    def flagged(self, *flags: str) -> Ruling:
        return replace(self, flags=self.flags | set(flags))


@dataclass(frozen=True, slots=True)
class Judgement:
    """What comes of a sighting: one event, the two of a turn, or the reason for none."""

    rulings: tuple[Ruling, ...] = ()
    uncounted: Uncounted | None = None


class Judge:
    """Rules on sightings in their order, and remembers what each did to who is inside."""

    def __init__(
        self,
        cars: Cars,
        settings: GateSettings,
        blindness: Blindness,
        sealed: Sequence[Sealed],
        in_view: InView,
    ) -> None:
        self._cars = cars
        self._settings = settings
        self._blindness = blindness
        self._sealed = sealed
        self._in_view = in_view

    def judge(self, s: Sighting, views: Sequence[View]) -> Judgement:
        """Rule on a sighting, given what is known of all sightings before it."""
        reason = uncounted(s, views, self._settings)
        if reason is not None:
            return Judgement(uncounted=reason)
        if s.spelling is None:
            return Judgement(_unread(views))
        known = self._cars.found(s.spelling, tuple(s.others))
        case = _Case(s, views, known, self._settings.longest_stay)
        rulings = self._rulings(case)
        if not self._settings.of_a_format(s.spelling.text):
            rulings = tuple(ruling.flagged("doubtful") for ruling in rulings)
        if s.others:
            rulings = tuple(ruling.flagged("two_plates") for ruling in rulings)
        doubted = any(car.doubted for r in rulings for car in (*known, *r.departure.found))
        if doubted:
            rulings = tuple(ruling.flagged("two_candidates") for ruling in rulings)
        return Judgement(rulings)

    def _rulings(self, case: _Case) -> tuple[Ruling, ...]:
        best = surest(case.views)
        if not case.s.moved:
            return (Ruling("seen", None, best[1] if best else widest(case.views)),)
        if best is None:
            return (self._by_state(case),)
        ground, view = best
        if ground == "turn":
            return _turn(case, view)
        return (self._crossed(case, _by_view(ground, view)),)

    def _crossed(self, case: _Case, ruling: Ruling) -> Ruling:
        """Rule 10: keep and flag what cannot be; nothing is invented."""
        if ruling.kind == "entry":
            return ruling.flagged("missed_exit") if case.inside else ruling
        leaving = self._departure(case)
        ruling = replace(ruling, departure=leaving)
        if leaving.candidates:
            return ruling.flagged("two_candidates")
        if leaving.near:
            return ruling.flagged("near_match")
        return ruling if leaving.equal else ruling.flagged("missed_entry")

    # Rules 7d and 7e

    def _by_state(self, case: _Case) -> Ruling:
        ruling = self._by_crossing(case) or self._by_turns(case)
        if self._hidden_by_blindness(case, ruling):
            return Ruling("seen", None, ruling.view, frozenset({"after_blind"}))
        flags = self._doubts(case, ruling)
        if case.passes_during(PASSES_DURING) >= PASSES_MOST:
            return Ruling("seen", None, ruling.view, flags | {"restless"})
        return replace(ruling, flags=ruling.flags | flags)

    def _by_crossing(self, case: _Case) -> Ruling | None:
        for view in sorted(case.views, key=lambda v: -v.width):
            kind = view.half_way or case.by_habit(view)
            if kind is None:
                continue
            if kind == "entry" and case.surely_inside and view.came is None:
                return Ruling("seen", "crossing", view)
            return self._crossed(case, Ruling(kind, "crossing", view))
        return None

    def _by_turns(self, case: _Case) -> Ruling:
        view = widest(case.views)
        leaving = self._departure(case)
        only_overdue = leaving.by_exact_plate_only and not case.surely_inside
        kind: Crossed = "exit" if leaving.found and not only_overdue else "entry"
        return self._crossed(case, Ruling(kind, "turns", view))

    def _departure(self, case: _Case) -> Departure:
        return departure(case.s, case.known, self._cars, self._settings.longest_stay, self._in_view)

    # Rules 8 and 9

    def _hidden_by_blindness(self, case: _Case, ruling: Ruling) -> bool:
        """A car in view when blindness began, and there soon after, has not moved since."""
        first_there: dict[str, datetime] = {}
        for one in case.s.members:
            first_there.setdefault(one.passage.camera, one.passage.first_seen)
        return any(
            camera in first_there
            and self._blindness.hid(camera, left, first_there[camera], self._settings.window)
            for car in (*case.known, *ruling.departure.found)
            for camera, left in car.left_view
        )

    def _doubts(self, case: _Case, ruling: Ruling) -> frozenset[str]:
        flags = set()
        at = case.s.first_seen
        cars = ruling.departure.found or case.known
        since = max(
            min((car.last_seen for car in cars), default=datetime.min.replace(tzinfo=at.tzinfo)),
            at - self._settings.longest_stay,
        )
        if self._blindness.altogether(since, at) >= self._settings.window:
            flags.add("after_blind")
        start = self._settings.first_start
        just_started = start is not None and at - start < self._settings.longest_stay
        if (just_started and not cars) or any(
            one.first <= at and (one.last is None or at < one.last) for one in self._sealed
        ):
            flags.add("state_unknown")
        return frozenset(flags)


class _Case:
    """A read sighting, and the cars that bear its plates."""

    def __init__(
        self, s: Sighting, views: Sequence[View], known: Sequence[Car], longest_stay: timedelta
    ) -> None:
        self.s = s
        self.views = views
        self.known = known
        self.inside = [car for car in known if car.inside]
        self.surely_inside = [
            car for car in self.inside if s.first_seen - car.last_seen <= longest_stay
        ]

    def by_habit(self, view: View) -> Crossed | None:
        """Return what the same or the opposite way was when this car last went it here.

        It is forgotten when the stay is overdue: that stay began with a miss.
        """
        if self.inside and not self.surely_inside:
            return None
        for car in self.known:
            for way in car.ways:
                if way.camera != view.camera.name:
                    continue
                if same_way(way.ends, view.ends):
                    return way.kind
                if opposite_ways(way.ends, view.ends):
                    return OTHER[way.kind]
        return None

    def passes_during(self, time: timedelta) -> int:
        since = self.s.first_seen - time
        return max((sum(at > since for at in car.passes) for car in self.known), default=0)


def surest(views: Sequence[View]) -> tuple[Ground, View] | None:
    """Return the best ground of rules 7a to c; of one kind, by the camera with the widest plate."""
    found: list[tuple[Ground, View]] = []
    for view in views:
        if view.turned:
            found.append(("turn", view))
        elif view.whole_way:
            found.append(("direction", view))
        elif _role(view):
            found.append(("role", view))
    return min(found, key=lambda f: (_SUREST.index(f[0]), -f[1].width), default=None)


def widest(views: Iterable[View]) -> View:
    return max(views, key=lambda view: view.width)


def _role(view: View) -> Crossed | None:
    return None if view.camera.role == "both" else view.camera.role


def _by_view(ground: Ground, view: View) -> Ruling:
    """Rules 7b and 7c."""
    role = _role(view)
    kind = (view.whole_way if ground == "direction" else None) or role
    assert kind is not None  # one of them made this the ground
    ruling = Ruling(kind, ground, view)
    return ruling.flagged("wrong_way") if role == OTHER[kind] else ruling


def _turn(case: _Case, view: View) -> tuple[Ruling, ...]:
    """Rule 7a."""
    from_street = view.turned_from_street
    if from_street is None:
        from_street = not case.surely_inside
    if not from_street:
        return (Ruling("seen", "turn", view, frozenset({"turned_back"})),)
    entry = Ruling("entry", "turn", view)
    return (
        entry.flagged("missed_exit") if case.inside else entry,
        Ruling("exit", "turn", view, part=2),
    )


def _unread(views: Sequence[View]) -> tuple[Ruling, ...]:
    """Rule 11: an unread vehicle's kind is what can be said without knowing who it is."""
    best = surest(views)
    if best is None:
        return (Ruling("seen", None, widest(views)),)
    ground, view = best
    if ground != "turn":
        return (_by_view(ground, view),)
    if view.turned_from_street is None:
        return (Ruling("seen", None, view),)
    if not view.turned_from_street:
        return (Ruling("seen", "turn", view, frozenset({"turned_back"})),)
    return (Ruling("entry", "turn", view), Ruling("exit", "turn", view, part=2))
