"""The index: everything known of all lots while the vault is open, and what can be asked of it.

Told of opened events, statements and blind time in any order and as often as they come, it keeps
the highest revision of each event and the visits of the plates that were touched. It opens no
file and no record: the keyholder brings values and takes values.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import tzinfo

import numpy as np
from numpy.typing import NDArray

from contract.blind import Blind
from contract.event import Event
from lot.errors import WrongUsage
from server.index import search
from server.index.asked import FoundEvent, FoundVisit, Page, Query, Scope
from server.index.by_day import ByDay
from server.index.columns import NO_CONFIDENCE, UNOPENED, Columns
from server.index.counted import Span, Statistics
from server.index.days import day_of
from server.index.ids import id_bytes
from server.index.lot import Lot
from server.index.segments import Coverage
from server.index.showing import Showing
from server.index.statistics import Ground, statistics
from server.index.telling import Telling
from server.records.statements import Statement, Withdrawn, events_of
from server.visits.darkness import Darkness
from server.visits.learning import SIGHTINGS_MAX, learned
from server.visits.lessons import Lessons
from server.visits.offers import offers
from server.visits.values import Sighted


class Index:
    """All rows of all lots, and their visits."""

    def __init__(self, zones: Mapping[bytes, tzinfo]) -> None:
        self._columns = Columns()
        self._lots = {lot: Lot(lot, zone) for lot, zone in zones.items()}
        self._telling = Telling(self._columns)
        self._showing = Showing(self._columns, self._lots)
        self._days = ByDay(self._columns)

    def __len__(self) -> int:
        return len(self._columns)

    # What it is told

    def add_events(self, lot: bytes, events: Iterable[Event]) -> None:
        """Keep opened events; of one id the highest revision counts, whenever it comes."""
        of, columns = self._lot(lot), self._columns
        for event in events:
            known = columns.row(event.id)
            was = None if known is None else columns.at(known)
            put = columns.put(lot, event)
            if put is None:
                continue  # told again: its day's segment is as good as it was
            row, before = put
            of.changed.update(day_of(at, of.zone) for at in (was, event.at) if at is not None)
            self._telling.touch(of, row, before)

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
        of.keep({one.id: one for one in new}, {})
        of.changed.update(day_of(one.at, of.zone) for one in new)
        for plate in of.words.plates.values():
            self._columns.add_plate(plate)
        for event in before | of.words.events:
            row = self._columns.row(event)
            if row is not None:
                self._telling.touch(of, row, None)
        of.touched.update(plate for plate in of.words.plates.values() if plate)

    def add_blind(self, lot: bytes, record_id: str, at: int, blind: Blind) -> None:
        """Keep blind time; every stay that it may have hidden the end of is told anew."""
        of, columns = self._lot(lot), self._columns
        if record_id in of.blind:
            return
        of.keep({}, {record_id: (at, blind)})
        of.changed.add(day_of(at, of.zone))
        after = columns.column("last") >= blind.first
        after[search.inside_rows(columns)] = True
        after &= columns.column("lot") == columns.lot_number(lot)
        for row in np.flatnonzero(after):
            self._telling.touch(of, int(row), None)

    def learn(self, lot: bytes) -> None:
        """Learn the lot's lessons from its newest cars, and tell those cars' visits by them."""
        self.teach(lot, learned(*self.to_learn_from(lot)))

    def to_learn_from(self, lot: bytes) -> tuple[list[Sighted], Darkness]:
        """Return the lot's newest cars and its darkness: learning takes a Pi a minute."""
        of, columns = self._lot(lot), self._columns
        rows = np.flatnonzero(columns.column("lot") == columns.lot_number(lot))
        if len(rows) > SIGHTINGS_MAX:
            newest = np.argpartition(columns.column("last")[rows], -SIGHTINGS_MAX)
            rows = rows[newest[-SIGHTINGS_MAX:]]
        return list(self._telling.sighted(rows)), of.darkness

    def teach(self, lot: bytes, lessons: Lessons) -> None:
        """Take lessons that were learned just now, and tell the cars they are of by them.

        What ended before those were seen stays told by the lessons of its time.
        """
        sightings, _ = self.to_learn_from(lot)
        self._lot(lot).lessons = lessons
        self._lot(lot).touched.update(one.plate for one in sightings if one.plate)

    def remember(self, lot: bytes, lessons: Lessons) -> None:
        """Take lessons of before, by which the visits in the segments were told."""
        self._lot(lot).lessons = lessons

    def lessons(self, lot: bytes) -> Lessons:
        """Return what visits of a lot are told by."""
        return self._lot(lot).lessons

    def settle(self) -> None:
        """Tell the visits of every touched plate and its look-alikes anew."""
        for of in self._lots.values():
            if of.touched or of.unread:
                self._telling.tell(of)

    # What it is asked

    def search_events(self, scope: Scope, query: Query) -> Page[FoundEvent]:
        """Return a page of events."""
        self.settle()
        found = search.event_rows(self._columns, scope, query)
        return Page(
            tuple(self._showing.event(row) for row in found.rows), found.cursor, found.total
        )

    def search_visits(self, scope: Scope, query: Query) -> Page[FoundVisit]:
        """Return a page of visits."""
        self.settle()
        found = search.visit_rows(self._columns, scope, query)
        return Page(tuple(self._showing.visits(found.rows)), found.cursor, found.total)

    def event(self, scope: Scope, event_id: str) -> FoundEvent | None:
        """Return an event that the scope may see."""
        self.settle()
        row = self._columns.row(event_id)
        if row is None or not self._sees(scope, row):
            return None
        return None if self._columns.value("kind", row) == UNOPENED else self._showing.event(row)

    def visit(self, scope: Scope, event_id: str) -> FoundVisit | None:
        """Return the visit that an event is of."""
        self.settle()
        row = self._columns.row(event_id)
        if row is None or not self._sees(scope, row):
            return None
        visit = self._columns.value("visit", row)
        return next(self._showing.visits([visit - 1])) if visit else None

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
        rows = rows[columns.column("lot")[rows] == columns.lot_number(asked.lot)]
        rows = rows[search.scoped(columns, scope, rows)]
        found = {one.visit.id: one for one in self._showing.visits([int(row) for row in rows])}
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
        left: dict[int, int] = {}
        for event, at in of.words.left.items():
            row = columns.row(event)
            if row is not None and (visit := columns.value("visit", row)):
                left[visit - 1] = at
        met = np.zeros(len(columns), np.bool_)
        met[search.seen_between(columns, span.first, span.last)] = True
        met[search.met_since(columns, span.first)] = True
        met[np.array([*left], np.int64)] = True
        rows = np.flatnonzero(met & (columns.column("lot") == columns.lot_number(lot)))
        rows = rows[search.scoped(columns, scope, rows)]
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
        (found,) = self.coverages(lot, (day,))
        return found

    def coverages(self, lot: bytes, days: Sequence[int]) -> list[Coverage]:
        """Return the coverage of several days, for which all rows are looked through once."""
        return self._days.coverages(self._lot(lot), days)

    def segment(self, lot: bytes, day: int) -> bytes:
        """Return a day's rows as bytes, to be sealed."""
        self.settle()
        return self._days.segment(self._lot(lot), day)

    def load(self, lot: bytes, segments: Collection[bytes], follow: int = 0) -> None:
        """Take some of a lot's segments, before anything else is told of it.

        Visits are taken as they were told, also over midnight: a row's partner may come in a later
        segment. Where one is damaged, none of these is taken. `follow` is how many bytes of
        segments come after these: room for all is made at once.
        """
        self._days.load(self._lot(lot), segments, follow)

    # Forgetting

    def drop(self, lot: bytes, day: int) -> None:
        """Forget a day that was erased; its segment goes with its key, and none is written."""
        of = self._lot(lot)
        beside = [one.id for one in of.statements_of(day)] + [one for one, _, _ in of.blind_of(day)]
        self._drop(of, self._days.rows(of, day), frozenset(beside))
        of.changed.discard(day)

    def drop_records(self, lot: bytes, records: Collection[str]) -> None:
        """Forget events, statements or blind time; the days' segments are to be written anew."""
        of, columns = self._lot(lot), self._columns
        rows = sorted(row for one in records if (row := columns.row(one)) is not None)
        of_lot = [row for row in rows if columns.value("lot", row) == columns.lot_number(lot)]
        of.changed.update(day_of(columns.at(row), of.zone) for row in of_lot)
        of.changed.update(
            day_of(one.at, of.zone) for one in of.statements.values() if one.id in records
        )
        of.changed.update(day_of(at, of.zone) for n, (at, _) in of.blind.items() if n in records)
        self._drop(of, np.array(of_lot, np.int64), frozenset(records))

    def _drop(self, of: Lot, rows: NDArray[np.int64], beside: frozenset[str]) -> None:
        """Forget rows and what stands beside them; who was in one visit with them is told anew."""
        columns = self._columns
        self.settle()
        for row in rows:
            self._telling.touch(of, int(row), None)
            partner = columns.value("partner", int(row))
            if partner:
                of.changed.add(day_of(columns.at(partner - 1), of.zone))
        about = of.words.events
        of.forget(beside)
        for event in about:  # read as before, where what a person said is gone
            row_of = columns.row(event)
            if row_of is not None:
                self._telling.touch(of, row_of, None)
        columns.remove(rows)
        for other in self._lots.values():  # a plate that a person said may be in no row
            for plate in other.words.plates.values():
                columns.add_plate(plate)

    def _sees(self, scope: Scope, row: int) -> bool:
        return bool(search.scoped(self._columns, scope, np.array([row], np.int64))[0])

    def _lot(self, lot: bytes) -> Lot:
        if lot not in self._lots:
            raise WrongUsage(f"lot {lot.hex()} is unknown here", then="unlock again to see it")
        return self._lots[lot]
