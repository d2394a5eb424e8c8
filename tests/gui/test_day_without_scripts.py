"""A doubt is settled by who has no scripts.

In a vault of its own: a session may look at 3,000 rows a minute, and on a quick machine the other
tests of the day take them all.
"""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.gui.browsing import screen
from tests.gui.conftest import WIDTHS
from tests.gui.test_day import cards
from tests.gui.vault import Crossing, Vault


def test_without_scripts_a_doubt_is_settled_and_taken_back(
    chromium: Browser, home: Vault, address: str
) -> None:
    home.unlock()
    home.happen(Crossing("NOSCR1", ago=3, kind="exit"))
    with screen(chromium, address, WIDTHS["phone"], scripts=False) as plain:
        plain.signed_in(home.session)
        plain.goto("/day")
        assert len(cards(plain)) == 1
        plain.page.get_by_role("button", name="It came unseen").click()
        plain.says("Nothing to settle")
        plain.page.get_by_role("button", name="Take it back").click()
        assert cards(plain) == ["It left, and nobody saw it come"]
        plain.page.get_by_role("button", name="It drove in here").click()
        plain.says("Nothing to settle")
