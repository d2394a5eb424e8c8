"""Now, Visits and a visit in a real browser, before a vault that holds a day's crossings."""

from __future__ import annotations

import pytest

from tests.contract.writers import LOT
from tests.gui import drawn
from tests.gui.browsing import Screen
from tests.gui.vault import Crossing, Vault

TUESDAY = (
    Crossing("8ABC123", ago=192, pictures=drawn.with_clip("8ABC123"), weak=(2,), also=("8A8C123",)),
    Crossing("TRK0042", ago=100, vehicle="truck"),
    Crossing("TRK0042", ago=20, kind="exit", vehicle="truck", pictures=drawn.both("TRK0042")),
    Crossing(None, ago=9),
)


@pytest.fixture(scope="module", autouse=True)
def _day(home: Vault) -> None:
    home.unlock()
    home.happen(*TUESDAY)


def test_now_says_how_full_it_is_and_what_just_happened(browsed: Screen) -> None:
    browsed.goto("/")
    counts = browsed.page.locator(".number-of").inner_text()
    assert counts.split()[:4] == ["2", "inside", "48", "free"]
    rows = browsed.page.locator("#live li")
    assert rows.count() == 4
    assert "no plate" in rows.nth(0).inner_text()
    assert rows.nth(1).get_by_role("img", name="T R K 0 0 4 2").count() == 1


def test_a_search_answers_while_one_types(browsed: Screen) -> None:
    browsed.goto("/visits?q=8abc")
    browsed.says("1 visit")
    field = browsed.page.get_by_label("Plate, or part of it")
    field.fill("trk")
    browsed.page.locator("#results .plaque[aria-label='T R K 0 0 4 2']").wait_for()
    assert browsed.page.locator("#results li").count() == 1
    assert "q=trk" in browsed.path


def test_was_it_here_on_tuesday_is_answered_by_typing_alone(browsed: Screen) -> None:
    browsed.goto("/")
    browsed.page.keyboard.press("/")
    browsed.page.keyboard.type("8abc12")
    browsed.page.locator("#found .plaque[aria-label='8 A B C 1 2 3']").wait_for()
    browsed.page.keyboard.press("Enter")
    browsed.page.wait_for_url("**/visits/*")
    title = browsed.page.locator("h1 .plaque")
    assert title.get_attribute("aria-label") == "8 A B C 1 2 3, letter 3 unsure"


def test_filters_are_an_address_that_can_be_sent(browsed: Screen) -> None:
    browsed.goto("/visits")
    browsed.page.get_by_text("Filters").click()
    browsed.page.get_by_label("Car is").select_option("in")
    browsed.says("2 visits")
    browsed.page.get_by_label("plate not read").check()
    browsed.says("1 visit")
    sent = browsed.path
    assert "side=in" in sent
    browsed.goto("/")
    browsed.goto(sent)
    browsed.says("1 visit")
    assert browsed.page.get_by_label("plate not read").is_checked()


def test_a_plate_typed_one_letter_wrong_is_found(browsed: Screen) -> None:
    browsed.goto("/visits?q=8ABC128&how=near")
    browsed.says("1 visit")


def test_a_visit_shows_its_pictures_its_letters_and_what_else_they_may_be(browsed: Screen) -> None:
    browsed.goto("/visits?q=8ABC123")
    browsed.page.locator("#results a.whole").click()
    browsed.page.wait_for_url("**/visits/*")
    title = browsed.page.locator("h1 .plaque")
    assert title.get_attribute("aria-label") == "8 A B C 1 2 3, letter 3 unsure"
    entry = browsed.page.get_by_role("region", name="Came in")
    crop = entry.get_by_role("img", name="Its plate at gate")
    assert crop.evaluate("one => one.decode().then(() => one.naturalWidth)") == 320
    assert "8A8C123" in entry.inner_text()
    assert "Not yet." in browsed.page.get_by_role("region", name="Went out").inner_text()


def test_a_visit_plays_its_clip(browsed: Screen) -> None:
    browsed.goto("/visits?q=8ABC123")
    browsed.page.locator("#results a.whole").click()
    browsed.page.wait_for_url("**/visits/*")
    clip = browsed.page.get_by_label("Its clip at gate")
    clip.evaluate("one => one.play()")
    browsed.page.wait_for_function("document.querySelector('video').currentTime > 0")
    assert clip.evaluate("one => one.videoWidth") == 640


def test_an_event_appears_on_the_page_by_itself(browsed: Screen, home: Vault) -> None:
    browsed.goto("/")
    size = browsed.page.viewport_size
    assert size is not None
    plate = f"NEW{size['width']}"
    browsed.page.mouse.move(0, 0)
    home.happen(Crossing(plate, ago=0))
    aloud = " ".join(plate)
    browsed.page.locator(f"#live .plaque[aria-label='{aloud}']").wait_for(timeout=15_000)


def test_nothing_fits_and_it_says_so(browsed: Screen) -> None:
    browsed.goto("/visits?q=ZZZZZZ")
    browsed.says("No visit fits")


