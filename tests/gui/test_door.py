"""The door in a real browser: a browser is approved, passphrase and code open the vault at once."""

from __future__ import annotations

import httpx
from playwright.sync_api import Browser

from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import DEVICE_COOKIE, Crossing, Vault
from tests.server.keys.holder.running import PASSPHRASE


def _as_owner(home: Vault) -> httpx.Client:
    headers = {"Authorization": f"Bearer {home.session}", "Lot-Device": DEVICE_COOKIE}
    return httpx.Client(base_url=home.url + "/api/v1", headers=headers, trust_env=False)


def test_a_phone_asks_is_approved_and_signs_in_where_it_wanted_to_go(
    chromium: Browser, home: Vault, address: str
) -> None:
    home.happen(Crossing("8ABC123", ago=30))
    with screen(chromium, address, WIDTHS["phone"]) as phone:
        phone.goto("/visits?q=8ABC")
        assert phone.path.startswith("/device")
        phone.page.get_by_label("What to call this browser").fill("Maria's phone")
        phone.page.get_by_role("button", name="Ask for approval").click()
        number = phone.page.locator(".number-of strong").inner_text()

        _sign_in_at_the_booth(chromium, home, address)
        with _as_owner(home) as owner:
            (asked,) = owner.get("/devices/requests").json()["rows"]
            assert asked["name"] == "Maria's phone"
            said = {"number": number, "is_desk": False}
            owner.post(f"/devices/requests/{asked['id']}", json=said).raise_for_status()

        phone.page.wait_for_url("**/sign-in*", timeout=15_000)


def _sign_in_at_the_booth(chromium: Browser, home: Vault, address: str) -> None:
    with screen(chromium, address, WIDTHS["desk"]) as booth:
        booth.approved()
        booth.goto("/visits?q=8ABC")
        assert booth.path.startswith("/sign-in")
        _type(booth, PASSPHRASE + "x", home.code())
        booth.says("do not belong together")
        assert booth.page.get_by_label("Name").input_value() == "Ada"
        _type(booth, PASSPHRASE, home.code())
        booth.page.wait_for_url("**/visits?q=8ABC")
        booth.says("1 visit")


def _type(booth: Screen, secret: str, code: str) -> None:
    booth.page.get_by_label("Name").fill("Ada")
    booth.page.get_by_label("Passphrase or password").fill(secret)
    booth.page.get_by_label("One-time code", exact=False).fill(code)
    booth.page.get_by_role("button", name="Sign in").click()
