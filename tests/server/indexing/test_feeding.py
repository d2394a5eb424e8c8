"""The index knows what is stored: after unlocking, after a delivery, after a keyholder ended."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from contract.record import Record
from lot.clock import now_us
from server.index.asked import Query
from server.indexing.feeding import DAY_US, Indexing, Numbers
from server.indexing.segment_files import segment_files
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway
from server.retention.retaining import retaining
from server.store.tables import records, texts
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted


def _found(vault: Vaulted, by: calls.Caller) -> set[str]:
    page = vault.home.keyholder.search_events(calls.SearchEvents(by, Query(limit=500)))
    return {row.id for row in page.rows}


def _ids(*made: Record) -> set[str]:
    return {one.head.id for one in made}


def test_what_came_before_and_what_comes_later_is_told_once(vault: Vaulted) -> None:
    indexing, made = vault.indexing, [vault.edge.an_event() for _ in range(450)]
    vault.keep(*made)
    assert indexing.feed() == 450
    assert indexing.feed() == 0
    late = vault.edge.an_event()
    vault.keep(late)
    assert indexing.feed() == 1
    assert _found(vault, vault.owner) == _ids(*made, late)


@dataclass(frozen=True, slots=True)
class Ailing(Keyholder):
    """A keyholder that fails now and then."""

    fails: Iterator[bool] = field(default_factory=lambda: repeat(False))

    def index_add(self, asked: calls.IndexAdd) -> tuple[tuple[int, str], ...]:
        if next(self.fails, False):
            raise KeyholderAway("nobody answers", then="wait")
        return Keyholder.index_add(self, asked)


def test_what_was_told_before_a_failure_is_told_of_and_written_after_it(vault: Vaulted) -> None:
    vault.keep(*(vault.edge.an_event() for _ in range(450)))
    keyholder, told = Ailing(vault.home.keyholder.socket, iter((False, True))), list[int]()
    indexing = Indexing(vault.shelves, keyholder, now_us, lambda _, new: told.append(new))
    with pytest.raises(KeyholderAway):
        indexing.feed()
    assert told == []
    indexing.feed()
    indexing.feed()
    assert told == [450, 0]


def test_what_was_told_counts_until_somebody_took_notice(vault: Vaulted) -> None:
    vault.keep(*(vault.edge.an_event() for _ in range(3)))
    told = list[int]()

    def noticed(_: int | None, new: int) -> None:
        told.append(new)
        if len(told) == 1:
            raise KeyholderAway("nobody answers", then="wait")

    indexing = Indexing(vault.shelves, vault.home.keyholder, now_us, noticed)
    with pytest.raises(KeyholderAway):
        indexing.feed()
    assert (indexing.feed(), indexing.feed()) == (3, 0)
    assert told == [3, 3, 0]


def _reopened(vault: Vaulted) -> calls.Caller:
    vault.home.keyholder.lock(vault.owner)
    return vault.home.owner(1)


def _age(vault: Vaulted) -> None:
    """Let what is stored have come an hour ago."""
    older = {"received": records.c.received - 3_600_000_000}
    vault.database.write(lambda write: write.execute(records.update().values(**older)))


def test_after_an_opening_only_what_came_in_while_locked_is_read(vault: Vaulted) -> None:
    indexing, first = vault.indexing, [vault.edge.an_event() for _ in range(40)]
    vault.keep(*first[1:])
    _age(vault)
    vault.keep(first[0])
    indexing.feed()
    assert indexing.write() > 0
    vault.home.keyholder.lock(vault.owner)
    assert indexing.feed() == 0
    second = vault.edge.an_event()
    vault.keep(second)
    owner = vault.home.owner(1)
    assert indexing.feed() == 2  # and what came in the last minutes before, in case
    assert _found(vault, owner) == _ids(*first, second)
    assert indexing.compare() == 0


def test_what_was_not_written_before_a_lock_is_read_again(vault: Vaulted) -> None:
    indexing, made = vault.indexing, [vault.edge.an_event() for _ in range(3)]
    vault.keep(*made[:2])
    indexing.feed()
    indexing.write()
    vault.keep(made[2])
    indexing.feed()  # and locked before it is written
    owner = _reopened(vault)
    indexing.feed()
    assert _found(vault, owner) == _ids(*made)


def _torn(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


@pytest.mark.parametrize("spoil", [Path.unlink, _torn])
@pytest.mark.parametrize("which", ["index/*/*.segment", "segment-keys/*/*.key"])
def test_a_day_that_lacks_or_is_torn_is_read_from_its_records(
    vault: Vaulted, spoil: Callable[[Path], None], which: str
) -> None:
    indexing, made = vault.indexing, [vault.edge.an_event() for _ in range(5)]
    vault.keep(*made)
    _age(vault)
    vault.keep(vault.edge.an_event())
    indexing.feed()
    indexing.write()
    for path in vault.places.state.glob(which):
        spoil(path)
    owner = _reopened(vault)
    assert indexing.feed() == 1
    assert indexing.compare() > 0
    assert _found(vault, owner) > _ids(*made)
    assert indexing.write() > 0
    assert indexing.compare() == 0


def test_an_old_segment_put_back_is_found_by_its_digest(vault: Vaulted, tmp_path: Path) -> None:
    indexing, made = vault.indexing, [vault.edge.an_event() for _ in range(4)]
    of_yesterday = tmp_path / "yesterday"
    vault.keep(*made[:2])
    indexing.feed()
    indexing.write()
    for folder in (vault.places.segments, vault.places.segment_keys):
        shutil.copytree(folder, of_yesterday / folder.name)
    vault.keep(*made[2:])
    _age(vault)
    late = vault.edge.an_event()
    vault.keep(late)
    indexing.feed()
    indexing.write()
    for path in vault.places.state.glob("*/*/*-*.[sk]*"):
        path.unlink()
    for folder in (vault.places.segments, vault.places.segment_keys):
        keep_new = shutil.ignore_patterns("caught-up.json")
        shutil.copytree(of_yesterday / folder.name, folder, dirs_exist_ok=True, ignore=keep_new)
    owner = _reopened(vault)
    assert indexing.feed() == 1
    assert _found(vault, owner) == _ids(*made[:2], late)
    assert indexing.compare() > 0
    assert _found(vault, owner) == _ids(*made, late)


def test_what_lies_on_the_disk_is_sealed_and_a_newer_segment_takes_the_older_ones_place(
    vault: Vaulted,
) -> None:
    indexing, made = vault.indexing, [vault.edge.an_event() for _ in range(2)]
    for one in made:
        vault.keep(one)
        indexing.feed()
        indexing.write()
    indexing.learn(LOT)
    files = [path for path in vault.places.state.glob("*/*/*") if "wraps" not in str(path)]
    kinds = sorted(path.suffix for path in files if path.parent.name == LOT.hex())
    assert kinds == ["", ".json", ".key", ".segment"]
    for path in files:
        assert path.stat().st_mode & 0o77 == 0
        assert b"north" not in path.read_bytes()


def test_a_day_that_was_erased_is_forgotten_on_the_disk_and_in_memory(vault: Vaulted) -> None:
    indexing, made = vault.indexing, vault.edge.an_event()
    vault.keep(made)
    indexing.feed()
    indexing.write()
    files = segment_files(vault.places)
    (day,) = files.days(LOT)
    days = retaining(vault.parts).forgetting().days
    days.forget(LOT, day)
    assert not files.days(LOT)
    assert _found(vault, vault.owner) == set()
    vault.home.keyholder.lock(vault.owner)  # forgetting needs nobody to be there
    days.forget(LOT, day)


def test_a_record_that_was_erased_alone_leaves_the_others_of_its_day_in_every_answer(
    vault: Vaulted,
) -> None:
    indexing, one, other = vault.indexing, vault.edge.an_event(), vault.edge.an_event()
    vault.keep(one, other)
    indexing.feed()
    indexing.write()
    files = segment_files(vault.places)
    days = tuple(files.days(LOT))
    (gone,) = _ids(one)
    retaining(vault.parts).forgetting().days.forget_records(LOT, days, [gone])
    assert _found(vault, vault.owner) == _ids(other)
    assert not files.days(LOT)  # no segment that may name it waits for the next writing
    assert indexing.write() == len(days)


def test_lessons_are_learned_once_and_are_there_after_an_opening(vault: Vaulted) -> None:
    vault.keep(*(vault.edge.an_event() for _ in range(3)))
    now = now_us()
    indexing = Indexing(
        vault.shelves, vault.home.keyholder, lambda: now, beside=lambda work: work()
    )
    indexing.round()
    lessons = segment_files(vault.places).lessons(LOT)
    assert lessons is not None
    _reopened(vault)
    indexing.round()
    assert segment_files(vault.places).lessons(LOT) == lessons
    now += DAY_US + 60_000_000
    indexing.round()
    renewed = segment_files(vault.places).lessons(LOT)
    assert renewed is not None
    assert renewed.generation > lessons.generation
    for path in vault.places.segments.glob("*/lessons-*"):
        path.write_bytes(lessons.sealed)  # put back under a newer name
    vault.home.keyholder.lock(calls.Console())
    founding = vault.home.founding
    vault.home.keyholder.recover(calls.Recover(founding.row, founding.recovery, calls.Console()))
    indexing.feed()
    assert segment_files(vault.places).lessons(LOT) is None


def test_what_comes_in_while_lessons_are_learned_is_found_at_once(vault: Vaulted) -> None:
    begun: list[Callable[[], None]] = []
    indexing = Indexing(vault.shelves, vault.home.keyholder, now_us, beside=begun.append)
    vault.keep(vault.edge.an_event())
    indexing.round()
    late = vault.edge.an_event()
    vault.keep(late)
    indexing.round()
    assert _ids(late) <= _found(vault, vault.owner)
    (learning,) = begun  # and it is not begun twice
    learning()
    indexing.round()
    assert len(begun) == 1


def test_text_that_comes_after_its_record_is_told_when_it_is_there(vault: Vaulted) -> None:
    indexing, made = vault.indexing, vault.edge.an_event()
    vault.keep(made)
    with vault.database.read() as read:
        kept = dict(read.execute(texts.select()).one()._mapping)
    vault.database.write(lambda write: write.execute(delete(texts)))
    assert indexing.feed() == 0
    vault.database.write(lambda write: write.execute(texts.insert().values(**kept)))
    vault.keep()  # the writer's stamp says that something changed
    assert indexing.feed() == 1
    assert _found(vault, vault.owner) == _ids(made)


def test_one_that_cannot_be_opened_keeps_none_of_the_others_out(vault: Vaulted) -> None:
    indexing, damaged, whole = vault.indexing, vault.edge.an_event(), vault.edge.an_event()
    vault.keep(damaged, whole)
    (broken,) = (part.hash for part in damaged.envelope.parts)
    vault.database.write(
        lambda write: write.execute(
            texts.update().where(texts.c.hash == broken).values(sealed=b"LKP1")
        )
    )
    indexing.feed()
    assert _found(vault, vault.owner) == _ids(whole)
    assert indexing.compare() == 0  # it counts, so that its day is not read for ever


def test_an_envelope_that_was_altered_is_passed_over_and_its_day_tried_once(
    vault: Vaulted,
) -> None:
    indexing, altered, whole = vault.indexing, vault.edge.an_event(), vault.edge.an_event()
    vault.keep(altered, whole)
    vault.database.write(
        lambda write: write.execute(
            records.update().where(records.c.id == altered.head.id).values(envelope=b"{}")
        )
    )
    indexing.feed()
    assert indexing.compare() == 1
    assert indexing.compare() == 0
    assert _found(vault, vault.owner) == _ids(whole)


@given(st.sets(st.integers(1, 1 << 53)), st.sets(st.integers(1, 300_000)))
def test_numbers_hold_what_was_added_and_nothing_else(far: set[int], near: set[int]) -> None:
    numbers = Numbers()
    for one in sorted(far | near):
        assert one not in numbers
        numbers.add(one)
        assert one in numbers
