"""A screen that does not get through: it says how old it is, and catches up by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Route

from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Crossing, Vault

OLD = re.compile(r"Not up to date: this is how it stood at \d+:\d\d\.")


@pytest.fixture(scope="module", autouse=True)
def _open(home: Vault) -> None:
    home.unlock()


@pytest.fixture(params=["/", "/desk"])
def watched(
    request: pytest.FixtureRequest, chromium: Browser, home: Vault, address: str
) -> Iterator[Screen]:
    with screen(chromium, address, WIDTHS["phone"]) as found:
        found.signed_in(home.session)
        # Whoever joins the stream is told to look once: that look is not the one that fails.
        with found.page.expect_response(lambda said: "lot-automatic" in said.request.headers):
            found.goto(request.param)
        found.page.mouse.move(0, 0)
        yield found


def test_a_look_that_fails_is_tried_again_without_another_event(
    watched: Screen, home: Vault
) -> None:
    old = watched.page.locator("#old")
    here = watched.page.url

    def busy(route: Route) -> None:
        route.fulfill(status=503, body="<h1>busy</h1>", content_type="text/html")

    watched.page.route(here, busy)
    plate = "OLD" + ("1" if watched.path == "/" else "2")
    with watched.page.expect_response(lambda said: said.url == here and said.status == 503):
        home.happen(Crossing(plate, ago=0))
    watched.page.get_by_text(OLD).wait_for()
    watched.page.unroute(here)
    row = watched.page.locator(f"#live .plaque[aria-label='{' '.join(plate)}']").first
    row.wait_for(timeout=15_000)
    old.wait_for(state="hidden")


def test_a_screen_without_a_network_says_so_at_once(watched: Screen) -> None:
    old = watched.page.locator("#old")
    assert not old.is_visible()
    watched.context.set_offline(True)
    watched.page.get_by_text(OLD).wait_for()
    watched.context.set_offline(False)
    old.wait_for(state="hidden")
    watched.complaints[:] = [one for one in watched.complaints if "ERR_INTERNET" not in one]
