"""The index, held while the vault is open: told of records, asked by people as far as they see.

The scope is made of the session, never of the question.
"""

from __future__ import annotations

from contextlib import suppress

from contract import canonical, record
from contract.blind import Blind
from contract.event import Event
from contract.opening import Opened
from contract.signature import SIGNATURE_BYTES
from lot import times
from lot.clock import now_us
from lot.errors import Damaged, LotError, Refused
from server.access.roles import Limit, Right
from server.index import segments
from server.index.asked import INSIDE_ONLY, Query, Scope
from server.index.counted import Statistics
from server.index.index import Index
from server.index.segments import Place, SealedSegment
from server.keys.holder import calls, looking, reach
from server.keys.holder.calls import Caller, SealedRecord, Segment
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import allowed, allowed_in
from server.records import statements


def begun(desk: Desk, asked: calls.IndexBegin) -> calls.Done:
    """Begin an empty index of these lots."""
    _ = desk.vault
    with canonical.reading("the lots of an index"):
        zones = {
            canonical.octets(lot, "a lot"): times.zone(name) for lot, name in asked.zones.items()
        }
    with desk.safe.index_lock:
        desk.safe.index = Index(zones)
        desk.safe.indexed_lots = frozenset(zones)
        desk.safe.went_out.clear()
    return calls.Done()


def added(desk: Desk, asked: calls.IndexAdd) -> calls.Faults:
    """Open records and tell the index; one that is damaged keeps none of the others out."""
    faults: list[tuple[int, str]] = []
    opened: list[Opened] = []
    damaged: list[SealedRecord] = []
    for number, sealed in enumerate(asked.records):
        try:
            one = looking.unsealed(desk, sealed)
        except LotError as fault:
            faults.append((number, str(fault)))
            damaged.append(sealed)
            continue
        if one.record.head.lot != asked.lot:
            faults.append((number, "it is of another lot"))
            continue
        opened.append(one)
    with reach.index(desk, asked.lot) as index:
        for one in opened:
            _tell(index, asked.lot, one)
        for sealed in damaged:
            _tell_of_damage(index, asked.lot, sealed)
    return calls.Faults(tuple(faults))


def state(desk: Desk, asked: calls.IndexState) -> calls.Segments:
    """Return what the index holds of days."""
    with reach.index(desk, asked.lot) as index:
        changed = index.changed() | desk.safe.went_out.keys()
        found = zip(asked.days, index.coverages(asked.lot, asked.days), strict=True)
    return calls.Segments(
        tuple(
            Segment(day, one.count, one.digest, (asked.lot, day) not in changed)
            for day, one in found
        )
    )


def segment_out(desk: Desk, asked: calls.SegmentOut) -> calls.SegmentBytes:
    """Seal a day; until it is said to be written the day is not taken for one that is on disk."""
    generation = now_us()
    with reach.index(desk, asked.lot) as index:
        plain = index.segment(asked.lot, asked.day)
        generation = max(generation, desk.safe.went_out.get((asked.lot, asked.day), 0) + 1)
        index.written(asked.lot, asked.day)  # what changes from here on is due again
        desk.safe.went_out[asked.lot, asked.day] = generation
    place = Place(asked.lot, asked.day, generation)
    made = segments.sealed(plain, desk.vault.vault.index, place)
    return calls.SegmentBytes(generation, made.segment, made.key)


def segment_written(desk: Desk, asked: calls.SegmentWritten) -> calls.Done:
    """Note that a segment is on the disk, where it is the one that was given out last."""
    with reach.index(desk, asked.lot):
        if desk.safe.went_out.get((asked.lot, asked.day)) == asked.generation:
            del desk.safe.went_out[asked.lot, asked.day]
    return calls.Done()


def segments_due(desk: Desk, asked: calls.SegmentsDue) -> calls.Days:
    """Return the days whose segments are to be written."""
    with reach.index(desk, asked.lot) as index:
        due = index.changed() | desk.safe.went_out.keys()
    return calls.Days(tuple(sorted(day for lot, day in due if lot == asked.lot)))


def segments_in(desk: Desk, asked: calls.SegmentsIn) -> calls.Faults:
    """Take segments from the disk; a torn day stays out, and its rows show that it lacks."""
    key, faults = desk.vault.vault.index, []
    plain: list[bytes] = []
    for number, one in enumerate(asked.days):
        place = Place(asked.lot, one.day, one.segment.generation)
        try:
            plain.append(
                segments.opened(SealedSegment(one.segment.key, one.segment.sealed), key, place)
            )
        except Damaged as fault:
            faults.append((number, fault.what))
    with desk.safe.index_lock:
        if asked.lot not in desk.safe.indexed_lots:
            raise Refused("the index is not begun for this lot", then="begin it")
        _read_in(desk, asked.lot, plain, asked.follow)
    return calls.Faults(tuple(faults))


