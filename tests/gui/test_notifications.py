"""Notifications in a real browser: rules, a test that really arrives, and failures on show."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Locator

from server.store.database import Database
from tests.contract.writers import LOT
from tests.gui.axe import serious
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Vault, vault
from tests.server.databases import Server
from tests.server.notifying.receivers import Web, web


@pytest.fixture(scope="module", name="web")
def a_web() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture(scope="module")
def home(
    tmp_path_factory: pytest.TempPathFactory,
    start_database: Callable[[str], Server],
    web: Web,
) -> Iterator[Vault]:
    """A vault with a channel for rules and one for customers."""
    database = Database.open(start_database("mariadb").new())
    known = {"LOT_NOTIFY_OFFICE": web.address, "LOT_NOTIFY_GUEST": f"{web.address}?:to={{mail}}"}
    with vault(tmp_path_factory.mktemp("vault"), database, **known) as found:
        yield found
    database.close()


@pytest.fixture(scope="module", autouse=True)
def _open(home: Vault) -> None:
    home.unlock()


def _channel(browsed: Screen, name: str) -> Locator:
    found = browsed.page.get_by_role("region", name="Channels").get_by_role("listitem")
    return found.filter(has_text=name)


def test_a_rule_is_added_changed_and_let_go(browsed: Screen) -> None:
    page = browsed.page
    browsed.goto("/more")
    page.get_by_role("link", name="Notifications").click()
    browsed.says("Nobody is told of anything yet")
    new = page.get_by_role("region", name="Tell of something else")
    new.get_by_label("When").select_option(label="A car stays for long")
    new.get_by_label("Hours that are long").fill("12")
    new.get_by_role("button", name="Add").click()
    browsed.says("Written down.")
    told = page.get_by_role("region", name="What is told")
    assert "12 hours" in told.inner_text()
    browsed.goto_whole("/more/notifications", unfolded=True)
    assert serious(page) == []
    browsed.goto("/more/notifications")
    told.get_by_text("Change").click()
    told.get_by_label("When").select_option(label="The lot is full")
    told.get_by_label("Minutes of quiet").fill("5000")
    told.get_by_role("button", name="Save").click()
    told.get_by_role("alert").wait_for()  # and what was typed is still there
    assert told.get_by_label("Minutes of quiet").input_value() == "5000"
    told.get_by_label("Minutes of quiet").fill("45")
    told.get_by_role("button", name="Save").click()
    browsed.says("Written down.")
    assert "45 minutes" in told.inner_text()
    told.get_by_text("Change").click()
    told.get_by_role("button", name="Let it go").click()
    browsed.says("Nobody is told of anything yet")


def test_a_rule_that_says_plates_asks_for_a_fresh_code(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["desk"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/notifications")
        new = owner.page.get_by_role("region", name="Tell of something else")
        new.get_by_label("Say the plate").check()
        new.get_by_role("button", name="Add").click()
        owner.says("This needs a fresh one-time code.")
        assert new.get_by_label("Say the plate").is_checked()
        new.get_by_label("Fresh one-time code").fill(home.code())
        new.get_by_role("button", name="Add").click()
        owner.says("with plates")
        told = owner.page.get_by_role("region", name="What is told")
        told.get_by_text("Change").click()
        told.get_by_role("button", name="Let it go").click()
        owner.says("Nobody is told of anything yet")


def test_a_test_arrives_and_one_that_does_not_says_why(browsed: Screen, web: Web) -> None:
    browsed.goto("/more/notifications")
    before = len(web.came)
    _channel(browsed, "office").get_by_role("button", name="Send a test").click()
    browsed.says("The test was sent.")
    assert len(web.came) == before + 1
    web.down = True
    _channel(browsed, "office").get_by_role("button", name="Send a test").click()
    browsed.says("The test did not arrive")
    web.down = False
    browsed.goto("/more/notifications")
    row = _channel(browsed, "office").inner_text()
    assert "failed" in row
    assert "503" in row
    assert "not-for-your-eyes" not in browsed.page.content()

    guest = _channel(browsed, "guest")
    guest.get_by_label("Your own e-mail").fill("at the bar")
    guest.get_by_role("button", name="Send a test").click()
    browsed.says("Say one address or number")


def test_it_is_said_in_spanish_and_works_without_scripts(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["phone"], "es", scripts=False) as found:
        found.signed_in(home.session)
        found.goto("/more/notifications")
        found.says("Avisar de algo más")
        found.page.get_by_role("button", name="Añadir").click()
        found.page.get_by_role("heading", name="Entra un coche de una lista").wait_for()
        assert "said=kept" in found.path


def test_the_desk_tells_a_customer_who_can_be_reached(browsed: Screen, home: Vault) -> None:
    words = dict.fromkeys(("name", "phone", "looks", "bay", "key", "note"))
    mine = {"Authorization": f"Bearer {home.session}"}
    with httpx.Client(base_url=f"{home.url}/api/v1/lots/{LOT.hex()}", headers=mine) as api:
        for mail, buttons in (("guest@example.org", 1), (None, 0)):
            body = {**words, "mail": mail, "once": secrets.token_hex(16)}
            made = api.post("/tickets", json={**body, "plate": f"K{secrets.token_hex(3).upper()}"})
            browsed.goto(f"/desk/{LOT.hex()}/tickets/{made.json()['ticket']['id']}")
            button = browsed.page.get_by_role("button", name="Tell the customer")
            assert button.count() == buttons
            if mail:
                button.click()
                browsed.says("A message is on its way")
