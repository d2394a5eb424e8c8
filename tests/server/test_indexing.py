"""The index knows what is stored: after unlocking, after a delivery, after a keyholder ended."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import delete

from contract.record import Record
from server.index.asked import Query
from server.indexing import Indexing, Numbers
from server.keys.holder import calls
from server.store.tables import texts
from tests.server.api.vaulted import Vaulted


def _indexing(vault: Vaulted) -> Indexing:
    return Indexing(vault.database, vault.home.keyholder, vault.pictures, vault.wraps)


def _found(vault: Vaulted, by: calls.Caller) -> set[str]:
    page = vault.home.keyholder.search_events(calls.SearchEvents(by, Query(limit=500)))
    return {row.id for row in page.rows}


def _ids(*made: Record) -> set[str]:
    return {one.head.id for one in made}


def test_what_came_before_and_what_comes_later_is_told_once(vault: Vaulted) -> None:
    indexing, made = _indexing(vault), [vault.edge.an_event() for _ in range(450)]
    vault.keep(*made)
    assert indexing.feed() == 450
    assert indexing.feed() == 0
    late = vault.edge.an_event()
    vault.keep(late)
    assert indexing.feed() == 1
    assert _found(vault, vault.owner) == _ids(*made, late)


def test_a_vault_that_was_locked_is_told_everything_again(vault: Vaulted) -> None:
    indexing, first = _indexing(vault), vault.edge.an_event()
    vault.keep(first)
    indexing.feed()
    vault.home.keyholder.lock(vault.owner)
    assert indexing.feed() == 0
    second = vault.edge.an_event()
    vault.keep(second)
    owner = vault.home.owner(1)
    assert indexing.feed() == 2
    assert _found(vault, owner) == _ids(first, second)


def test_text_that_comes_after_its_record_is_told_when_it_is_there(vault: Vaulted) -> None:
    indexing, made = _indexing(vault), vault.edge.an_event()
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
    indexing, damaged, whole = _indexing(vault), vault.edge.an_event(), vault.edge.an_event()
    vault.keep(damaged, whole)
    (broken,) = (part.hash for part in damaged.envelope.parts)
    vault.database.write(
        lambda write: write.execute(
            texts.update().where(texts.c.hash == broken).values(sealed=b"LKP1")
        )
    )
    indexing.feed()
    assert _found(vault, vault.owner) == _ids(whole)


@given(st.sets(st.integers(1, 1 << 53)), st.sets(st.integers(1, 300_000)))
def test_numbers_hold_what_was_added_and_nothing_else(far: set[int], near: set[int]) -> None:
    numbers = Numbers()
    for one in sorted(far | near):
        assert one not in numbers
        numbers.add(one)
        assert one in numbers
