"""Retention: what is due goes, what is held stays, and verify finds nothing missing afterwards."""

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from contract.audit import Low
from contract.audit import Row as RowLine
from contract.digest import H
from contract.head import Tombstone
from contract.record import Record
from server.access.rows import HOLD
from server.retention import finishing, plan
from server.store.tables import parts, pictures, private_rows, records, texts, wraps
from tests.contract.writers import LOT, NOON
from tests.server.verify.filled import (
    DAY,
    HOUR,
    PICTURE_DAYS,
    TEXT_DAYS,
    Filled,
    edge_of,
    erasure_of,
    whats,
)


def several_days(days: int, a_day: int = 3) -> tuple[Filled, list[Record]]:
    """Let the edge write every day under new keys."""
    house = Filled()
    made = []
    for day in range(days):
        house.new_day(house.edge, NOON + day * DAY)
        for n in range(a_day):
            at = NOON + day * DAY + n * HOUR
            made.append(house.put(house.edge.an_event({"plate": b"%d" % at}, at=at), house.edge))
    return house, made


def run(house: Filled, now: int) -> plan.Plan:
    """Sign what is due and bring it about."""
    due = plan.due(house.db, now)
    for going in due.going:
        for gone in going.erasures():
            house.erased(gone, at=now)
            finishing.destroy_keys(going.lot, gone, house.wraps)
            left = finishing.remove_rows(house.db, going.lot, gone)
            finishing.remove_files(going.lot, left, house.pictures)
    return due


def hold(house: Filled, event: str) -> None:
    row = {"lot": LOT, "kind": HOLD, "id": UUID(event).bytes, "version": 1, "box": b"box"}
    house.add(private_rows, **row)
    house.line("row", RowLine(HOLD, UUID(event).bytes, 1, H(b"box")))


def counted(house: Filled, table: object) -> int:
    return house.db.scalar(select(func.count()).select_from(table)) or 0  # type: ignore[arg-type]  # any table


def ends(house: Filled) -> list[tuple[int, int]]:
    found = plan.due(house.db, NOON + (TEXT_DAYS + 100) * DAY)
    return [(one.first, one.last) for going in found.going for one in going.runs]


def test_nothing_goes_before_it_is_due() -> None:
    house, _ = several_days(3)
    assert run(house, NOON + PICTURE_DAYS * DAY - 1).going == ()


def test_pictures_go_sooner_than_text() -> None:
    house, made = several_days(3)
    due = run(house, NOON + (PICTURE_DAYS + 1) * DAY)
    (going,) = due.going
    assert [one.key_class for one in going.keys] == ["P"]
    assert going.runs == ()
    assert due.days() == 1
    assert counted(house, records) == len(made) + 1
    assert counted(house, pictures) == len(house.pictures.files) == 6
    assert not any(one.early for one in edge_of(house.verified()).erasures)
    assert whats(house.verified()) == []


def test_a_day_goes_with_its_envelopes_when_all_of_it_is_due() -> None:
    house, _ = several_days(3)
    keys = counted(house, wraps)
    run(house, NOON + (TEXT_DAYS + 1) * DAY)
    assert counted(house, records) == 6 + 2  # two erasures: one has the run, one all other keys
    assert counted(house, texts) == counted(house, parts.select().where(_texts).subquery()) == 6
    report = house.verified()
    assert whats(report) == []
    assert edge_of(report).erased_records == 3
    assert not any(one.early for one in edge_of(report).erasures)
    assert (
        keys - counted(house, wraps) == 4 + 2
    )  # three days of pictures, a day of text; first keys


def test_a_key_stays_while_one_part_under_it_is_not_due() -> None:
    house, _ = several_days(1)
    house.put(house.edge.an_event(at=NOON + 5 * DAY), house.edge)  # a clock that was set meanwhile
    due = plan.due(house.db, NOON + (TEXT_DAYS + 1) * DAY)
    assert [run for going in due.going for run in going.runs] == []


def test_what_is_held_stays_and_splits_the_run() -> None:
    house, made = several_days(2)
    hold(house, made[1].head.id)
    run(house, NOON + (TEXT_DAYS + 5) * DAY)
    there = house.db.scalars(select(records.c.sequence).where(records.c.writer == house.edge.id))
    assert list(there) == [2]
    assert len(house.pictures.files) == 1
    assert whats(house.verified()) == []


