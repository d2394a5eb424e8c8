"""What reading and writing promise, on each of the three databases."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, insert, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from lot.errors import NoSpace, Unreachable, WrongUsage
from server.store import private_rows
from server.store.adding import added
from server.store.database import Database
from server.store.private_rows import PrivateRow
from server.store.tables import alarms, counts
from server.store.tables import private_rows as table
from server.store.tables import texts as texts_table

LOT = b"\xff" * 16
KIND = "hold"


def row(id_: bytes = bytes(16), version: int = 1, box: bytes = b"box") -> PrivateRow:
    return PrivateRow(LOT, KIND, id_, version, box)


def kept(database: Database, id_: bytes = bytes(16)) -> PrivateRow | None:
    with database.read() as connection:
        return private_rows.found(connection, LOT, KIND, id_)


def test_any_bytes_come_back_as_they_went(each_database: Database) -> None:
    every = bytes(range(256))
    boxes = [every, every[::-1], b"", b"'; \\ %s %% \x00", os.urandom(60_000)]
    for number, box in enumerate(boxes):
        kept_as = row(every[number * 16 + 100 :][:16], box=box)
        assert each_database.write(partial(private_rows.put, row=kept_as))
        assert kept(each_database, kept_as.id) == kept_as


@pytest.mark.parametrize("size", [1_000, 100_000])
def test_many_rows_at_once_come_back_as_they_went(each_database: Database, size: int) -> None:
    texts = ["", "plain", "'; DROP TABLE lots; --", "\\ %s %(lot)s %%", 'ä☃🚗\n\r\x1a"', "%"]
    numbers = [0, 1, -1, 2**62, -(2**62), None]
    made = [
        {
            "lot": LOT,
            "id": bytes([number]) * 16,
            "kind": kind,
            "writer": None if number % 2 else bytes(range(16)),
            "camera": None,
            "said": kind * 2,
            "at": at or 0,
            "ended": at,
        }
        for number, (kind, at) in enumerate(zip(texts, numbers, strict=True))
    ]
    sealed = [
        {"lot": LOT, "hash": bytes([n]) * 32, "sealed": bytes(range(256)) * (size // 256) + b"'\\"}
        for n in range(3)
    ]

    def work(connection: Connection) -> None:
        connection.execute(insert(alarms), made)
        connection.execute(insert(texts_table), sealed)

    each_database.write(work)
    with each_database.read() as read:
        assert [dict(one) for one in read.execute(select(alarms).order_by("id")).mappings()] == made
        found = read.execute(select(texts_table).order_by("hash")).mappings()
        assert [dict(one) for one in found] == sealed


@pytest.mark.parametrize(
    "kind",
    ["", "plain", "'; DROP TABLE lots; --", "\\ %s %(lot)s %%", "delimiter ;", 'ä☃🚗\n\x1a"'],
)
def test_what_is_looked_for_is_found_whatever_it_holds(each_database: Database, kind: str) -> None:
    ids = [bytes([number]) * 16 for number in (0, 0x27, 0x5C, 0xFF)]
    made = [PrivateRow(LOT, kind, id_, 1, kind.encode() + id_) for id_ in ids]
    other = PrivateRow(LOT, "other", ids[0], 1, b"")
    each_database.write(lambda c: [private_rows.put(c, one) for one in [*made, other]])
    with each_database.read() as read:
        wanted = select(table.c.id).where(table.c.kind == kind, table.c.id.in_(ids))
        assert set(read.scalars(wanted)) == set(ids)
        assert set(read.scalars(wanted.where(table.c.box == made[1].box))) == {ids[1]}
        assert not list(read.scalars(wanted.where(table.c.version > 2**40)))


def test_a_result_larger_than_one_packet_comes_whole(each_database: Database) -> None:
    boxes = {bytes([number]) * 16: os.urandom(size) for number, size in enumerate([0, 1, 70_000])}
    each_database.write(
        lambda c: [private_rows.put(c, row(id_, box=box)) for id_, box in boxes.items()]
    )
    with each_database.read() as read:
        for _ in range(3):  # nothing of one answer is left for the next
            found = read.execute(select(table.c.id, table.c.box).where(table.c.lot == LOT))
            assert {one.id: one.box for one in found} == boxes
            assert read.execute(select(table.c.id).where(table.c.lot == bytes(16))).all() == []


def test_a_statement_of_our_own_may_hold_a_percent_sign(each_database: Database) -> None:
    each_database.write(lambda c: private_rows.put(c, row()))
    with each_database.read() as read:
        like = text("SELECT count(*) FROM private_rows WHERE kind LIKE 'ho%' AND kind <> :not")
        assert read.execute(like, {"not": "other"}).scalar_one() == 1


@pytest.mark.parametrize("rests_s", [-1.0, 3600.0])
def test_a_link_that_rested_is_asked_before_a_reader_has_it(
    each_database: Database, monkeypatch: pytest.MonkeyPatch, rests_s: float
) -> None:
    if each_database.engine.name != "mariadb":
        pytest.skip("only MariaDB's link asks for itself")
    monkeypatch.setattr("server.store.mariadb._PING_AFTER_S", rests_s)
    numbered = text("SELECT CONNECTION_ID()")
    with each_database.read() as one, each_database.read() as other:
        dead, killer = (link.execute(numbered).scalar_one() for link in (one, other))
    with each_database.read() as read:  # the pool gives who came back first
        assert read.execute(numbered).scalar_one() == killer
        read.execute(text(f"KILL {dead}"))
    if rests_s < 0:
        with each_database.read() as read:
            assert read.execute(numbered).scalar_one() not in (dead, killer)
    else:
        with pytest.raises(Unreachable), each_database.read() as read:
            read.execute(numbered)
        with each_database.read() as read:
            assert read.execute(numbered).scalar_one() != dead


def test_text_is_compared_byte_by_byte(each_database: Database) -> None:
    lower, upper = (PrivateRow(LOT, kind, bytes(16), 1, b"") for kind in ("ä", "Ä"))
    each_database.write(lambda c: [private_rows.put(c, one) for one in (lower, upper)])
    with each_database.read() as connection:
        assert private_rows.found(connection, LOT, "ä", bytes(16)) == lower
        assert private_rows.found(connection, LOT, "a", bytes(16)) is None


def test_what_work_raises_undoes_all_it_did(each_database: Database) -> None:
    def work(connection: Connection) -> None:
        private_rows.put(connection, row())
        raise WrongUsage("no", then="go")

    with pytest.raises(WrongUsage):
        each_database.write(work)
    assert kept(each_database) is None


def test_what_is_written_while_reading_is_undone(each_database: Database) -> None:
    with each_database.read() as connection:
        private_rows.put(connection, row())
    assert kept(each_database) is None


def test_a_reader_sees_one_moment(each_database: Database) -> None:
    with each_database.read() as connection:
        assert private_rows.found(connection, LOT, KIND, bytes(16)) is None
        each_database.write(lambda c: private_rows.put(c, row()))
        assert private_rows.found(connection, LOT, KIND, bytes(16)) is None
    assert kept(each_database) == row()


def test_of_two_that_raise_a_number_none_is_lost(each_database: Database) -> None:
    each_database.write(lambda c: private_rows.put(c, row(version=0)))
    together = threading.Barrier(2)
    tries: list[int] = []

    def raised(connection: Connection) -> None:
        tries.append(1)
        found = private_rows.found(connection, LOT, KIND, bytes(16))
        assert found is not None
        if len(tries) <= 2 and each_database.engine.name != "sqlite":
            together.wait()  # both have read before either writes
        connection.execute(update(table).values(version=found.version + 1))

    threads = [threading.Thread(target=each_database.write, args=[raised]) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = kept(each_database)
    assert found is not None
    assert found.version == 2


def test_two_that_add_one_row_end_with_one(each_database: Database) -> None:
    together = threading.Barrier(2)
    tries: list[int] = []
    said: list[bool] = []

    def work(connection: Connection) -> bool:
        tries.append(1)
        if len(tries) <= 2 and each_database.engine.name != "sqlite":
            connection.execute(select(counts.c.id))  # both take their snapshot before
            together.wait()
        return added(connection, counts, {"lot": LOT, "id": bytes(16), "more": 1, "at": 1})

    threads = [
        threading.Thread(target=lambda: said.append(each_database.write(work))) for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == [False, True]


def test_a_conflict_that_work_swallowed_is_no_commit(each_database: Database) -> None:
    if each_database.engine.name == "sqlite":
        pytest.skip("SQLite has one writer: none conflicts")
    each_database.write(lambda c: private_rows.put(c, row(version=0)))
    tries: list[int] = []

    def raise_elsewhere() -> None:
        each_database.write(lambda c: c.execute(update(table).values(version=7)))

    def work(connection: Connection) -> None:
        private_rows.found(connection, LOT, KIND, bytes(16))
        tries.append(1)
        if len(tries) == 1:
            other = threading.Thread(target=raise_elsewhere)
            other.start()
            other.join()
        try:
            connection.execute(update(table).values(version=8))
        except SQLAlchemyError:
            return

    each_database.write(work)
    found = kept(each_database)
    assert found is not None
    assert (found.version, len(tries)) == (8, 2)


def test_a_lost_connection_is_replaced_and_the_work_done_again(each_database: Database) -> None:
    kills = {
        "mariadb": "KILL CONNECTION_ID()",
        "postgresql": "SELECT pg_terminate_backend(pg_backend_pid())",
    }
    if each_database.engine.name not in kills:
        pytest.skip("SQLite has no connection to lose")
    tries: list[int] = []

    def work(connection: Connection) -> None:
        private_rows.put(connection, row())
        tries.append(1)
        if len(tries) == 1:
            connection.execute(text(kills[each_database.engine.name]))

    each_database.write(work)
    assert (kept(each_database), len(tries)) == (row(), 2)


def test_a_commit_whose_answer_is_lost_is_found_by_the_repeat(each_database: Database) -> None:
    tries: list[int] = []

    def work(connection: Connection) -> bool:
        tries.append(1)
        new = added(connection, counts, {"lot": LOT, "id": bytes(16), "more": 1, "at": 1})
        if len(tries) == 1:
            connection.commit()
            raise _lost()
        return new

    assert each_database.write(work) is False
    with each_database.read() as connection:
        assert len(connection.execute(select(counts)).all()) == 1


def test_a_database_that_stays_away_is_named(
    each_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.database._PAUSES_S", (0.0, 0.0))
    tries: list[int] = []

    def work(connection: Connection) -> None:
        private_rows.put(connection, row())
        tries.append(1)
        raise _lost()

    with pytest.raises(Unreachable, match="LOT_DATABASE"):
        each_database.write(work)
    assert (kept(each_database), len(tries)) == (None, 3)


@pytest.mark.parametrize(
    "url",
    [
        "mariadb://root:secret@/lot?unix_socket=/nowhere/s",
        "postgresql://root:secret@/lot?host=/nowhere",
        "sqlite:////proc/nowhere/lot.sqlite3",
    ],
)
def test_a_database_that_is_not_there_is_unreachable(url: str) -> None:
    database = Database.open(url)
    with pytest.raises(Unreachable) as told, database.read():
        pass
    assert "secret" not in str(told.value)
    database.close()


@pytest.mark.parametrize("url", ["", "oracle://a:secret@b/c", "nonsense secret", "sqlite://"])
def test_a_wrong_url_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(WrongUsage, match="LOT_DATABASE") as told:
        Database.open(url)
    assert "secret" not in str(told.value)


def test_a_full_disk_is_said_and_nothing_of_it_stored(database: Database) -> None:
    database.write(lambda c: private_rows.put(c, row()))

    def work(connection: Connection) -> None:
        connection.execute(text("PRAGMA max_page_count = 1"))
        private_rows.put(connection, row(bytes([1]) * 16, box=bytes(1_000_000)))

    with pytest.raises(NoSpace):
        database.write(work)
    assert kept(database, bytes([1]) * 16) is None
    assert kept(database) == row()


def test_a_held_lock_is_unreachable_and_then_goes_on(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("server.store.database._PAUSES_S", (0.0,))
    path = database.engine.url.database
    assert path is not None
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")

    def impatient(connection: Connection) -> None:
        private_rows.put(connection, row())

    with database.read() as connection:  # the pool's connection, made to wait for nothing
        connection.execute(text("PRAGMA busy_timeout = 0"))
    with pytest.raises(Unreachable):
        database.write(impatient)
    holder.execute("ROLLBACK")
    holder.close()
    database.write(impatient)
    assert kept(database) == row()


def test_sqlite_syncs_at_every_commit(database: Database) -> None:
    with database.read() as connection:
        assert connection.execute(text("PRAGMA synchronous")).scalar_one() == 2
        assert connection.execute(text("PRAGMA journal_mode")).scalar_one() == "wal"


def test_sqlites_files_are_ours_alone(tmp_path: Path) -> None:
    database = Database.open(f"sqlite:///{tmp_path / 'state' / 'lot.sqlite3'}")
    with database.read():
        modes = {path.name: path.stat().st_mode for path in (tmp_path / "state").iterdir()}
    assert {stat.S_IMODE(mode) for mode in modes.values()} == {0o600}
    database.close()


def test_a_bug_stays_a_bug(each_database: Database) -> None:
    with pytest.raises(DBAPIError):
        each_database.write(lambda c: c.execute(text("SELECT nonsense FROM nowhere")))


def test_a_null_where_none_may_be_is_a_bug(each_database: Database) -> None:
    with pytest.raises(IntegrityError):
        each_database.write(
            lambda c: added(c, counts, {"lot": LOT, "id": bytes(16), "more": 1, "at": None})
        )


def test_an_error_does_not_repeat_what_a_row_holds(each_database: Database) -> None:
    with pytest.raises(SQLAlchemyError) as told:
        each_database.write(
            lambda c: added(c, counts, {"lot": LOT, "id": b"PLATE-8ABC123", "more": 1, "at": None})
        )
    assert "8ABC123" not in str(told.value)


def _lost() -> DBAPIError:
    return DBAPIError("COMMIT", None, sqlite3.OperationalError("unable to open database file"))
