"""Numbers as charts and as tables, from the visits, and from counts alone while locked."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timezone

import pytest

from gui import charts
from gui.pages.analytics import numbers
from tests.gui.browsing import Screen
from tests.gui.vault import Crossing, Vault

HOUR_US = numbers.HOUR_US


def utc(at_us: int) -> datetime:
    return datetime.fromtimestamp(at_us / 1_000_000, timezone.utc)


def test_counts_are_reckoned_back_from_who_is_inside() -> None:
    rows = [
        {"begins": 2 * HOUR_US, "kind": "entry", "camera": "gate", "number": 3},
        {"begins": 3 * HOUR_US, "kind": "exit", "camera": "gate", "number": 2},
    ]
    found = numbers.of_counts(rows, first=HOUR_US, last=5 * HOUR_US, inside=2, hours=1, local=utc)
    assert [one.inside for one in found.steps] == [1, 4, 2, 2]
    assert found.peak == (2 * HOUR_US, 4)
    assert found.entries == Counter({(3, 2): 3})  # 1970 began on a Thursday
    coarse = numbers.of_counts(rows, first=HOUR_US, last=5 * HOUR_US, inside=2, hours=2, local=utc)
    assert [(one.inside, one.entries, one.exits) for one in coarse.steps] == [(4, 3, 0), (2, 0, 2)]


def test_bars_fill_the_drawing_and_an_empty_day_draws_nothing_tall() -> None:
    tall, none = charts.bars([("8", 4), ("9", 0)])
    assert (tall.y, tall.height, none.height) == (0, charts.HEIGHT, 0)
    assert charts.shape([]).path == ""
    assert charts.shape([1, 2], limit=50).limit_y is None
    assert charts.shape([40, 45], limit=50).top == 50


@pytest.fixture(scope="module", autouse=True)
def _day(home: Vault) -> None:
    home.unlock()
    home.happen(
        Crossing("8ABC123", ago=180),
        Crossing("TRK0042", ago=130, vehicle="truck"),
        Crossing("TRK0042", ago=60, kind="exit", vehicle="truck"),
        Crossing(None, ago=30),
    )


def test_a_week_is_charted_and_told_in_numbers(browsed: Screen) -> None:
    browsed.goto("/day")
    browsed.page.get_by_role("link", name="Numbers").click()
    assert browsed.page.locator(".number-of").inner_text().split()[:4] == ["3", "came", "1", "left"]
    for chart in ("How full", "By hour", "By weekday and hour", "How well it is read"):
        drawn = browsed.page.get_by_role("figure", name=chart)
        assert drawn.locator("svg title").first.text_content() == chart
        assert drawn.locator("svg desc").text_content()
        assert drawn.locator("table tbody tr").count() > 0
    vehicles = browsed.page.get_by_role("region", name="Which vehicles came")
    assert "truck" in vehicles.inner_text()
    browsed.page.get_by_role("button", name="1 day").click()
    browsed.page.wait_for_url("**days=1*")


def test_while_locked_counts_go_on_and_nothing_else_is_told(browsed: Screen) -> None:
    browsed.goto("/day/analytics")
    open_lock = browsed.page.get_by_role("button", name="lock now")
    if open_lock.count():  # the first of the two screens: nobody unlocks again in this module
        open_lock.click()
        browsed.says("Locked: counts only")
    browsed.goto("/day/analytics")
    browsed.says("from counts alone")
    assert browsed.page.locator(".number-of").inner_text().split()[:4] == ["3", "came", "1", "left"]
    assert browsed.page.get_by_role("region", name="Which vehicles came").count() == 0
    browsed.goto("/day")
    browsed.says("Locked: what needs a person")
