"""What was said lately is found again by who may read it, and by nobody else."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from contract.digest import H
from edge.delivery.delivering import Keys, writer_of
from edge.delivery.journal import Journal, Keeps
from edge.delivery.outbox import Outbox
from edge.delivery.room import Room
from edge.delivery.tables import VERSION
from edge.delivery.turn import Turn
from lot.times import zone
from tests.edge.delivery import lot

STATE_KEY = b"\x5a" * 32
DAY = Keeps(timedelta(hours=24), pictures=True)
US = 1_000_000


def journal(path: Path, keeps: Keeps = DAY) -> Journal:
    return Journal(path, lot.EDGE, keeps)


def test_what_the_outbox_keeps_is_said_with_its_number_and_its_picture(tmp_path: Path) -> None:
    places, identity = lot.enrolled(tmp_path)
    said = journal(places.outbox)
    writer = writer_of(identity, Keys(places, identity), zone("UTC"), lambda: lot.NOON)
    pictures = {"vehicle": b"a jpeg", "plate": b"another"}
    with closing(Outbox(Room(places.outbox, 1 << 30), writer, identity.public, said)) as outbox:
        outbox.add(lot.an_event(1, pictures), pictures)
        outbox.add(lot.an_event(2), {})
    found = said.after(0, 10)
    assert [one.event.sequence for one in found.said] == [1, 2]
    assert [one.picture for one in found.said] == [b"a jpeg", b""]
    assert [one.n for one in said.since(lot.an_event(2).last_seen)] == [found.upto]


def test_another_process_reads_it_once_both_have_the_state_key(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    one, other = journal(path), journal(path)
    one.put(lot.an_event(1), {}, lot.NOON)
    other.put(lot.an_event(2), {}, lot.NOON)
    assert other.after(0, 10).said == ()  # waited for, not passed over
    assert [said.event.id for said in other.since(0)] == [lot.an_event(2).id]
    other.opened_by(STATE_KEY)
    one.opened_by(STATE_KEY)
    assert [s.event.id for s in other.after(0, 10).said] == [lot.an_event(n).id for n in (1, 2)]


def test_what_a_power_cut_took_the_key_of_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    journal(path).put(lot.an_event(1), {}, lot.NOON)
    after = journal(path)
    after.opened_by(STATE_KEY)
    found = after.after(0, 10)
    assert (found.said, found.upto) == ((), 1)


def test_nothing_of_it_lies_in_clear(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    said = journal(path)
    said.opened_by(STATE_KEY)
    said.put(lot.an_event(1, {"vehicle": b"x" * 99}), {"vehicle": b"x" * 99}, lot.NOON)
    said.close()
    whole = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert lot.AN_EVENT.plate is not None
    assert lot.AN_EVENT.plate.encode() not in whole
    assert b"x" * 99 not in whole


def test_rows_go_when_they_are_over_and_told(tmp_path: Path) -> None:
    said = journal(tmp_path / "outbox.sqlite3", Keeps(timedelta(seconds=5)))
    hook = H(b"a hook")
    said.told(hook, 0)
    for number in range(1, 4):
        said.put(lot.an_event(number), {}, lot.NOON + 100 * US)
    assert (said.waiting(hook), len(said.since(0))) == (3, 3)
    said.told(hook, 2)
    said.put(lot.an_event(4), {}, lot.NOON + 100 * US)
    assert [one.event.id for one in said.since(0)] == [lot.an_event(n).id for n in (3, 4)]
    said.only([])
    said.put(lot.an_event(5), {}, lot.NOON + 100 * US)
    assert said.since(0) == []


def test_an_outbox_of_the_version_before_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "outbox.sqlite3"
    journal(path).close()
    with sqlite3.connect(path) as db:
        db.executescript(
            "DROP TABLE said; DROP TABLE said_keys; DROP TABLE listeners; PRAGMA user_version = 1"
        )
    db.close()
    again = journal(path)
    again.put(lot.an_event(1), {}, lot.NOON)
    assert len(again.since(0)) == 1
    with closing(sqlite3.connect(path)) as db:
        assert db.execute("PRAGMA user_version").fetchone() == (VERSION,)


def test_one_has_the_turn_until_it_lets_go(tmp_path: Path) -> None:
    one, other = Turn(tmp_path / "lock"), Turn(tmp_path / "lock")
    assert one.taken()
    assert one.taken()
    assert not other.taken()
    one.let_go()
    assert other.taken()


@pytest.mark.parametrize("revision", [1, 2])
def test_every_revision_is_said(tmp_path: Path, revision: int) -> None:
    said = journal(tmp_path / "outbox.sqlite3")
    said.put(replace(lot.an_event(1), revision=revision), {}, lot.NOON)
    assert said.after(0, 1).said[0].event.revision == revision
