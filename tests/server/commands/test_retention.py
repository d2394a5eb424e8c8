"""What is due is listed, waits for the owner's word where it is much, and then goes for good."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from sqlalchemy import func, select

from lot.clock import now_us
from lot.errors import DONE, LOCKED
from server.access.roles import Role
from server.backup.taking import parts_of
from server.store import alarms
from server.store.tables import records
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted
from tests.server.commands.console import Console

DAY = 86_400_000_000
DAYS = 5


def fill(vault: Vaulted) -> None:
    """Keep a picture a day that are all due, as if retention had not run for long."""
    first = now_us() - 200 * DAY
    for day in range(DAYS):
        at = first + day * DAY
        vault.new_day(at)
        vault.keep(vault.edge.an_event({"plate": b"%d" % day}, at=at))


def there(vault: Vaulted) -> int:
    with vault.database.read() as read:
        mine = records.c.writer == vault.edge.id
        return read.scalar(select(func.count()).select_from(records).where(mine)) or 0


def test_much_at_once_is_listed_and_waits_for_the_owner(console: Console) -> None:
    vault = console.vault
    fill(vault)
    for words in ((), ("--dry-run",)):
        status, said, _ = console.do("retention", *words)
        assert (status, "5 days' worth is due at once" in said) == (DONE, True)
        assert "north, gate: records 1 to 5 (5) with their envelopes" in said
    assert there(vault) == DAYS
    manager = console.file("manager", vault.person("Ma", Role.MANAGER).token)
    assert console.do("retention", "--confirm", "--session", str(manager))[0] == LOCKED
    status, said, _ = console.owner("retention", "--confirm")
    assert (status, said.splitlines()[-1]) == (DONE, "this is forgotten now")
    assert (there(vault), console.do("retention")[1]) == (0, "nothing is due\n")
    assert vault.acts()[-2:] == ["retention_confirmed", "erased"]
    assert console.do("verify")[0] == DONE


def test_the_keys_part_is_written_anew_and_two_are_kept(console: Console) -> None:
    vault, copy = console.vault, console.folder / "copy"
    fill(vault)
    assert console.do("backup", str(copy))[0] == DONE
    assert console.owner("retention", "--confirm")[0] == DONE
    parts = parts_of(copy, "keys")
    assert (len(parts), len(parts_of(copy, "data"))) == (2, 1)
    assert _wraps_in(parts[0]) == _wraps_in(parts[1]) - 2 * DAYS + 1  # and one of the audit's


def test_a_backup_that_is_away_leaves_an_alarm_until_its_keys_part_is_new(console: Console) -> None:
    vault, copy = console.vault, console.folder / "copy"
    fill(vault)
    assert console.do("backup", str(copy))[0] == DONE
    shutil.move(copy, console.folder / "elsewhere")
    long_ago = (now_us() - 2 * DAY) / 1e6  # who backs up every night is not reminded
    os.utime(vault.places.backup, (long_ago, long_ago))
    assert console.owner("retention", "--confirm")[0] == DONE
    with vault.database.read() as read:
        (one,) = alarms.standing(read, LOT)
    assert (one.kind, "backup --keys-only" in one.said) == ("keys_part", True)
    assert console.do("backup", "--keys-only", str(console.folder / "elsewhere"))[0] == DONE
    with vault.database.read() as read:
        assert alarms.standing(read, LOT) == []


def _wraps_in(part: Path) -> int:
    return (part / "keys.tar").read_bytes().count(b"LKW1")
