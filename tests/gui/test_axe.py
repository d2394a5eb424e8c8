"""No page keeps anybody out: axe-core finds nothing serious, at both sizes and in both themes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.gui import every_page
from tests.gui.axe import serious, serious_of_colours
from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Vault

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def names(home: Vault) -> every_page.Names:
    return every_page.day(home)


@pytest.mark.parametrize("size", WIDTHS)
def test_no_page_keeps_anybody_out(
    chromium: Browser, home: Vault, address: str, names: every_page.Names, size: str
) -> None:
    found: dict[str, list[str]] = {}
    with screen(chromium, address, WIDTHS[size]) as browsed:
        browsed.signed_in(home.session)
        for name, path in every_page.addresses(names):
            browsed.page.emulate_media(color_scheme="light", reduced_motion="reduce")
            browsed.goto_whole(path, unfolded=True)
            found[name] = serious(browsed.page)
            browsed.page.emulate_media(color_scheme="dark")
            found[f"{name} in the dark"] = serious_of_colours(browsed.page)
    assert {name: lines for name, lines in found.items() if lines} == {}
