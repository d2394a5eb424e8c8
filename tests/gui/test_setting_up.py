"""Retention, holds, cameras and tokens, lots and About in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser

from tests.gui import drawn
from tests.gui.axe import serious
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import DAY_US, MINUTE_US, Crossing, Vault

LONG_AGO = 200


@pytest.fixture(scope="module", autouse=True)
def seen(home: Vault) -> list[str]:
    """A car of long ago, and one of today."""
    home.unlock()
    home.new_day(LONG_AGO)
    long_ago = LONG_AGO * DAY_US / MINUTE_US
    home.happen(Crossing("OLD0001", ago=long_ago, pictures=drawn.both("OLD0001")))
    home.new_day(0)
    return home.happen(Crossing("8ABC123", ago=30))


@pytest.fixture
def owner(chromium: Browser, home: Vault, address: str) -> Iterator[Screen]:
    """An owner at the desk's screen."""
    with screen(chromium, address, WIDTHS["desk"]) as found:
        found.signed_in(home.session)
        yield found


def test_what_is_due_is_shown_and_goes_only_once_an_owner_has_said_so(owner: Screen) -> None:
    owner.goto("/more")
    owner.page.get_by_role("link", name="Retention").click()
    due = owner.page.get_by_role("region", name="Due", exact=True)
    row = due.locator("tbody tr").first.inner_text().split("\t")
    assert serious(owner.page) == []
    assert [cell.strip() for cell in row[:5]] == ["North lot", "gate", "1", "1", "1"]
    due.get_by_role("button", name="Let it go now").click()
    assert due.get_by_role("button").is_visible()  # the tick before it is asked for
    due.get_by_label("I have looked").check()
    due.get_by_role("button", name="Let it go now").click()
    owner.says("It is gone for good.")
    owner.says("Nothing is due")
    owner.goto("/visits?q=OLD0001")
    assert owner.page.locator(".rows > li").count() == 0


def test_a_visit_is_kept_beyond_its_days_until_somebody_ends_that(
    owner: Screen, seen: list[str]
) -> None:
    owner.goto("/visits?q=8ABC123")
    owner.page.locator(".rows a.whole").first.click()
    owner.page.get_by_text("Keep it beyond its days").click()
    form = owner.page.get_by_role("group").filter(has_text="Keep it beyond its days")
    form.get_by_label("Why").fill("the insurer asks")
    form.get_by_role("button", name="Keep it").click()
    held = owner.page.get_by_role("region", name="Kept beyond their days")
    held.get_by_text("the insurer asks").first.wait_for()
    assert "8 A B C 1 2 3" in (held.locator(".plaque").get_attribute("aria-label") or "")
    held.get_by_role("button", name="Keep it no longer").click()
    owner.says("Nothing is kept longer")


def test_a_box_is_given_a_camera_and_another_token_and_a_new_one_is_invited(
    owner: Screen, home: Vault
) -> None:
    owner.goto("/more/cameras")
    box = owner.page.get_by_role("region", name="gate", exact=True)
    assert re.search(r"\d+ (s|min) ago", box.inner_text())
    box.locator("summary").click()
    box.get_by_label("More cameras").fill("south, south wall")
    box.get_by_role("button", name="Let it speak for them").click()
    owner.says("This needs a fresh one-time code.")
    box.get_by_label("Fresh one-time code").fill(home.code())
    box.get_by_role("button", name="Let it speak for them").click()
    owner.says("Kept.")
    assert box.get_by_role("link", name="south wall").is_visible()
    box.locator("summary").click()
    box.get_by_role("button", name="Give it another token").click()
    assert len(owner.page.locator("#token").inner_text()) > 40
    new = owner.page.get_by_role("region", name="A new box")
    new.get_by_label("Its cameras").fill(",")
    new.get_by_role("button", name="Make a code").click()
    owner.says("Name at least one camera")
    new.get_by_label("Its cameras").fill("west")
    new.get_by_role("button", name="Make a code").click()
    assert owner.page.locator("#code").inner_text().startswith("python -m edge enrol ")


def test_a_camera_that_cannot_be_seen_says_why_where_its_picture_would_be(owner: Screen) -> None:
    owner.goto("/more/cameras")
    owner.page.get_by_role("link", name="gate live").click()
    picture = owner.page.get_by_role("img", name="What gate sees now")
    source = picture.get_attribute("src")
    said = owner.context.request.get(owner.address + str(source), headers=_cookies(owner))
    assert said.headers["content-type"].startswith("image/svg+xml")
    assert "The box at the gate does not answer." in said.text()


def _cookies(at: Screen) -> dict[str, str]:
    """Return what Chromium sends: the client beside it takes no secure cookie to plain loopback."""
    held = at.context.cookies()
    return {"Cookie": "; ".join(f"{one['name']}={one['value']}" for one in held)}


def test_a_lot_is_called_otherwise_and_a_wrong_zone_is_said_beside_its_field(
    owner: Screen,
) -> None:
    owner.goto("/more/lots")
    lot = owner.page.get_by_role("region", name="North lot")
    lot.get_by_label("Time zone").fill("Chicago")
    keep = lot.get_by_role("button", name="Save")
    keep.nth(1).click()
    owner.says("a time zone as America/Chicago")
    assert lot.get_by_label("Time zone").input_value() == "Chicago"
    assert lot.get_by_label("Time zone").get_attribute("aria-invalid") == "true"
    lot.get_by_label("Time zone").fill("America/Denver")
    keep.nth(1).click()
    owner.says("Kept.")
    assert lot.get_by_label("Time zone").input_value() == "America/Denver"


def test_another_lot_is_added_and_what_it_cannot_be_is_said_beside_its_field(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["phone"], scripts=False) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/lots")
        new = owner.page.get_by_role("region", name="Another lot")
        add = new.get_by_role("button", name="Add this lot")
        for label, wrong, said, right in (
            ("Name", "North lot", "A name that no other lot has", "  Harbour   lot "),
            ("Time zone", "Chicago", "A time zone as America/Chicago.", "America/Chicago"),
            ("Cars that it holds", "many", "A number from 0 to 1,000,000.", "40"),
        ):
            new.get_by_label("Name").fill("Harbour lot")
            new.get_by_label(label).fill(wrong)
            add.click()
            new.get_by_text(said).wait_for()
            assert new.get_by_label(label).input_value() == wrong
            new.get_by_label(label).fill(right)
        add.click()
        owner.says("Harbour lot is there.")
        made = owner.page.get_by_role("region", name="Harbour lot")
        assert made.get_by_label("Cars that it holds").input_value() == "40"
        assert "America/Chicago" in made.inner_text()


def test_about_says_which_clock_and_which_fingerprints(owner: Screen, home: Vault) -> None:
    owner.goto("/more")
    owner.page.get_by_role("link", name="About").click()
    prints = owner.page.get_by_role("region", name="Fingerprints").inner_text()
    assert home.home.founding.root_fingerprint.hex(":").upper() in prints
    assert home.home.founding.sign_fingerprint.hex(":").upper() in prints
    assert "on a Jetson" in owner.page.get_by_role("region", name="Never run").inner_text()


def test_who_may_not_set_up_is_shown_no_way_there(
    chromium: Browser, home: Vault, address: str
) -> None:
    with screen(chromium, address, WIDTHS["phone"]) as stranger:
        stranger.approved()
        for path in ("/more/retention", "/more/cameras", "/more/about"):
            stranger.goto(path)
            stranger.says("Sign in")
