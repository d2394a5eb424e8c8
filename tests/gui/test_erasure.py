"""One plate is forgotten on the page: looked at first, then under a fresh code."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest
from playwright.sync_api import Browser

from tests.contract.writers import LOT
from tests.gui import drawn
from tests.gui.axe import serious
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.phone import Phone
from tests.gui.vault import Crossing, Vault

THEIRS, NEAR = "8ABC123", "8A8C123"


@pytest.fixture(scope="module", autouse=True)
def phone(home: Vault) -> Phone:
    """A car that came twice, once read with doubt, and that is on a list; and another car."""
    found = Phone(home)
    found.unlocks()
    home.happen(
        Crossing(THEIRS, ago=180, pictures=drawn.both(THEIRS)),
        Crossing("TRK0042", ago=130, vehicle="truck"),
        Crossing(NEAR, ago=20, weak=(2,), also=(THEIRS,)),
    )
    listed = {**dict.fromkeys(("holder", "begins", "ends", "note")), "list": "vip", "alarm": False}
    added = httpx.post(
        f"{home.url}/api/v1/lots/{LOT.hex()}/known",
        headers={"Authorization": f"Bearer {home.session}"},
        json={**listed, "plate": THEIRS},
        trust_env=False,
    )
    added.raise_for_status()
    return found


@pytest.fixture
def owner(chromium: Browser, home: Vault, address: str) -> Iterator[Screen]:
    """An owner with a phone in their hand, whose browser runs no scripts."""
    with screen(chromium, address, WIDTHS["phone"], scripts=False) as found:
        found.signed_in(home.session)
        yield found


def looks(at: Screen, plate: str) -> None:
    at.goto("/more")
    at.page.get_by_role("link", name="Forget a plate").click()
    at.page.get_by_label("Plate").fill(plate)
    at.page.get_by_label("On what ground").fill("they asked in writing")
    at.page.get_by_role("button", name="Look what would go").click()


def forgets(at: Screen, code: str) -> None:
    at.page.get_by_label("I have looked").check()
    at.page.get_by_label("Fresh one-time code").fill(code)
    at.page.get_by_role("button", name="Forget this plate now").click()


def test_what_cannot_be_a_plate_is_said_beside_its_field(owner: Screen) -> None:
    looks(owner, "§§§")
    owner.says("Letters and digits, 1 to 16 of them.")
    assert owner.page.get_by_label("On what ground").input_value() == "they asked in writing"


def test_a_plate_of_which_nothing_is_kept_asks_for_no_code(owner: Screen) -> None:
    looks(owner, "ZZZ0000")
    owner.says("Nothing is kept about this plate that may go")
    assert owner.page.get_by_label("Fresh one-time code").count() == 0


def test_a_plate_is_looked_at_and_forgotten_with_what_was_written_of_it(
    owner: Screen, chromium: Browser, home: Vault, address: str, phone: Phone
) -> None:
    looks(owner, "8abc 123")
    goes = owner.page.get_by_role("region", name="What goes", exact=True)
    assert "1 event," in goes.inner_text()
    assert "Known plate: VIP" in goes.inner_text()
    may_be = owner.page.get_by_role("region", name="What only may be of it")
    may_be.get_by_role("checkbox").check()
    forgets(owner, "000000")
    owner.says("This is not the code that your app shows now")
    assert may_be.get_by_role("checkbox").is_checked()
    forgets(owner, phone.code())
    owner.says("It is forgotten")
    gone = owner.page.get_by_role("region", name="What went").inner_text()
    assert "2 events" in gone
    assert "Known plate: VIP" in gone
    home.indexing.compare()  # as its thread does within a second: the day is read anew
    with screen(chromium, address, WIDTHS["desk"]) as after:
        after.signed_in(home.session)
        for plate, rows in ((THEIRS, 0), ("TRK0042", 1)):
            after.goto(f"/visits?q={plate}")
            assert after.page.locator(".rows > li").count() == rows
        after.goto("/more/lists")
        after.says("No plate is known yet")
        after.goto("/more/audit?act=plate_erased")
        after.says("they asked in writing")


@pytest.mark.parametrize("size", WIDTHS)
def test_what_would_go_keeps_nobody_out(
    chromium: Browser, home: Vault, address: str, size: str
) -> None:
    with screen(chromium, address, WIDTHS[size]) as shown:
        shown.signed_in(home.session)
        looks(shown, "TRK0042")
        shown.says("What can still be met")
        assert serious(shown.page) == []
