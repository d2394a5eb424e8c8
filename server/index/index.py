"""The index: everything known of all lots while the vault is open, and what can be asked of it.

Told of opened events, statements and blind time in any order and as often as they come, it keeps
the highest revision of each event and the visits of the plates that were touched. It opens no
file and no record: the keyholder brings values and takes values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from contract import blind as blind_codec
from contract.blind import Blind
from contract.event import Event
from lot.errors import WrongUsage
from server import statements as statement_codec
from server.index import search
from server.index.asked import FoundEvent, FoundVisit, Page, Query, Scope
from server.index.columns import (
    BY_WORDS,
    DIRECTION_WORDS,
    ENTRY,
    EXIT,
    KIND,
    NO_CONFIDENCE,
    OTHER,
    REASON_WORDS,
    SEEN,
    UNOPENED,
    VEHICLE_WORDS,
    Columns,
    Sparse,
    at_of,
    id_bytes,
    kind_of,
    plate_key,
    word_of,
)
from server.index.days import bounds, day_of
from server.index.packing import Beside, packed, unpacked
from server.index.segments import Coverage, coverage
from server.index.statistics import Ground, Span, Statistics, statistics
from server.statements import Statement, Withdrawn, events_of
from server.visits.corrections import Said, said
from server.visits.darkness import Darkness, darkness
from server.visits.learning import SIGHTINGS_MAX, learned
from server.visits.lessons import Lessons, plain
from server.visits.near import linked, neighbours
from server.visits.offers import offers
from server.visits.order import by_plate, ordered
from server.visits.telling import visits
from server.visits.values import (
    VISIT_FLAGS,
    Sighted,
    SightedKind,
    Visit,
)

_COMPONENT_MAX = 500  # plates that look alike in a chain; beyond it each is told by its own


@dataclass(slots=True)
class _Lot:
    """What of a lot is no row."""

    zone: tzinfo
    lessons: Lessons = field(default_factory=plain)
    statements: dict[str, Statement] = field(default_factory=dict)
    blind: dict[str, tuple[int, Blind]] = field(default_factory=dict)  # by record id, its `at`
    words: Said = field(default_factory=Said)
    darkness: Darkness = field(default_factory=Darkness)
    touched: set[str] = field(default_factory=set)  # plates whose visits are to be told anew
    unread: bool = False  # whether the visits of unread vehicles are
    changed: set[int] = field(default_factory=set)  # days whose segment is older than the rows


class Index:
    """All rows of all lots, and their visits."""

    def __init__(self, zones: Mapping[bytes, tzinfo]) -> None:
        self._columns = Columns()
        self._lots = {lot: _Lot(zone) for lot, zone in zones.items()}

    def __len__(self) -> int:
        return len(self._columns)

    # What it is told

    def add_events(self, lot: bytes, events: Iterable[Event]) -> None:
        """Keep opened events; of one id the highest revision counts, whenever it comes."""
        of, columns = self._lot(lot), self._columns
        for event in events:
            known = columns.row(event.id)
            if known is not None:
                of.changed.add(day_of(self._at(known), of.zone))
            put = columns.put(lot, event)
            if put is None:
                continue
            row, before = put
            of.changed.add(day_of(event.at, of.zone))
            self._touch(of, row, before)

    def add_unopened(self, lot: bytes, event_id: str, revision: int, at: int) -> None:
        """Note a record that could not be opened, so that its day's segment still covers it."""
        columns = self._columns
        row = columns.row(event_id)
        if row is not None and columns.value("revision", row) >= revision:
            return
        if row is None:
            row = columns.new_row(id_bytes(event_id))
            columns.set(row, kind=UNOPENED, first=at, last=at, confidence=NO_CONFIDENCE)
        columns.set(row, revision=revision, lot=columns.words["lot"].add(lot.hex()))
        of = self._lot(lot)
        of.changed.add(day_of(at, of.zone))

    def add_statements(self, lot: bytes, statements: Iterable[Statement]) -> None:
        """Keep what people said; saying it again changes nothing."""
        of = self._lot(lot)
        new = [one for one in statements if one.id not in of.statements]
        if not new:
            return
        before = of.words.events
        of.statements |= {one.id: one for one in new}
        of.words = said(of.statements.values())
        of.changed.update(day_of(one.at, of.zone) for one in new)
        for plate in of.words.plates.values():
            self._columns.add_plate(plate)
        for event in before | of.words.events:
            row = self._columns.row(event)
            if row is not None:
                self._touch(of, row, None)
        of.touched.update(plate for plate in of.words.plates.values() if plate)

    def add_blind(self, lot: bytes, record_id: str, at: int, blind: Blind) -> None:
        """Keep blind time; every stay that it may have hidden the end of is told anew."""
        of, columns = self._lot(lot), self._columns
        if record_id in of.blind:
            return
        of.blind[record_id] = (at, blind)
        of.darkness = darkness(one for _, one in of.blind.values())
        of.changed.add(day_of(at, of.zone))
        after = columns.column("last") >= blind.first
        after[search.inside_rows(columns)] = True
        after &= columns.column("lot") == self._lot_number(lot)
        for row in np.flatnonzero(after):
            self._touch(of, int(row), None)

    def learn(self, lot: bytes) -> None:
        """Learn the lot's lessons from its newest cars, and tell those cars' visits by them.

        What ended before they were seen stays told by the lessons of its time.
        """
        of, columns = self._lot(lot), self._columns
        rows = np.flatnonzero(columns.column("lot") == self._lot_number(lot))
        if len(rows) > SIGHTINGS_MAX:
            newest = np.argpartition(columns.column("last")[rows], -SIGHTINGS_MAX)
            rows = rows[newest[-SIGHTINGS_MAX:]]
        sightings = list(self._sighted(rows))
        of.lessons = learned(sightings, of.darkness)
        of.touched.update(one.plate for one in sightings if one.plate)

    def settle(self) -> None:
        """Tell the visits of every touched plate and its look-alikes anew."""
        for lot, of in self._lots.items():
            if of.touched or of.unread:
                self._tell(lot, of)

    # What it is asked

    def search_events(self, scope: Scope, query: Query) -> Page[FoundEvent]:
        """Return a page of events."""
        self.settle()
        found = search.event_rows(self._columns, scope, query)
        return Page(tuple(self._event(row) for row in found.rows), found.cursor, found.total)

    def search_visits(self, scope: Scope, query: Query) -> Page[FoundVisit]:
        """Return a page of visits."""
        self.settle()
        found = search.visit_rows(self._columns, scope, query)
        return Page(tuple(self._visits(found.rows)), found.cursor, found.total)

    def event(self, scope: Scope, event_id: str) -> FoundEvent | None:
        """Return an event that the scope may see."""
        self.settle()
        row = self._columns.row(event_id)
        if row is None or not self._sees(scope, row):
            return None
        return None if self._columns.value("kind", row) == UNOPENED else self._event(row)

    def visit(self, scope: Scope, event_id: str) -> FoundVisit | None:
        """Return the visit that an event is of."""
        self.settle()
        row = self._columns.row(event_id)
        if row is None or not self._sees(scope, row):
            return None
        visit = self._columns.value("visit", row)
        return next(self._visits([visit - 1])) if visit else None

    def said_about(self, lot: bytes, events: Collection[str]) -> list[Statement]:
        """Return what people said about events, and what of it was taken back; by time."""
        told = self._lot(lot).statements.values()
        about = [one for one in told if not events_of(one.says).isdisjoint(events)]
        ids = {one.id for one in about}
        while taken := [
            one
            for one in told
            if isinstance(one.says, Withdrawn) and one.says.statement in ids and one.id not in ids
        ]:
            about += taken
            ids |= {one.id for one in taken}
        return sorted(about, key=lambda one: (one.at, one.id))

    def offers(self, scope: Scope, event_id: str) -> list[FoundVisit]:
        """Return the unread entries that the exit of a visit may be of."""
        asked = self.visit(scope, event_id)
        if asked is None:
            return []
        columns = self._columns
        rows = search.inside_rows(columns)
        rows = rows[columns.column("plate")[rows] == 0]
        rows = rows[columns.column("lot")[rows] == self._lot_number(asked.lot)]
        rows = rows[search.scoped(columns, scope, rows)]
        found = {one.visit.id: one for one in self._visits([int(row) for row in rows])}
        ranked = offers(
            asked.visit, [one.visit for one in found.values()], self._lot(asked.lot).lessons
        )
        return [found[one.id] for one in ranked]

    def inside(self, scope: Scope) -> int:
        """Return how many cars are there: visits without an exit."""
        self.settle()
        rows = search.inside_rows(self._columns)
        return int(search.scoped(self._columns, scope, rows).sum())

    def statistics(self, scope: Scope, lot: bytes, span: Span) -> Statistics:
        """Return a lot's numbers over a range, counted from what the scope may see."""
        self.settle()
        of, columns = self._lot(lot), self._columns
        rows = np.flatnonzero(columns.column("lot") == self._lot_number(lot))
        rows = rows[search.scoped(columns, scope, rows)]
        left: dict[int, int] = {}
        for event, at in of.words.left.items():
            row = columns.row(event)
            if row is not None and (visit := columns.value("visit", row)):
                left[visit - 1] = at
        return statistics(Ground(columns, rows, of.zone, of.darkness, left), span)

    # Segments

    def changed(self) -> frozenset[tuple[bytes, int]]:
        """Return the lots and days whose segments are to be written."""
        self.settle()
        return frozenset((lot, day) for lot, of in self._lots.items() for day in of.changed)

    def written(self, lot: bytes, day: int) -> None:
        """Note that a day's segment is on disk."""
        self._lot(lot).changed.discard(day)

    def coverage(self, lot: bytes, day: int) -> Coverage:
        """Return which records of a day are in the index, to compare with the rows on disk."""
        of, columns = self._lot(lot), self._columns
        first, last = bounds(day, of.zone)
        records = [
            (columns.ids.key(int(row)), columns.value("revision", int(row)))
            for row in self._rows_of(lot, first, last)
        ]
        records += [
            (id_bytes(one.id), 1) for one in of.statements.values() if first <= one.at < last
        ]
        records += [(id_bytes(one), 1) for one, (at, _) in of.blind.items() if first <= at < last]
        return coverage(records)

    def segment(self, lot: bytes, day: int) -> bytes:
        """Return a day's rows as bytes, to be sealed."""
        self.settle()
        of = self._lot(lot)
        first, last = bounds(day, of.zone)
        statements = [one for one in of.statements.values() if first <= one.at < last]
        blind = [(i, at, one) for i, (at, one) in of.blind.items() if first <= at < last]
        beside = Beside(
            tuple(statement_codec.encoded(one) for one in statements),
            tuple((i, at, blind_codec.encoded(one)) for i, at, one in blind),
        )
        return packed(self._columns, self._rows_of(lot, first, last), beside)

    def load(self, lot: bytes, segments: Iterable[bytes]) -> None:
        """Take a lot's segments, all at once and before anything else is told of it.

        Visits are taken as they were told. Of a segment that is damaged nothing is taken, and
        what a row's partner in a missing segment was is told anew when that comes.
        """
        of, columns = self._lot(lot), self._columns
        parts = [unpacked(one) for one in segments]
        columns.take(lot, parts)
        for part in parts:
            for data in part.beside.statements:
                one = statement_codec.decoded(data)
                of.statements[one.id] = one
            for record_id, at, data in part.beside.blind:
                of.blind[record_id] = (at, blind_codec.decoded(data))
        of.words = said(of.statements.values())
        of.darkness = darkness(one for _, one in of.blind.values())

    # Forgetting

    def drop(self, lot: bytes, day: int) -> None:
        """Forget a day that was erased; its segment goes with its key, and none is written."""
        of = self._lot(lot)
        first, last = bounds(day, of.zone)
        said_then = [one.id for one in of.statements.values() if first <= one.at < last]
        dark = [one for one, (at, _) in of.blind.items() if first <= at < last]
        self._drop(lot, self._rows_of(lot, first, last), {*said_then, *dark})
        of.changed.discard(day)

    def drop_records(self, lot: bytes, records: Collection[str]) -> None:
        """Forget events, statements or blind time; the days' segments are to be written anew."""
        of, columns = self._lot(lot), self._columns
        rows = sorted(row for one in records if (row := columns.row(one)) is not None)
        of_lot = [row for row in rows if columns.value("lot", row) == self._lot_number(lot)]
        of.changed.update(day_of(self._at(row), of.zone) for row in of_lot)
        of.changed.update(
            day_of(one.at, of.zone) for one in of.statements.values() if one.id in records
        )
        of.changed.update(day_of(at, of.zone) for n, (at, _) in of.blind.items() if n in records)
        self._drop(lot, np.array(of_lot, np.int64), frozenset(records))

    def _drop(self, lot: bytes, rows: NDArray[np.int64], beside: Collection[str]) -> None:
        """Forget rows and what stands beside them; who was in one visit with them is told anew."""
        of, columns = self._lot(lot), self._columns
        self.settle()
        for row in rows:
            self._touch(of, int(row), None)
            partner = columns.value("partner", int(row))
            if partner:
                of.changed.add(day_of(self._at(partner - 1), of.zone))
        about = of.words.events
        of.statements = {n: one for n, one in of.statements.items() if n not in beside}
        of.blind = {n: one for n, one in of.blind.items() if n not in beside}
        of.words = said(of.statements.values())
        of.darkness = darkness(one for _, one in of.blind.values())
        for event in about:  # read as before, where what a person said is gone
            row_of = columns.row(event)
            if row_of is not None:
                self._touch(of, row_of, None)
        columns.remove(rows)
        for other in self._lots.values():  # a plate that a person said may be in no row
            for plate in other.words.plates.values():
                columns.add_plate(plate)

    # Visits

    def _touch(self, of: _Lot, row: int, before: int | None) -> None:
        columns = self._columns
        numbers = {columns.value("plate", row), columns.value("told", row), before or 0}
        of.touched.update(plate for n in numbers if (plate := columns.plate(n)))
        of.unread = of.unread or 0 in (columns.value("plate", row), before)

    def _tell(self, lot: bytes, of: _Lot) -> None:
        """Tell the visits of the touched plates, and of all that may be one car with them."""
        plates = self._component(lot, of)
        rows = self._rows_of_plates(lot, of, plates)
        if of.unread:
            unread = (self._columns.column("plate") == 0) & (
                self._columns.column("lot") == self._lot_number(lot)
            )
            rows = np.union1d(rows, np.flatnonzero(unread))
        sightings = list(self._sighted(rows))
        of.touched.clear()
        of.unread = False
        self._forget_visits(of, rows)
        for visit in visits(sightings, of.statements.values(), of.lessons, of.darkness):
            self._keep(of, visit)

    def _component(self, lot: bytes, of: _Lot) -> set[str]:
        """Return the touched plates and those whose story may hang on theirs."""
        found, frontier = set(of.touched), set(of.touched)
        first = True
        while frontier and len(found) < _COMPONENT_MAX + len(of.touched):
            around = frontier | {near for one in frontier for near in self._alike(one)}
            chains = self._chains(lot, of, found | around)
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
        columns = self._columns
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

    def _chains(self, lot: bytes, of: _Lot, plates: set[str]) -> dict[str, list[Sighted]]:
        rows = self._rows_of_plates(lot, of, plates)
        chains = by_plate(self._sighted(rows))
        return {plate: ordered(chain) for plate, chain in chains.items()}

    def _rows_of_plates(self, lot: bytes, of: _Lot, plates: set[str]) -> NDArray[np.int64]:
        """Return the rows read or told as one of these plates, or corrected to anything."""
        columns = self._columns
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
        return np.flatnonzero(mask & (columns.column("lot") == self._lot_number(lot)))

    def _sighted(self, rows: Iterable[int] | NDArray[np.int64]) -> Iterator[Sighted]:
        for row in rows:
            one = self._columns.sighted(int(row))
            if one is not None:
                yield one

    def _forget_visits(self, of: _Lot, rows: NDArray[np.int64]) -> None:
        for name in ("visit", "partner", "decided", "chance", "said", "told"):
            self._columns.column(name)[rows] = 0

    def _keep(self, of: _Lot, visit: Visit) -> None:
        columns = self._columns
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
        for row in (first, other):
            if row is not None:
                of.changed.add(day_of(self._at(row), of.zone))

    # Rows as values

    def _event(self, row: int) -> FoundEvent:
        columns = self._columns
        words, value = columns.words, columns.value
        visit, confidence = value("visit", row), value("confidence", row)
        flags = words["flags"].word(value("flags", row))
        lot = words["lot"].word(value("lot", row))
        assert lot is not None  # every row is of a lot
        return FoundEvent(
            lot=bytes.fromhex(lot),
            id=columns.id(row),
            edge=words["edge"].word(value("edge", row)) or "",
            revision=value("revision", row),
            final=bool(value("final", row)),
            kind=kind_of(value("kind", row)),
            kind_by=word_of(BY_WORDS, value("by", row)),
            decided=_DECIDED.get(value("decided", row)),
            visit=columns.id(visit - 1) if visit else None,
            plate=columns.plate(value("plate", row)),
            confidence=None if confidence == NO_CONFIDENCE else confidence,
            at=self._at(row),
            first_seen=value("first", row),
            last_seen=value("last", row),
            camera=words["camera"].word(value("camera", row)) or "",
            lane=words["lane"].word(value("lane", row)),
            vehicle=word_of(VEHICLE_WORDS, value("vehicle", row)),
            direction=word_of(DIRECTION_WORDS, value("direction", row)),
            reason=word_of(REASON_WORDS, value("reason", row)),
            flags=tuple(flags.split(",")) if flags else (),
        )

    def _visits(self, rows: list[int]) -> Iterator[FoundVisit]:
        columns = self._columns
        members = np.flatnonzero(columns.column("decided") == SEEN)
        of_these = np.isin(columns.column("visit")[members], np.array(rows, np.uint32) + 1)
        members = members[of_these]
        during: dict[int, list[int]] = {}
        for row in members:
            during.setdefault(columns.value("visit", int(row)) - 1, []).append(int(row))
        for row in rows:
            yield self._visit(row, during.get(row, []))

    def _visit(self, row: int, during: list[int]) -> FoundVisit:
        columns = self._columns
        partner = columns.value("partner", row)
        entered = columns.value("decided", row) == ENTRY
        entry = self._event(row) if entered else None
        exit_row = row if not entered else partner - 1
        exit_ = self._event(exit_row) if exit_row >= 0 else None
        any_end = entry or exit_
        assert any_end is not None  # a visit has one end at least
        flags = columns.value("said", row)
        left_at = exit_.last_seen if exit_ else None
        if left_at is None:
            words = self._lot(any_end.lot).words
            ids = (columns.id(n) for n in (row, *during))
            left_at = next((words.left[one] for one in ids if one in words.left), None)
        visit = Visit(
            plate=columns.plate(columns.value("told", row)),
            entry=entry.id if entry else None,
            exit=exit_.id if exit_ else None,
            entered_at=entry.first_seen if entry else None,
            left_at=left_at,
            probability=columns.value("chance", row),
            flags=tuple(sorted(f for n, f in enumerate(VISIT_FLAGS) if flags & (1 << n))),
            during=tuple(columns.id(n) for n in sorted(during, key=self._at)),
        )
        return FoundVisit(any_end.lot, visit, entry, exit_)

    def _at(self, row: int) -> int:
        name = "last" if self._columns.value("kind", row) == EXIT else "first"
        return self._columns.value(name, row)

    def _rows_of(self, lot: bytes, first: int, last: int) -> NDArray[np.int64]:
        rows = search.seen_between(self._columns, first, last)
        at = at_of(self._columns, rows)
        mask = (at >= first) & (at < last)
        mask &= self._columns.column("lot")[rows] == self._lot_number(lot)
        found: NDArray[np.int64] = rows[mask]
        return found

    def _sees(self, scope: Scope, row: int) -> bool:
        return bool(search.scoped(self._columns, scope, np.array([row], np.int64))[0])

    def _lot(self, lot: bytes) -> _Lot:
        if lot not in self._lots:
            raise WrongUsage(f"lot {lot.hex()} is unknown here", then="unlock again to see it")
        return self._lots[lot]

    def _lot_number(self, lot: bytes) -> int:
        return self._columns.words["lot"].add(lot.hex())


class _Known:
    """Which plates there are, for who asks with `in`."""

    def __init__(self, columns: Columns) -> None:
        self._columns = columns

    def __contains__(self, plate: object) -> bool:
        return isinstance(plate, str) and self._columns.plate_number(plate) is not None


_DECIDED: Mapping[int, SightedKind] = {ENTRY: "entry", EXIT: "exit", SEEN: "seen"}
assert KIND.code("entry") == ENTRY  # the codes of what is decided are those of kinds


def _tied(plate: str, others: set[str], chains: Mapping[str, list[Sighted]]) -> bool:
    """Say whether some sighting of either may be of the other."""
    if linked(plate, chains) & others:
        return True
    return any(plate in linked(other, chains) for other in others if other in chains)