def test_more_keys_than_one_erasure_may_name_are_several() -> None:
    house, _ = several_days(1)
    keys = tuple(plan.Key(LOT, house.edge.id, bytes([n]) * 32, "T", 0) for n in range(3))
    many = plan.Going(LOT, house.edge.id, keys * 400, ())
    assert [len(one.keys) for one in many.erasures()] == [500, 500, 200]


def test_an_erasure_never_covers_a_hole_that_nothing_explains() -> None:
    house, _ = several_days(3)
    house.db.execute(records.delete().where(records.c.sequence == 2))
    assert ends(house) == [(1, 1), (3, 9)]
    run(house, NOON + (TEXT_DAYS + 1) * DAY)
    assert whats(house.verified()) == ["damage: missing"]


def test_a_hole_that_a_tombstone_explains_goes_with_its_tombstone() -> None:
    house, made = several_days(1)
    tomb = house.edge.head("tombstone", gone=Tombstone(2, made[1].c, None, "lost"))
    house.put(house.edge.signed(tomb), house.edge)
    house.db.execute(records.delete().where(records.c.sequence == 2))
    house.db.execute(parts.delete().where(parts.c.sequence == 2))
    assert ends(house) == [(1, 4)]
    run(house, NOON + (TEXT_DAYS + 5) * DAY)
    assert whats(house.verified()) == []


def test_a_plate_goes_alone_and_the_rest_of_its_day_later() -> None:
    house, made = several_days(2)
    (alone,) = plan.one_by_one(house.db, LOT, house.edge.id, {2})
    gone = erasure_of(made, 2, 2)
    assert (alone.before, alone.hash, alone.count) == (gone.before, gone.hash, 1)
    house.erased(gone, at=NOON + DAY)
    finishing.remove_rows(house.db, LOT, gone)
    assert edge_of(house.verified()).erasures[0].early
    assert whats(house.verified()) == []
    run(house, NOON + (TEXT_DAYS + 5) * DAY)
    assert whats(house.verified()) == []
    assert counted(house, texts) == 0


def test_bringing_it_about_twice_changes_nothing() -> None:
    house, _ = several_days(2)
    due = plan.due(house.db, NOON + (TEXT_DAYS + 1) * DAY)
    run(house, NOON + (TEXT_DAYS + 1) * DAY)
    before = [counted(house, one) for one in (records, parts, texts, pictures, wraps)]
    for going in due.going:
        for gone in going.erasures():
            finishing.remove_rows(house.db, going.lot, gone)
            finishing.destroy_keys(going.lot, gone, house.wraps)
    assert [counted(house, one) for one in (records, parts, texts, pictures, wraps)] == before


@dataclass(frozen=True)
class Happened:
    """What befell each record of an edge before retention ran."""

    held: frozenset[int]
    tombstoned: frozenset[int]


@settings(max_examples=8, deadline=None)
@given(
    st.frozensets(st.integers(1, 12), max_size=3),
    st.frozensets(st.integers(1, 12), max_size=3),
    st.lists(st.integers(0, 12), min_size=1, max_size=4).map(sorted),
)
def test_after_any_retention_nothing_is_missing_and_what_is_held_is_there(
    held: frozenset[int], tombstoned: frozenset[int], runs: list[int]
) -> None:
    house, made = several_days(4)
    for one in made:  # as the audit says hourly; it outlives the records and bounds their times
        house.line("low", Low(house.edge.id, one.head.sequence, one.c), at=one.head.at + HOUR)
    for n in sorted(tombstoned):
        at = made[-1].head.at
        gone = Tombstone(n, made[n - 1].c, None, "refused")
        house.put(house.edge.signed(house.edge.head("tombstone", gone=gone, at=at)), house.edge)
        if n not in held:
            house.db.execute(records.delete().where(records.c.sequence == n))
            house.db.execute(parts.delete().where(parts.c.sequence == n))
    low = Low(house.edge.id, house.edge.sequence, house.edge.prev)
    house.line("low", low, at=made[-1].head.at + HOUR)
    for n in held:
        hold(house, made[n - 1].head.id)
    for days in runs:
        run(house, NOON + (TEXT_DAYS + days) * DAY)
        report = house.verified()
        assert whats(report) == []
        assert not any(one.early for one in edge_of(report).erasures)
    there = set(house.db.scalars(select(records.c.sequence).where(records.c.type == "event")))
    assert held <= there


_texts = parts.c.name == "event"
