"""What reading and writing promise, on each of the three databases."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Connection, select, text, update
from sqlalchemy.exc import DBAPIError, IntegrityError, SQLAlchemyError

from lot.errors import NoSpace, Unreachable, WrongUsage
from server.store import private_rows
from server.store.adding import added
from server.store.database import Database
from server.store.private_rows import PrivateRow
from server.store.tables import counts
from server.store.tables import private_rows as table

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
