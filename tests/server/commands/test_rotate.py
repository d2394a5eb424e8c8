"""What opens the vault is changed at the console: a new pair, another passphrase, a slot gone."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from contract import trust
from contract.trust import Statement
from lot.errors import DONE, LOCKED, WRONG_USAGE, Refused
from server.keys import slots
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import Slot
from tests.server.commands.console import Console
from tests.server.keys.holder.running import PASSPHRASE

NEW = "another stone by another river"


def _statement(console: Console) -> Statement:
    return trust.pack_own(console.vault.places.trust_pack.read_bytes()).statement


def _slot(console: Console) -> Slot:
    found = console.vault.home.folder.slots.found().slots
    return next(one for one in found if one.terms.person is not None)


def test_a_new_pair_is_announced_only_when_the_backup_holds_it(
    console: Console, tmp_path: Path
) -> None:
    before, folder = _statement(console), tmp_path / "stick"
    status, _, talk = console.owner("rotate", "rsa")
    assert (status, talk.count("\n")) == (WRONG_USAGE, 1)  # it would lie nowhere but here
    assert console.do("backup", str(folder))[0] == DONE
    folder.rename(tmp_path / "taken out")
    status, _, talk = console.owner("rotate", "rsa")
    assert (status, _statement(console)) == (4, before), talk
    (tmp_path / "taken out").rename(folder)

    assert console.owner("rotate", "announce")[0] == DONE

    after = _statement(console)
    assert after.n > before.n
    assert after.current.id != before.current.id
    assert [key.id for key in after.rsa if key.state == "old"] == [before.current.id]
    newest = max((folder / "keys").glob("*/keys.tar"))
    with tarfile.open(newest) as packed:
        kept = packed.extractfile("vault")
        assert kept is not None
        assert kept.read() == console.vault.home.folder.vault.read_bytes()


def test_ones_own_passphrase_is_changed_and_the_old_one_opens_nothing(console: Console) -> None:
    old, new = console.file("old", PASSPHRASE), console.file("new", NEW)
    given = ("--passphrase-file", str(old), "--new-passphrase-file", str(new))
    change = ("passphrase", "change", *given, "--next-code-file", console.fresh_code())
    assert console.owner(*change)[0] == DONE
    slot = _slot(console)
    slots.opened(slot, slots.kek_of_passphrase(slot.terms, passphrase_bytes(NEW)))
    with pytest.raises(Refused):
        slots.opened(slot, slots.kek_of_passphrase(slot.terms, passphrase_bytes(PASSPHRASE)))
    assert console.vault.acts()[-1] == "passphrase_changed"
    status, _, talk = console.owner(*change)  # the code is spent, and the words are old
    assert (status, talk.count("\n")) == (LOCKED, 1)


def test_a_slot_is_taken_away_but_nobodys_own(console: Console) -> None:
    given, phone = str(console.file("new", NEW)), console.pipe()
    add = ("user", "add", "Bo", "--role", "owner", "--password-file", given)
    assert console.owner(*add, "--otp-address", phone.path)[0] == DONE
    phone.read()
    assert len(console.vault.home.folder.slots.found().slots) == 3
    assert console.owner("passphrase", "take", "Bo")[0] == DONE
    assert len(console.vault.home.folder.slots.found().slots) == 2
    status, _, talk = console.owner("passphrase", "take", "Ada")
    assert (status, talk.count("\n")) == (LOCKED, 1)


def test_what_needs_a_keeper_says_so_where_none_is_paired(console: Console) -> None:
    for words in (("move", "Ada"), ("back", "Ada"), ("address", "192.168.1.9:8444")):
        status, _, talk = console.do("keeper", *words)
        assert (status, talk.count("\n")) == (WRONG_USAGE, 1)
        assert "keeper pair" in talk
