"""Which car inside is the one that leaves (rule 2).

The one with this plate, else the one that this reading may mean. Where several may be meant,
nobody is taken out: each stays inside, doubted, until people settle it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from edge.gate.cars import Car, Cars
from edge.gate.matching import Spelling, near, one_apart
from edge.gate.sightings import Sighting

# Says whether this plate was in view, elsewhere, while the sighting lasted.
InView = Callable[[Spelling, Sighting], bool]


@dataclass(frozen=True, slots=True)
class Departure:
    """The cars that leave; one found by a near spelling; or those that may be meant."""

    equal: tuple[Car, ...] = ()
    near: Car | None = None
    candidates: tuple[Car, ...] = ()

    @property
    def found(self) -> tuple[Car, ...]:
        return self.equal + ((self.near,) if self.near else ()) + self.candidates

    @property
    def by_exact_plate_only(self) -> bool:
        return self.near is None and not self.candidates


NOBODY = Departure()


def departure(
    s: Sighting, known: Sequence[Car], cars: Cars, longest_stay: timedelta, in_view: InView
) -> Departure:
    """Find who would leave with this sighting; `known` are the cars that bear its plates."""
    spelling = s.spelling
    if spelling is None:
        return NOBODY
    equal = tuple(car for car in known if car.inside)
    alike = [
        car
        for car in cars.near(spelling)
        if car not in equal
        and s.first_seen - car.last_seen <= longest_stay
        and car.last_seen < s.first_seen
        and not in_view(car.spelling, s)
    ]
    if not equal:
        # A weak spelling that was lately read strongly is a car of its own, and no misreading.
        sure = cars.strong.unvouched(spelling, s.first_seen)
        alike = [car for car in alike if near(car.spelling, sure)]
        if len(alike) == 1:
            return Departure(near=alike[0])
        return Departure(candidates=tuple(alike))
    doubted_here = [
        car
        for car in alike
        if (place := one_apart(spelling.text, car.spelling.text)) is not None
        and spelling.doubts(place, car.spelling.text[place])
    ]
    of_two_regions = sum(car.spelling.text == spelling.text for car in equal) > 1
    if doubted_here or of_two_regions:
        return Departure(candidates=(*equal, *doubted_here))
    return Departure(equal=equal)
