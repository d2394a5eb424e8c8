"""Split mode with a real share keeper over TLS: neither box alone opens anything."""

from __future__ import annotations

import io
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from contract import codes, otp
from contract.otp import Typed
from edge.__main__ import main
from lot.errors import DONE, Damaged, LotError, Refused
from server.keys import slots, vault_open
from server.keys.holder import calls, keeper_file, refusals
from server.keys.passphrases import passphrase_bytes
from tests.edge.keeper.test_service import Running, command, env, running
from tests.server.keys.holder.running import PASSPHRASE, House, caller, house

NEW = "six other words that nobody guesses"


@dataclass
class Split:
    """A server and its keeper, and the web process's part: to carry."""

    home: House
    keeper: Running
    seed: bytes = b""
    tls: bytes = field(default=b"")
    ahead: int = 0

    def console(self, *words: str) -> str:
        """Type at the keeper's console, in this process: a start of Python is no part of it."""
        said = io.StringIO()
        with redirect_stdout(said):
            assert main(command(*words)[3:], env(self.keeper.folder)) == DONE
        return said.getvalue()

    def carried(self, asked: calls.AskKeeper, path: str = "/keeper/v1") -> calls.Led:
        status, answer = self.keeper.post(path, asked.message, self.tls or None)
        assert status == 200, answer
        return self.home.keyholder.go_on(calls.GoOn(asked.ticket, answer))

    def pair(self, by: calls.Caller) -> None:
        printed = self.console("pair", "--address", f"127.0.0.1:{self.keeper.port}")
        code = printed.rpartition("@")[0]
        _, pack = self.keeper.post("/keeper/v1/pack", b"")
        asked = self.home.keyholder.pair_keeper(calls.PairKeeper(by, pack, code))
        pinned = self.carried(asked, "/keeper/v1/pair")
        assert isinstance(pinned, calls.KeeperPinned)
        self.tls = pinned.tls

    def new_slot(self, by: calls.Caller, passphrase: str = PASSPHRASE) -> bytes:
        asked = calls.NewSlot(by, self.home.founding.row, passphrase)
        found = self.home.keyholder.new_slot(asked)
        assert isinstance(found, calls.AskKeeper)
        made = self.carried(found)
        assert isinstance(made, calls.SlotMade)
        self.seed = made.seed
        return made.slot

    def code(self, ahead: int) -> Typed:
        return Typed(otp.code_at(self.seed, int(time.time()) // otp.STEP_S + ahead))

    def asked(self, typed: Typed, passphrase: str = PASSPHRASE) -> calls.AskKeeper:
        row = self.home.founding.row
        asked = calls.Unlock(row, passphrase, typed, calls.Console(), "ntp")
        found = self.home.keyholder.unlock(asked)
        assert isinstance(found, calls.AskKeeper)
        return found

    def owner(self, ahead: int = 0, passphrase: str = PASSPHRASE) -> calls.Caller:
        admitted = self.carried(self.asked(self.code(ahead), passphrase))
        assert isinstance(admitted, calls.Admission)
        return caller(admitted, self.home.founding.row)

    def persons(self) -> list[str]:
        return self.console("list").split()


@pytest.fixture
def split(tmp_path: Path) -> Iterator[Split]:
    with house(tmp_path) as home, running(tmp_path) as keeper:
        found = Split(home, keeper)
        owner = home.owner()
        found.pair(owner)
        found.new_slot(owner)
        home.keyholder.lock(owner)
        yield found


def test_a_code_that_the_keeper_takes_opens_the_vault_with_the_passphrase(split: Split) -> None:
    assert split.home.keyholder.status().keeper is not None
    with pytest.raises(refusals.NotThem):
        split.owner(0, "not these words at all")  # its code is spent all the same
    with pytest.raises(refusals.NotThem):
        split.owner()
    assert split.home.keyholder.status().state == "locked"

    owner = split.owner(1)

    assert split.home.keyholder.status().state == "unlocked"
    assert split.home.keyholder.who_am_i(owner).unlocked


def test_the_card_alone_confirms_no_passphrase(split: Split) -> None:
    (slot,) = [one for one in split.home.folder.slots.found().slots if one.terms.person]
    wanted = passphrase_bytes(PASSPHRASE)

    with pytest.raises(Refused):
        slots.kek_of_passphrase(slot.terms, wanted)
    with pytest.raises(Refused):
        slots.opened(slot, slots.kek_of_passphrase(slot.terms, wanted, bytes(32)))
    assert split.seed not in slot.box


def test_an_answer_is_good_once_and_for_its_own_question(split: Split) -> None:
    first, second = split.asked(split.code(0)), split.asked(split.code(0))
    _, answer = split.keeper.post("/keeper/v1", first.message, split.tls)
    with pytest.raises(Damaged):
        split.home.keyholder.go_on(calls.GoOn(second.ticket, answer))
    split.home.keyholder.go_on(calls.GoOn(first.ticket, answer))
    with pytest.raises(Refused):
        split.home.keyholder.go_on(calls.GoOn(first.ticket, answer))


def test_a_new_share_is_there_before_the_old_one_is_forgotten(split: Split) -> None:
    before, owner = split.persons(), split.owner()
    slot = split.new_slot(owner)
    assert split.persons() == sorted([*before, slot.hex()])

    asked = split.home.keyholder.forget_shares(owner)
    assert isinstance(asked, calls.AskKeeper)
    split.carried(asked)

    assert split.persons() == [slot.hex()]
    assert split.home.keyholder.forget_shares(owner) == calls.Done()
    split.home.keyholder.lock(owner)
    split.owner()


def test_a_share_whose_answer_was_lost_leaves_the_old_slot_and_is_forgotten(split: Split) -> None:
    old, owner = split.persons(), split.owner()
    found = split.home.keyholder.new_slot(calls.NewSlot(owner, split.home.founding.row, NEW))
    assert isinstance(found, calls.AskKeeper)
    split.keeper.post("/keeper/v1", found.message, split.tls)  # taken, and never heard of again
    split.home.keyholder.lock(owner)
    assert len(split.persons()) == 2

    owner = split.owner(1)
    asked = split.home.keyholder.forget_shares(owner)
    assert isinstance(asked, calls.AskKeeper)
    split.carried(asked)
    assert split.persons() == old


def test_a_passphrase_is_changed_and_the_phone_and_share_stay(split: Split) -> None:
    persons, owner = split.persons(), split.owner()
    asked = calls.ChangePassphrase(owner, PASSPHRASE, split.code(1), NEW, "ntp")
    found = split.home.keyholder.change_passphrase(asked)
    assert isinstance(found, calls.AskKeeper)
    assert split.carried(found) == calls.Done()
    assert split.persons() == persons
    (slot,) = [one for one in split.home.folder.slots.found().slots if one.terms.person]
    assert [slot.terms.id.hex()] == persons


def test_a_fresh_code_of_the_keeper_grants_an_export(split: Split) -> None:
    owner, wanted = split.owner(), calls.Range(None, None, None)
    asked = calls.Confirm(owner, split.code(1), "export", wanted, None, "ntp")
    found = split.home.keyholder.confirm(asked)
    assert isinstance(found, calls.AskKeeper)
    assert isinstance(split.carried(found), calls.Granted)


def test_who_was_forgotten_at_the_keeper_opens_nothing_but_the_sheet_does(split: Split) -> None:
    (person,) = split.persons()
    split.console("forget", person)
    with pytest.raises(refusals.NotThem):
        split.owner()

    row, sheet = split.home.founding.row, split.home.founding.recovery
    admitted = split.home.keyholder.recover(calls.Recover(row, sheet, calls.Console()))
    assert admitted.opened_vault


def test_a_rotated_vault_opens_by_the_renewed_slot_and_the_new_sheet_alone(split: Split) -> None:
    home, owner = split.home, split.owner()
    old_files = {one.terms.id: one for one in home.folder.slots.found().slots}
    old_vault = home.folder.vault.read_bytes()
    found = home.keyholder.rotate_vault(calls.RotateVault(owner, PASSPHRASE, split.code(1), "ntp"))
    assert isinstance(found, calls.AskKeeper)
    made = split.carried(found)
    assert isinstance(made, calls.RecoveryMade)

    assert home.folder.vault.read_bytes() != old_vault
    assert not home.folder.vault_beside.exists()
    kinds = sorted(one.terms.kind for one in home.folder.slots.found().slots)
    assert kinds == ["pass+share", "recovery"]
    home.keyholder.lock(owner)
    row = home.founding.row
    with pytest.raises(LotError):
        home.keyholder.recover(calls.Recover(row, home.founding.recovery, calls.Console()))
    (sheet,) = [one for one in old_files.values() if one.terms.kind == "recovery"]
    code = codes.recovery_code(home.founding.recovery)
    held = slots.opened(sheet, slots.kek_of_recovery(sheet.terms, code))
    with pytest.raises(LotError):
        vault_open.opened(home.folder, held.vault_key)  # the stolen sheet's key opens no new vault
    admitted = home.keyholder.recover(calls.Recover(row, made.code, calls.Console()))
    assert admitted.opened_vault


def test_a_rotation_cut_before_the_exchange_opens_by_the_new_sheet(split: Split) -> None:
    home, owner = split.home, split.owner()
    before = home.folder.vault.read_bytes()
    found = home.keyholder.rotate_vault(calls.RotateVault(owner, PASSPHRASE, split.code(1), "ntp"))
    assert isinstance(found, calls.AskKeeper)
    made = split.carried(found)
    assert isinstance(made, calls.RecoveryMade)
    home.keyholder.lock(owner)
    home.folder.vault.replace(home.folder.vault_beside)  # as the power cut left it
    home.folder.vault.write_bytes(before)

    row = home.founding.row
    admitted = home.keyholder.recover(calls.Recover(row, made.code, calls.Console()))

    assert admitted.opened_vault
    assert not home.folder.vault_beside.exists()


def test_what_is_pinned_survives_its_file(split: Split) -> None:
    found = keeper_file.paired(split.home.folder)
    assert found is not None
    keeper_file.keep(split.home.folder, found)
    assert keeper_file.paired(split.home.folder) == found
