"""A day is closed: five doubts, five answers, no page change; each taken back with one tap."""

from __future__ import annotations

import pytest

from tests.contract.writers import LOT
from tests.gui import drawn
from tests.gui.browsing import Screen
from tests.gui.vault import Crossing, Vault


def doubtful(mark: str, back: float) -> tuple[Crossing, ...]:
    """Five doubts of one day: a pair, a missed exit, a missed entry, two unread cars."""
    read, misread = f"{mark}AB12", f"{mark}A812"
    return (
        Crossing(f"{mark}Q77", ago=back + 400),
        Crossing(None, ago=back + 300, pictures=drawn.both("?")),
        Crossing(read, ago=back + 200, pictures=drawn.both(read)),
        Crossing(f"{mark}Q77", ago=back + 190),
        Crossing(f"{mark}L01", ago=back + 180, kind="exit", pictures=drawn.both(f"{mark}L01")),
        Crossing(misread, ago=back + 90, kind="exit", weak=(len(mark) + 1,), also=(read,)),
        Crossing(None, ago=back + 9),
    )


@pytest.fixture(scope="module", autouse=True)
def _open(home: Vault) -> None:
    home.unlock()


def cards(browsed: Screen) -> list[str]:
    return browsed.page.locator("#tray article h2").all_inner_texts()


def answer(browsed: Screen) -> None:
    """Tap the suggested answer of the first card, and see it go."""
    first = browsed.page.locator("#tray article").first
    question = first.get_attribute("aria-labelledby")
    first.locator("button.first").click()
    browsed.page.locator(f"#tray article[aria-labelledby='{question}']").wait_for(state="detached")


def test_a_day_is_closed_with_one_tap_a_doubt_and_no_page_change(
    browsed: Screen, home: Vault
) -> None:
    size = browsed.page.viewport_size
    assert size is not None
    home.happen(*doubtful(f"D{size['width']}"[:4], back=2000 if size["width"] > 500 else 10))
    browsed.goto("/day")
    browsed.page.evaluate("window.stayed = true")
    asked = cards(browsed)
    assert "It came again, and nobody saw it leave before" in asked
    assert "It left, and nobody saw it come" in asked
    assert "Which car is this?" in asked
    taps = 0
    while cards(browsed):
        answer(browsed)
        taps += 1
    assert taps <= 5
    browsed.says("Nothing to settle")
    assert browsed.page.evaluate("window.stayed")


def test_an_answer_is_taken_back(browsed: Screen, home: Vault) -> None:
    home.happen(Crossing(None, ago=5))
    browsed.goto("/day")
    before = len(cards(browsed))
    answer(browsed)
    browsed.says("Settled.")
    browsed.page.get_by_role("button", name="Take it back").click()
    browsed.page.wait_for_function(
        "many => document.querySelectorAll('#tray article').length === many", arg=before
    )
    browsed.page.keyboard.press("2")  # no car passed here
    browsed.says("Settled.")


def test_a_plate_is_typed_for_a_car_that_nobody_read(browsed: Screen, home: Vault) -> None:
    (id_,) = home.happen(Crossing(None, ago=4))
    browsed.goto("/day")
    field = browsed.page.get_by_label("Its plate is").first
    field.fill("***")
    browsed.page.get_by_role("button", name="Write it down").first.click()
    browsed.says("A plate has 1 to 16 letters and digits.")
    field = browsed.page.get_by_label("Its plate is").first
    assert field.input_value() == "***"
    field.fill("typ 3d")
    field.press("Enter")
    browsed.says("Settled.")
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    assert browsed.page.locator("h1 .plaque").get_attribute("aria-label") == "T Y P 3 D"
