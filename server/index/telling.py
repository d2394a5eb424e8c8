"""Touched plates in, visits out: the rules of `server.visits` over rows, and their answer kept.

Only plates that were touched are told, with those that look like them: all others stand as they
were told before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from server.index.columns import ENTRY, EXIT, OTHER, SEEN, Columns, Sparse, plate_key
from server.index.days import day_of
from server.index.lot import Lot
from server.visits.near import linked, neighbours
from server.visits.order import by_plate, ordered
from server.visits.telling import visits
from server.visits.values import VISIT_FLAGS, Sighted, Visit

_OF_VISITS = ("visit", "partner", "decided", "chance", "said", "told")
_COMPONENT_MAX = 500  # plates that look alike in a chain; beyond it each is told by its own


@dataclass(frozen=True, slots=True)
class Telling:
    """Keeps the visits that rows are of as the rules tell them."""

    columns: Columns

    def touch(self, of: Lot, row: int, before: int | None) -> None:
        columns = self.columns
        numbers = {columns.value("plate", row), columns.value("told", row), before or 0}
        of.touched.update(plate for n in numbers if (plate := columns.plate(n)))
        of.unread = of.unread or 0 in (columns.value("plate", row), before)

    def tell(self, of: Lot) -> None:
        """Tell the visits of the touched plates, and of all that may be one car with them."""
        plates = self._component(of)
        rows = self._rows_of_plates(of, plates)
        if of.unread:
            unread = self.columns.column("plate") == 0
            unread &= self.columns.column("lot") == self.columns.lot_number(of.id)
            rows = np.union1d(rows, np.flatnonzero(unread))
        sightings = list(self.sighted(rows))
        of.touched.clear()
        of.unread = False
        before = self._told(rows)
        self.columns.forget_story(rows, _OF_VISITS)
        for visit in visits(sightings, of.statements.values(), of.lessons, of.darkness):
            self._keep(visit)
        # Told as before, a day is as it was: else a regular's whole year would be written anew.
        differ = np.zeros(len(rows), np.bool_)
        for now, was in zip(self._told(rows), before, strict=True):
            differ |= now != was
        of.changed.update(day_of(self.columns.at(int(row)), of.zone) for row in rows[differ])

    def _component(self, of: Lot) -> set[str]:
        """Return the touched plates and those whose story may hang on theirs."""
        found, frontier = set(of.touched), set(of.touched)
        first = True
        while frontier and len(found) < _COMPONENT_MAX + len(of.touched):
            around = frontier | {near for one in frontier for near in self._alike(one)}
            chains = self._chains(of, found | around)
            new = {
                other
                for other in around - found
                if other in chains and (first or _tied(other, frontier, chains))
            }
            first = False
            found |= new
            frontier = new
        return found

    def _alike(self, plate: str) -> Iterator[str]:
        columns = self.columns
        yield from neighbours(plate, _Known(columns))
        for row in columns.rows_with(Sparse(OTHER, plate_key(plate))):
            if other := columns.plate(columns.value("plate", row)):
                yield other
        number = columns.plate_number(plate)
        if number is not None:
            rows = np.flatnonzero(
                (columns.column("plate") == number) & (columns.column("more") > 0)
            )
            for _, one in columns.sparse_of(rows):
                if one.tag == OTHER:
                    yield one.value.rstrip(b"\0").decode("ascii")

    def _chains(self, of: Lot, plates: set[str]) -> dict[str, list[Sighted]]:
        rows = self._rows_of_plates(of, plates)
        chains = by_plate(self.sighted(rows))
        return {plate: ordered(chain) for plate, chain in chains.items()}

    def _rows_of_plates(self, of: Lot, plates: set[str]) -> NDArray[np.int64]:
        """Return the rows read or told as one of these plates, or corrected to anything."""
        columns = self.columns
        numbers = np.array(
            sorted(n for plate in plates if (n := columns.plate_number(plate)) is not None),
            np.uint32,
        )
        mask = np.isin(columns.column("plate"), numbers)
        mask |= np.isin(columns.column("told"), numbers)
        for event in (*of.words.plates, *of.words.exits, *of.words.exits.values()):
            row = columns.row(event)
            if row is not None:
                mask[row] = True
        return np.flatnonzero(mask & (columns.column("lot") == columns.lot_number(of.id)))

    def sighted(self, rows: Iterable[int] | NDArray[np.int64]) -> Iterator[Sighted]:
        for row in rows:
            one = self.columns.sighted(int(row))
            if one is not None:
                yield one

    def _told(self, rows: NDArray[np.int64]) -> list[NDArray[Any]]:
        return [self.columns.column(name)[rows] for name in _OF_VISITS]

    def _keep(self, visit: Visit) -> None:
        columns = self.columns
        first = columns.row(visit.id)
        assert first is not None  # a visit is told of rows
        said_flags = sum(1 << VISIT_FLAGS.index(flag) for flag in visit.flags)
        told = columns.add_plate(visit.plate)
        other = columns.row(visit.exit) if visit.entry and visit.exit else None
        common = {
            "visit": first + 1,
            "chance": visit.probability,
            "said": said_flags,
            "told": told,
        }
        for event in visit.during:
            row = columns.row(event)
            if row is not None:
                columns.set(row, decided=SEEN, **common)
        if other is not None:
            columns.set(other, decided=EXIT, partner=first + 1, **common)
        decided = ENTRY if visit.entry else EXIT
        columns.set(first, decided=decided, partner=0 if other is None else other + 1, **common)


class _Known:
    """Which plates there are, for who asks with `in`."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __contains__(self, plate: object) -> bool:
        return isinstance(plate, str) and self._columns.plate_number(plate) is not None


def _tied(plate: str, others: set[str], chains: Mapping[str, list[Sighted]]) -> bool:
    """Say whether some sighting of either may be of the other."""
    if linked(plate, chains) & others:
        return True
    return any(plate in linked(other, chains) for other in others if other in chains)
