"""In which order a car was seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.visits.values import Sighted


def by_plate(sightings: Iterable[Sighted]) -> Mapping[str, list[Sighted]]:
    """Return the sightings that bear a plate, by it."""
    found: dict[str, list[Sighted]] = {}
    for one in sightings:
        if one.plate is not None:
            found.setdefault(one.plate, []).append(one)
    return found


def ordered(sightings: Iterable[Sighted]) -> list[Sighted]:
    """Return sightings by the time they happened, but those of one edge as it told them.

    An edge's clock may be put back, its sequence never: whatever it told later counts as
    happening no earlier. What a person typed in is of the time it bears.
    """
    newest: dict[str, int] = {}
    keyed = []
    for one in sorted(sightings, key=lambda s: (s.edge, s.sequence, s.id)):
        at = one.at
        if one.by != "person":
            at = newest[one.edge] = max(at, newest.get(one.edge, 0))
        keyed.append(((at, one.edge, one.sequence, one.id), one))
    return [one for _, one in sorted(keyed, key=lambda pair: pair[0])]
