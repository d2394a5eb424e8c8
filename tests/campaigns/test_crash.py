"""The campaign `crash` in short; that of the edge's outbox is tests/edge/delivery/test_crashing."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import delete

from server.store.database import Database
from server.store.tables import records
from tests.campaigns import crash
from tests.server.crashing import Crashes, crashes

pytestmark = pytest.mark.long
SEED = 7


@pytest.fixture(scope="module")
def lot() -> Iterator[Crashes]:
    with crash.folder() as folder, crashes(folder, SEED) as found:
        yield found


def test_kill_9_of_server_keyholder_and_database_loses_and_doubles_nothing(lot: Crashes) -> None:
    lot.trials(4)
    assert all(one.taken > 1 for one in lot.senders), "the control: something was acknowledged"


def test_while_the_database_is_away_batches_wait_and_then_go_on(lot: Crashes) -> None:
    lot.restarted()


def test_while_another_holds_the_rows_batches_wait_and_then_go_on(lot: Crashes) -> None:
    lot.rows_held()


def test_the_check_finds_a_record_that_is_lost(lot: Crashes) -> None:
    last = lot.senders[0].written[-1].last
    writer = lot.senders[0].edge.of.writer
    gone = delete(records).where(records.c.writer == writer, records.c.sequence == last)
    with closing(Database.open(lot.mariadb.url)) as database, database.read() as other:
        other.execute(gone)  # seen by this connection alone, and undone when it is given back
        with pytest.raises(AssertionError, match="lost"):
            lot.check_stored(other)


def test_without_room_for_pictures_batches_wait_and_then_go_on() -> None:
    words = crash.cage()
    if words is None:
        pytest.skip("nothing may be mounted here")
    own = [sys.executable, "-m", "tests.campaigns.crash", "--only", "disk", "--seed", str(SEED)]
    done = subprocess.run([*words, *own], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
