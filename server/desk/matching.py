"""Which car is the one that is expected, and which is on a list.

Nobody writes down that a booking has come: it is told from the bookings and the visits each time,
so a corrected plate or a late event mends it, and no row joins a person to an event.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.plates import confusable
from server.desk.values import Booking, Known
from server.visits.values import Visit, place_apart

Standing = Literal["expected", "late", "no_show", "came", "left", "cancelled"]
STANDINGS: tuple[Standing, ...] = ("expected", "late", "no_show", "came", "left", "cancelled")
Likeness = Literal["same", "near"]

MINUTE_US = 60_000_000
EARLY_US = 120 * MINUTE_US  # who comes two hours before is the one who booked
GRACE_US = 15 * MINUTE_US  # until then nobody calls a guest late


@dataclass(frozen=True, slots=True)
class Stand:
    """How a booking stands: by which visit, and how like its plate is to the booked one."""

    booking: Booking
    standing: Standing
    visit: Visit | None
    likeness: Likeness | None


@dataclass(frozen=True, slots=True)
class Hit:
    """A car that is on a list."""

    known: Known
    visit: Visit
    likeness: Likeness


def likeness(one: str | None, other: str | None) -> Likeness | None:
    """Say whether two plates are the same, or one letter apart that cameras confuse."""
    if not one or not other:
        return None
    if one == other:
        return "same"
    place = place_apart(one, other)
    return "near" if place is not None and confusable(one[place], other[place]) else None


def stands(bookings: Iterable[Booking], visits: Sequence[Visit], now: int) -> list[Stand]:
    """Return how bookings stand, the earliest first; no visit is given to two of them.

    What the desk said decides first, then equal plates, then those that a camera may have confused.
    """
    ordered = sorted(bookings, key=lambda one: (one.begins, one.ends, one.id))
    expected = [one for one in ordered if one.state == "expected"]
    taken: dict[bytes, tuple[Visit, Likeness]] = {}
    free = {one.id: one for one in sorted(visits, key=lambda one: (one.at, one.id))}
    for fits in (_said, _same, _near):
        for booking in expected:
            if booking.id in taken:
                continue
            found = next((one for one in free.values() if fits(booking, one)), None)
            if found is not None:
                taken[booking.id] = (found, "near" if fits is _near else "same")
                del free[found.id]
    return [_stand(one, taken, now) for one in ordered]


def hits(known: Iterable[Known], visits: Iterable[Visit]) -> Iterator[Hit]:
    """Yield cars that are on a list when they come, the same plates before the like ones."""
    spelt: defaultdict[str, dict[str, Visit]] = defaultdict(dict)
    for visit in visits:
        for holed in _holed(visit.plate or ""):
            spelt[holed][visit.id] = visit
    found = [
        Hit(one, visit, how)
        for one in known
        for visit in _alike(one.plate, spelt)
        if one.holds(visit.at) and (how := likeness(one.plate, visit.plate)) is not None
    ]
    yield from sorted(found, key=lambda hit: (hit.likeness != "same", -hit.visit.at, hit.known.id))


def _alike(plate: str, spelt: Mapping[str, Mapping[str, Visit]]) -> Iterable[Visit]:
    found: dict[str, Visit] = {}
    for holed in _holed(plate):
        found.update(spelt.get(holed, {}))
    return found.values()


def _holed(plate: str) -> Iterator[str]:
    """Yield a plate with each letter left out in turn: who is a letter apart shares one of them.

    So thousands of listed plates are not compared with each car.
    """
    for at in range(len(plate)):
        yield f"{plate[:at]}?{plate[at + 1 :]}"


def _stand(booking: Booking, taken: Mapping[bytes, tuple[Visit, Likeness]], now: int) -> Stand:
    if booking.state == "cancelled":
        return Stand(booking, "cancelled", None, None)
    if booking.id in taken:
        visit, how = taken[booking.id]
        return Stand(booking, "came" if visit.inside else "left", visit, how)
    if now >= booking.ends:
        return Stand(booking, "no_show", None, None)
    late = now >= booking.begins + GRACE_US
    return Stand(booking, "late" if late else "expected", None, None)


def _said(booking: Booking, visit: Visit) -> bool:
    return booking.event is not None and booking.event in (visit.entry, visit.exit, *visit.during)


def _same(booking: Booking, visit: Visit) -> bool:
    return _in_time(booking, visit) and likeness(booking.plate, visit.plate) == "same"


def _near(booking: Booking, visit: Visit) -> bool:
    return _in_time(booking, visit) and likeness(booking.plate, visit.plate) == "near"


def _in_time(booking: Booking, visit: Visit) -> bool:
    """A car that the desk assigned elsewhere, or that came days before, is another visit."""
    came = visit.entered_at
    on_time = came is not None and booking.begins - EARLY_US <= came < booking.ends
    return booking.event is None and on_time
