"""A form that is sent to a vault that somebody locked meanwhile."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Vault


def test_a_form_that_meets_a_locked_vault_is_sent_again_once_it_is_open(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["phone"]) as attendant:
        attendant.signed_in(home.session)
        attendant.goto("/desk/check-in")
        attendant.page.get_by_label("Plate", exact=True).fill("LCK 0042")
        attendant.page.get_by_role("button", name="Check in and give a ticket").click()
        attendant.says("What you typed is kept on this page")
        home.unlock()
        attendant.page.get_by_role("button", name="Send it again").click()
        attendant.says("Keep this ticket")
