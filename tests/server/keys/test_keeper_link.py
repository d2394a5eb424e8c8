"""The web process carries messages to the one keeper that was paired, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from lot.addresses import Address
from lot.errors import Refused, Unreachable, WrongCode
from server.keys.holder import calls
from server.keys.keeper_link import KeeperLink
from server.refusals import KeeperAway
from tests.edge.keeper.test_service import Running, running
from tests.server.keys.holder.running import PASSPHRASE, House, house


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


@pytest.fixture
def keeper(tmp_path: Path) -> Iterator[Running]:
    with running(tmp_path) as found:
        yield found


def _printed(keeper: Running) -> str:
    return keeper.console("pair", "--address", f"127.0.0.1:{keeper.port}").stdout


def _asked(home: House, owner: calls.Caller) -> calls.AskKeeper:
    found = home.keyholder.new_slot(calls.NewSlot(owner, home.founding.row, PASSPHRASE))
    assert isinstance(found, calls.AskKeeper)
    return found


def test_it_carries_to_the_paired_keeper_and_says_when_another_box_answers(
    home: House, keeper: Running, tmp_path: Path
) -> None:
    owner, link = home.owner(), KeeperLink(home.keyholder, tmp_path / "address")
    with pytest.raises(Unreachable, match="recovery sheet"):
        link.carried(calls.AskKeeper(bytes(16), bytes(16), b""))
    pinned = link.pair(owner, _printed(keeper))
    assert home.keyholder.pinned_keeper() == pinned
    assert link.check().port == keeper.port
    asked = _asked(home, owner)
    assert home.keyholder.go_on(calls.GoOn(asked.ticket, link.carried(asked)))

    (tmp_path / "other").mkdir()
    with running(tmp_path / "other") as other:
        link.keep_address(Address("127.0.0.1", other.port))
        with pytest.raises(KeeperAway, match="another box"):
            link.check()
        with pytest.raises(KeeperAway, match="another box"):
            link.carried(_asked(home, owner))
    with pytest.raises(KeeperAway, match="does not answer"):
        link.carried(_asked(home, owner))


def test_a_code_of_another_keeper_pairs_with_nobody(
    home: House, keeper: Running, tmp_path: Path
) -> None:
    owner, link = home.owner(), KeeperLink(home.keyholder, tmp_path / "address")
    (tmp_path / "other").mkdir()
    with running(tmp_path / "other") as other:
        code = _printed(other).partition("@")[0]
        with pytest.raises(WrongCode):
            link.pair(owner, f"{code}@127.0.0.1:{keeper.port}")
        printed = _printed(keeper)
        link.pair(owner, printed)
        with pytest.raises(Refused, match="no code to pair with stands"):
            link.pair(owner, printed)  # good once


def test_a_keeper_is_left_only_when_nobody_needs_it(
    home: House, keeper: Running, tmp_path: Path
) -> None:
    owner, link = home.owner(), KeeperLink(home.keyholder, tmp_path / "address")
    link.pair(owner, _printed(keeper))
    asked = _asked(home, owner)
    home.keyholder.go_on(calls.GoOn(asked.ticket, link.carried(asked)))
    with pytest.raises(Refused, match="a slot needs the keeper"):
        home.keyholder.unpair_keeper(owner)
    back = calls.NewSlot(owner, home.founding.row, PASSPHRASE, "on_the_card")
    assert isinstance(home.keyholder.new_slot(back), calls.SlotMade)
    with pytest.raises(Refused, match="keeps shares"):
        home.keyholder.unpair_keeper(owner)
    forget = home.keyholder.forget_shares(owner)
    assert isinstance(forget, calls.AskKeeper)
    home.keyholder.go_on(calls.GoOn(forget.ticket, link.carried(forget)))
    home.keyholder.unpair_keeper(owner)
    assert home.keyholder.pinned_keeper() is None
