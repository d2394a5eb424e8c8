"""What a person holds opens when its day is forgotten, and goes when the hold ends."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lot.clock import now_us
from lot.errors import DONE, LOCKED, Refused
from server.access.roles import Role
from server.keys.holder import calls
from server.store import private_rows
from server.store.tables import records
from tests.contract.writers import LOT
from tests.server.commands.console import Console

DAY = 86_400_000_000
WHY = ("--reason", "a scratch, for the insurer")


@pytest.fixture
def held(console: Console) -> tuple[Console, str]:
    """Two events that are due, the first of them held."""
    vault, at = console.vault, now_us() - 200 * DAY
    vault.new_day(at)
    made = [vault.edge.an_event({"plate": b"%d" % n}, at=at + n) for n in range(2)]
    vault.keep(*made)
    status, said, talk = console.owner("hold", "add", made[0].head.id, *WHY)
    assert (status, said) == (DONE, f"{made[0].head.id} is held\n"), talk
    return console, made[0].head.id


def events(console: Console) -> list[str]:
    with console.vault.database.read() as read:
        return list(read.scalars(select(records.c.id).where(records.c.type == "event")))


def test_it_opens_after_its_day_is_gone_and_goes_when_the_hold_ends(
    held: tuple[Console, str],
) -> None:
    console, event = held
    assert console.owner("retention", "--confirm")[0] == DONE
    assert events(console) == [event]
    status, said, _ = console.owner("verify", "--open")
    assert (status, "opened: 2 parts" in said) == (DONE, True)
    assert "for the insurer" in console.owner("hold", "list")[1]
    assert console.owner("hold", "add", event, "--reason", "the court asks too")[0] == DONE
    assert console.owner("hold", "end", event)[0] == DONE
    assert console.owner("retention", "--confirm")[0] == DONE
    assert events(console) == []
    assert console.do("verify")[0] == DONE


def test_what_was_let_go_may_be_held_again(held: tuple[Console, str]) -> None:
    console, event = held
    for _ in range(2):
        assert console.owner("hold", "end", event)[0] == DONE
        assert console.owner("hold", "add", event, *WHY)[0] == DONE
    assert console.owner("retention", "--confirm")[0] == DONE
    status, said, _ = console.owner("verify", "--open")
    assert (status, "opened: 2 parts" in said) == (DONE, True)


def test_holds_are_a_managers_too_and_nobody_gets_what_opens_them(
    held: tuple[Console, str],
) -> None:
    console, event = held
    vault = console.vault
    manager = console.file("manager", vault.person("Ma", Role.MANAGER).token)
    assert console.do("hold", "list", "--session", str(manager))[0] == DONE
    viewer = console.file("viewer", vault.person("Vi", Role.VIEWER).token)
    for words in (("list",), ("end", event), ("add", event, *WHY)):
        assert console.do("hold", *words, "--session", str(viewer))[0] == LOCKED
    with vault.database.read() as read:
        (row,) = private_rows.page(read, LOT, "hold", most=9)
    sealed = calls.SealedRow("hold", row.id, row.version, row.box)
    (plain,) = vault.home.keyholder.rows_open(calls.RowsOpen(vault.owner, LOT, (sealed,)))
    assert isinstance(plain, calls.PlainRow)
    assert b"parts" not in plain.content
    forged = calls.PlainRow("hold", row.id, row.version + 1, plain.content)
    with pytest.raises(Refused, match="own records"):
        vault.home.keyholder.rows_seal(calls.RowsSeal(vault.owner, LOT, (forged,)))


def test_what_is_not_there_or_not_final_cannot_be_held(console: Console) -> None:
    vault = console.vault
    early = vault.edge.an_event(final=False)
    vault.keep(early)
    assert console.owner("hold", "add", early.head.id, *WHY)[0] == LOCKED
    assert console.owner("hold", "add", early.head.id[:-1] + "0", *WHY)[0] == LOCKED
    assert console.owner("hold", "add", "x", *WHY)[0] == 2