def _read_in(desk: Desk, lot: bytes, plain: list[bytes], follow: int) -> None:
    index = desk.safe.index
    assert index is not None  # it has lots
    try:
        index.load(lot, plain, follow)
    except Damaged:
        for one in plain:
            with suppress(Damaged):
                index.load(lot, [one])


def day_dropped(desk: Desk, asked: calls.DayDropped) -> calls.Done:
    """Forget a day that was erased."""
    with reach.index(desk, asked.lot) as index:
        index.drop(asked.lot, asked.day)
        desk.safe.went_out.pop((asked.lot, asked.day), None)
    return calls.Done()


def records_dropped(desk: Desk, asked: calls.RecordsDropped) -> calls.Days:
    """Forget records that were erased one by one; what was given out of their days is due anew."""
    with reach.index(desk, asked.lot) as index:
        index.drop_records(asked.lot, frozenset(asked.ids))
        index.settle()
        days = sorted(day for lot, day in index.changed() if lot == asked.lot)
        for day in days:
            desk.safe.went_out.pop((asked.lot, day), None)
    return calls.Days(tuple(days))


def events(desk: Desk, asked: calls.SearchEvents) -> calls.EventsFound:
    """Return a page of events."""
    scope = _scope(desk, asked.by, asked.reason, asked.query)
    with reach.index(desk) as index:
        page = index.search_events(scope, asked.query)
    return calls.EventsFound(page.rows, page.cursor, page.total)


def visits(desk: Desk, asked: calls.SearchVisits) -> calls.VisitsFound:
    """Return a page of visits."""
    scope = _scope(desk, asked.by, asked.reason, asked.query)
    with reach.index(desk) as index:
        page = index.search_visits(scope, asked.query)
    return calls.VisitsFound(page.rows, page.cursor, page.total)


def visit(desk: Desk, asked: calls.OneVisit) -> calls.VisitsFound:
    """Return the visit that an event is of, where the session may see it."""
    scope = _scope(desk, asked.by, asked.reason, None)
    with reach.index(desk, asked.lot) as index:
        found = index.visit(scope, asked.visit)
    rows = () if found is None or found.lot != asked.lot else (found,)
    return calls.VisitsFound(rows, None, len(rows))


def counted(desk: Desk, asked: calls.CountUp) -> Statistics:
    """Return a lot's numbers; they name no car, so who may count may have those of all times."""
    _ = desk.vault
    present = desk.sessions.present(asked.by)
    allowed_in(present, Right.COUNT, asked.lot)
    desk.pace.take(present.session.id, 1)
    scope = Scope(frozenset(present.account.lots) or desk.safe.indexed_lots)
    with reach.index(desk, asked.lot) as index:
        return index.statistics(scope, asked.lot, asked.span)


def said_about(desk: Desk, asked: calls.SaidAbout) -> calls.Sayings:
    """Return what people said about those of the events that the session may see."""
    scope = _scope(desk, asked.by, asked.reason, None)
    with reach.index(desk, asked.lot) as index:
        seen = frozenset(one for one in asked.events if index.event(scope, one) is not None)
        found = index.said_about(asked.lot, seen)
    return calls.Sayings(tuple(statements.encoded(one) for one in found))


def _scope(desk: Desk, by: Caller, reason: str | None, query: Query | None) -> Scope:
    """Return how far a session sees: its visits, and its searches where a plate is asked for."""
    _ = desk.vault
    present = desk.sessions.present(by)
    far = [allowed(present, Right.SEE_VISITS)]
    if query is not None and query.plate is not None:
        far.append(allowed(present, Right.SEARCH))
        if Limit.WITH_A_REASON in far and not (reason or "").strip():
            raise NotAllowed("this role searches with a reason only", then="say why you search")
    desk.pace.take(present.session.id, 1 if query is None else query.limit)
    lots = frozenset(present.account.lots) or desk.safe.indexed_lots
    return Scope(lots, _since(desk, far))


def _since(desk: Desk, far: list[Limit]) -> int | None:
    if Limit.INSIDE in far:
        return INSIDE_ONLY
    return reach.since_midnight(desk) if Limit.TODAY_AND_INSIDE in far else None


def _tell(index: Index, lot: bytes, one: Opened) -> None:
    head = one.record.head
    if isinstance(one.says, Event):
        index.add_events(lot, (one.says,))
    elif isinstance(one.says, Blind):
        index.add_blind(lot, head.id, head.at, one.says)
    elif "note" in one.contents:
        index.add_statements(lot, (statements.decoded(one.contents["note"]),))


def _tell_of_damage(index: Index, lot: bytes, sealed: SealedRecord) -> None:
    """Count a record that cannot be opened, so that its day is not read anew for ever."""
    with suppress(Damaged):
        head = record.decoded(sealed.record[:-SIGNATURE_BYTES]).head
        if head.lot == lot:
            index.add_unopened(lot, head.id, head.revision, head.at)
