"""A car is to be taken in while the vault is locked: the form says so, and keeps what is typed."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Vault
from tests.server.keys.holder.running import PASSPHRASE

LOCKED = "The vault is locked: a car is taken in once"


@pytest.mark.parametrize("scripts", [True, False])
def test_the_form_says_that_it_is_locked_and_goes_to_the_door_with_what_is_typed(
    chromium: Browser, home: Vault, address: str, *, scripts: bool
) -> None:
    with screen(chromium, address, WIDTHS["phone"], scripts=scripts) as attendant:
        attendant.signed_in(home.session)
        attendant.goto("/desk/check-in")
        attendant.says(LOCKED)
        attendant.page.get_by_label("Plate", exact=True).fill('"><b>LCK')
        attendant.page.get_by_label("Key tag").fill("17")
        attendant.page.get_by_role("button", name="Unlock here and come back").click()
        attendant.says("What you typed at the desk is kept")
        attendant.page.get_by_label("Name").fill("Nobody")
        attendant.page.get_by_label("Passphrase or password").fill("not the passphrase")
        attendant.page.get_by_role("button", name="Sign in and unlock").click()
        attendant.page.get_by_role("alert").wait_for()
        kept = attendant.page.locator("input[name=kept]").input_value()
        assert '["key", "17"]' in kept
        assert "LCK" in kept


def test_after_unlocking_without_scripts_what_was_typed_is_in_the_form(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["phone"], scripts=False) as attendant:
        attendant.signed_in(home.session)
        attendant.goto("/desk/check-in")
        attendant.page.get_by_label("Plate", exact=True).fill("LCK 0043")
        attendant.page.get_by_label("Bay").fill("7 <i>left</i>")
        attendant.page.get_by_role("button", name="Unlock here and come back").click()
        assert attendant.page.get_by_label("Name").input_value() == "Ada"
        attendant.page.get_by_label("Passphrase or password").fill(PASSPHRASE)
        attendant.page.get_by_label("One-time code", exact=False).fill(home.home.code())
        attendant.page.get_by_role("button", name="Sign in and unlock").click()
        attendant.page.get_by_role("button", name="Back to the form").click()
        assert attendant.page.get_by_label("Plate", exact=True).input_value() == "LCK 0043"
        assert attendant.page.get_by_label("Bay").input_value() == "7 <i>left</i>"
        assert attendant.page.get_by_text(LOCKED).count() == 0
        attendant.page.get_by_role("button", name="Check in and give a ticket").click()
        attendant.says("Keep this ticket")
