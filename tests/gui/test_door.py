"""The door in a real browser: a browser is approved, passphrase and code open the vault at once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Crossing, Vault
from tests.server.keys.holder.running import PASSPHRASE


@pytest.fixture
def booth(chromium: Browser, address: str) -> Iterator[Screen]:
    with screen(chromium, address, WIDTHS["desk"]) as found:
        found.approved()
        yield found


@pytest.fixture
def phone(chromium: Browser, address: str) -> Iterator[Screen]:
    with screen(chromium, address, WIDTHS["phone"]) as found:
        yield found


def test_an_owner_unlocks_lets_a_phone_in_and_locks_again(
    booth: Screen, phone: Screen, home: Vault
) -> None:
    home.happen(Crossing("8ABC123", ago=30))
    booth.goto("/visits?q=8ABC")
    assert booth.path.startswith("/sign-in")
    _sign_in(booth, PASSPHRASE + "x", home.home.code())
    booth.says("do not belong together")
    assert booth.page.get_by_label("Name").input_value() == "Ada"
    _sign_in(booth, PASSPHRASE, home.home.code())
    booth.page.wait_for_url("**/visits?q=8ABC")
    booth.says("1 visit")

    _let_in(booth, phone, home)

    booth.goto("/")
    booth.page.get_by_role("button", name="until it locks; lock now").click()
    booth.says("Locked: counts only")
    assert booth.page.locator(".number-of").inner_text().split()[:2] == ["1", "inside"]
    assert booth.page.locator(".plaque").count() == 0
    booth.goto("/visits")
    booth.says("The vault is locked")
    booth.page.get_by_role("link", name="Unlock").first.click()
    assert booth.page.get_by_label("Name").input_value() == "Ada"


def _let_in(booth: Screen, phone: Screen, home: Vault) -> None:
    """The phone asks and shows a number; the owner types it and a code; it goes on by itself."""
    phone.goto("/")
    assert phone.path == "/device"
    phone.page.get_by_label("What to call this browser").fill("<b>Maria's phone</b>")
    phone.page.get_by_role("button", name="Ask for approval").click()
    number = phone.page.locator(".number-of strong").inner_text()

    booth.page.get_by_role("link", name="More").click()
    booth.page.get_by_role("link", name="Browsers").click()
    booth.says("<b>Maria's phone</b>")
    digits = booth.page.get_by_label("The six digits on its screen")
    digits.fill(f"{(int(number) + 1) % 1_000_000:06d}")
    booth.page.get_by_role("button", name="Let it in").click()
    booth.says("This is not the number")
    digits.fill(f"{number[:3]} {number[3:]}")
    booth.page.get_by_role("button", name="Let it in").click()
    booth.says("This needs a fresh one-time code.")
    booth.page.get_by_label("Fresh one-time code").fill(home.code())
    booth.page.get_by_role("button", name="Let it in").click()
    booth.says("No browser waits")

    phone.page.wait_for_url("**/sign-in")


def _sign_in(booth: Screen, secret: str, code: str) -> None:
    booth.page.get_by_label("Name").fill("Ada")
    booth.page.get_by_label("Passphrase or password").fill(secret)
    booth.page.get_by_label("One-time code", exact=False).fill(code)
    booth.page.get_by_role("button", name="Sign in").click()
