"""A rotation of the vault that a power cut ended: which vault lies there, and which is open."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from contract import trust
from contract.otp import Typed
from server.keys.holder import calls
from tests.server.keys.holder.running import PASSPHRASE, House, house, wait_for


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def test_after_a_rotation_that_was_cut_the_vault_in_memory_is_the_one_on_the_disk(
    home: House,
) -> None:
    """Somebody opens the vault of before, then the owner comes whose slot is of the new one."""
    owner, row, folder = home.owner(-1), home.founding.row, home.folder
    old_vault = folder.vault.read_bytes()
    (old_sheet,) = [one for one in folder.slots.found().slots if one.terms.kind == "recovery"]
    home.keyholder.rotate_vault(calls.RotateVault(owner, PASSPHRASE, Typed(home.code()), "ntp"))
    home.keyholder.lock(owner)
    folder.vault.replace(folder.vault_beside)  # as a power cut before the exchange leaves it
    folder.vault.write_bytes(old_vault)
    folder.slots.put(old_sheet)
    asked = calls.Recover(row, home.founding.recovery, calls.Console())
    wait_for(home.keyholder)
    assert home.keyholder.recover(asked).opened_vault

    owner = home.owner(1)
    sheet = home.keyholder.renew_recovery(owner)
    home.keyholder.lock(owner)

    wait_for(home.keyholder)
    assert home.keyholder.recover(calls.Recover(row, sheet, calls.Console())).opened_vault


def test_pairs_that_were_never_announced_push_out_none_that_edges_seal_under(home: House) -> None:
    owner = home.owner()
    (first,) = trust.pack_own(home.founding.trust_pack).statement.rsa
    for _ in range(3):  # each but the last was cut before it was announced
        home.keyholder.rotate_rsa(owner)
    said = trust.pack_own(home.keyholder.announce_rsa(owner).pack).statement
    assert [one.id for one in said.rsa[1:]] == [first.id]
    again = trust.pack_own(home.keyholder.announce_rsa(owner).pack).statement
    assert again.rsa == said.rsa
    home.keyholder.rotate_rsa(owner)
    third = trust.pack_own(home.keyholder.announce_rsa(owner).pack).statement
    assert [one.id for one in third.rsa[1:]] == [said.current.id, first.id]
