"""One plate is listed, then forgotten under a fresh code; what stays readable is said."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from lot.clock import now_us
from lot.errors import DONE, LOCKED
from server.access.roles import Role
from server.private.rows import Place, Private
from server.records.statements import Noted, PlateCorrected
from server.store import private_rows
from server.store.tables import records, texts
from tests.contract.writers import LOT
from tests.server.commands.console import Console, event_of

HOUR = 3_600_000_000
THEIRS, OTHER = "8ABC123", "5XYZ987"
GROUND = ("--ground", "they asked in writing")


@pytest.fixture
def filled(console: Console) -> Console:
    """Four events: two of a plate, one said to be of it, one of somebody else."""
    vault, edge = console.vault, console.vault.edge
    at = now_us() - 24 * HOUR
    plates = (THEIRS, OTHER, "8QQQ777", THEIRS)
    made = [event_of(edge, plate, at + n * HOUR) for n, plate in enumerate(plates)]
    vault.keep(*made)
    ada = vault.home.founding.account.id
    vault.parts.said(LOT, ada, PlateCorrected(made[2].head.id, THEIRS, None))
    vault.parts.said(LOT, ada, Noted(made[0].head.id, "a dent"))
    known = {"list": "staff", "plate": THEIRS, "holder": None}
    private = Private(vault.database, vault.home.keyholder, vault.parts)
    private.put(vault.owner, Place(LOT, "known"), b"k" * 16, 0, known)
    return console


def sequences(console: Console) -> list[int]:
    with console.vault.database.read() as read:
        mine = records.c.writer == console.vault.edge.id
        return list(read.scalars(select(records.c.sequence).where(mine).order_by("sequence")))


def test_a_dry_run_lists_what_would_go_and_changes_nothing(filled: Console) -> None:
    status, said, talk = filled.owner("erase", THEIRS, *GROUND)
    assert status == DONE, talk
    assert said.startswith("3 events from ")
    assert "2 statements about them, 5 records, would go\n" in said
    assert "known staff: would go\n" in said
    assert "readable as one car's, for ever" in said
    assert sequences(filled) == [1, 2, 3, 4]
    assert filled.vault.acts()[-5:] == ["search", *["rows_read"] * 4]


def test_what_was_seen_and_said_of_it_is_gone_and_signed_as_gone(filled: Console) -> None:
    code = filled.fresh_code()
    status, said, talk = filled.owner(
        "erase", THEIRS, *GROUND, "--confirm", "--fresh-code-file", code
    )
    assert (status, "are forgotten now" in said) == (DONE, True), talk
    assert sequences(filled) == [2]
    assert "known staff: is forgotten now\n" in said
    with filled.vault.database.read() as read:
        assert private_rows.found(read, LOT, "known", b"k" * 16) is None
        assert len(read.scalars(select(texts.c.hash)).all()) == 1
    assert filled.vault.acts()[-3:] == ["plate_erased", "row", "erased"]
    assert filled.do("verify")[0] == DONE
    again = filled.owner("erase", THEIRS, *GROUND)
    assert again[1] == "nothing is kept about this plate that may go\n"
    assert "1 events" in filled.owner("erase", OTHER, *GROUND)[1]


def test_without_a_fresh_code_or_the_right_nothing_goes(filled: Console) -> None:
    wrong = str(filled.file("wrong", "000000"))
    words = ("erase", THEIRS, *GROUND, "--confirm", "--fresh-code-file", wrong)
    assert filled.owner(*words)[0] == LOCKED
    manager = str(filled.file("manager", filled.vault.person("Ma", Role.MANAGER).token))
    assert filled.do("erase", THEIRS, *GROUND, "--session", manager)[0] == LOCKED
    assert sequences(filled) == [1, 2, 3, 4]