HOSTILE = ("<script>a(1)</script>", "'\"><img src=x>", "%00", "´`{{7*7}}")


def test_what_is_no_plate_is_escaped_and_changes_nothing(browsed: Screen) -> None:
    browsed.goto("/visits")
    field = browsed.page.get_by_label("Plate, or part of it")
    for typed in HOSTILE:
        with browsed.page.expect_response("**/visits?q=*"):
            field.fill(typed)
        assert field.input_value() == typed
        assert browsed.page.locator("main script, main img[src=x]").count() == 0


def test_a_plate_that_looks_like_markup_is_shown_letter_by_letter(
    browsed: Screen, home: Vault
) -> None:
    (id_,) = home.happen(Crossing("<b>'\"&{{7*7}}", ago=300))
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    entry = browsed.page.get_by_role("region", name="Came in")
    assert entry.locator(".letters").inner_text() == "<b>'\"&{{7*7}}"


def test_a_plate_is_corrected_a_note_added_and_one_taken_back(browsed: Screen, home: Vault) -> None:
    (id_,) = home.happen(Crossing("8ABC128", ago=45))
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    right = browsed.page.get_by_role("region", name="Put right")
    right.locator("input[name=plate]").fill("8abc 129")
    right.get_by_label("Why").fill("seen at the desk")
    right.get_by_role("button", name="Correct the plate").click()
    browsed.says("Written down")
    title = browsed.page.locator("h1 .plaque")
    assert title.get_attribute("aria-label") == "8 A B C 1 2 9"

    browsed.page.get_by_label("Note").fill("a white Tahoe\n<script>alert(1)</script>")
    browsed.page.get_by_role("button", name="Add the note").click()
    said = browsed.page.get_by_role("region", name="What was said")
    said.get_by_text("a white Tahoe").wait_for()
    assert "<script>alert(1)</script>" in said.inner_text()
    assert "Ada" in said.inner_text()
    assert "seen at the desk" in said.inner_text()

    said.get_by_role("button", name="Take it back").first.click()
    browsed.page.locator("h1 .plaque[aria-label='8 A B C 1 2 8']").wait_for()


def test_who_corrects_what_another_has_just_corrected_is_shown_that_first(
    browsed: Screen, home: Vault
) -> None:
    (id_,) = home.happen(Crossing("TW0AT0NCE", ago=50))
    address = f"/lots/{LOT.hex()}/visits/{id_}"
    browsed.goto(address)
    other = browsed.page.context.new_page()
    other.goto(browsed.page.url)
    other.locator("input[name=plate]").fill("TWOATONCE")
    other.get_by_role("button", name="Correct the plate").click()
    other.locator("h1 .plaque[aria-label='T W O A T O N C E']").wait_for()
    other.close()

    right = browsed.page.get_by_role("region", name="Put right")
    right.locator("input[name=plate]").fill("TWO AT 1")
    right.get_by_role("button", name="Correct the plate").click()
    browsed.says("Somebody else said something about this visit meanwhile")
    assert browsed.page.locator("h1 .plaque").get_attribute("aria-label") == "T W O A T O N C E"
    assert right.locator("input[name=plate]").input_value() == "TWO AT 1"
    right.get_by_role("button", name="Correct the plate").click()
    browsed.page.locator("h1 .plaque[aria-label='T W O A T 1']").wait_for()


def test_a_note_that_is_sent_twice_is_written_once(browsed: Screen, home: Vault) -> None:
    (id_,) = home.happen(Crossing("TW1CE", ago=55))
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    other = browsed.page.context.new_page()
    other.goto(browsed.page.url)
    for page in (other, browsed.page):
        page.get_by_label("Note").fill("a dent on the left")
        page.get_by_role("button", name="Add the note").click()
        said = page.get_by_role("region", name="What was said")
        said.get_by_text("a dent on the left").wait_for()
    assert said.get_by_text("a dent on the left").count() == 1
    other.close()


def test_a_car_is_checked_out_from_its_visit(browsed: Screen, home: Vault) -> None:
    (id_,) = home.happen(Crossing("GONE77", ago=60))
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    browsed.page.get_by_role("button", name="Check out now").click()
    browsed.says("handed out")
    assert browsed.page.get_by_role("button", name="Check out now").count() == 0


def test_what_is_no_plate_is_said_beside_the_field_and_kept(browsed: Screen, home: Vault) -> None:
    (id_,) = home.happen(Crossing("KEEP11", ago=70))
    browsed.goto(f"/lots/{LOT.hex()}/visits/{id_}")
    right = browsed.page.get_by_role("region", name="Put right")
    right.locator("input[name=plate]").fill("***")
    right.get_by_label("Why").fill("a long story")
    right.get_by_role("button", name="Correct the plate").click()
    browsed.says("A plate has 1 to 16 letters and digits.")
    assert right.locator("input[name=plate]").input_value() == "***"
    assert right.get_by_label("Why").input_value() == "a long story"
