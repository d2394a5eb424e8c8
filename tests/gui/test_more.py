"""Export, users, lots and the audit log in a real browser, and what each role sees of them."""

from __future__ import annotations

import io
import json
import zipfile

import httpx
import pytest
from playwright.sync_api import Browser

from tests.gui import drawn
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.phone import Phone
from tests.gui.vault import DEVICE_COOKIE, Crossing, Vault

PHRASE = "violet anchor ladder 7"


@pytest.fixture(scope="module", autouse=True)
def phone(home: Vault) -> Phone:
    """A day, and the phone whose code has unlocked it."""
    found = Phone(home)
    found.unlocks()
    home.happen(
        Crossing("8ABC123", ago=180, pictures=drawn.both("8ABC123")),
        Crossing("TRK0042", ago=130, vehicle="truck"),
        Crossing("8A8C123", ago=20, weak=(2,), also=("8ABC123",)),
    )
    return found


def test_exactly_the_rows_that_are_shown_are_saved(browsed: Screen) -> None:
    browsed.goto("/visits?q=8abc")
    with browsed.page.expect_download() as saved:
        browsed.page.get_by_role("link", name="Save these as CSV").click()
    lines = saved.value.path().read_text("utf-8").splitlines()
    assert lines[0].startswith("plate,entered_at,left_at")
    assert [line.partition(",")[0] for line in lines[1:]] == ["8ABC123"]


def test_tables_leave_with_a_reason_and_a_fresh_code(
    chromium: Browser, home: Vault, address: str, phone: Phone
) -> None:
    with screen(chromium, address, WIDTHS["phone"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more")
        owner.page.get_by_role("link", name="Export").click()
        days = owner.page.get_by_role("region", name="Some days")
        days.get_by_label("Why").fill("the tax office asked")
        days.get_by_label("Fresh one-time code").fill("12345")
        days.get_by_role("button", name="Save the tables").click()
        owner.says("This is not the code that your app shows now")
        assert days.get_by_label("Why").input_value() == "the tax office asked"
        days.get_by_label("Fresh one-time code").fill(phone.code())
        with owner.page.expect_download() as saved:
            days.get_by_role("button", name="Save the tables").click()
        packed = zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes()))
        assert b"8ABC123" in packed.read("events.csv")
        owner.goto("/more/audit?act=export")
        owner.says("the tax office asked")
        rows = owner.page.get_by_role("row")
        assert "exported" in rows.nth(1).inner_text()
        owner.page.get_by_label("What was done").select_option(label="anything")
        owner.page.get_by_label("By whom").select_option(index=1)
        owner.page.get_by_role("button", name="Show").click()
        rows.filter(has_text="typed a fresh code").first.wait_for()
        assert "the tax office asked" in owner.page.get_by_role("table").inner_text()


def test_a_film_leaves_under_a_code_of_its_own(
    chromium: Browser, home: Vault, address: str, phone: Phone
) -> None:
    with screen(chromium, address, WIDTHS["desk"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/export")
        days = owner.page.get_by_role("region", name="Some days")
        days.get_by_label("Why").fill("the insurer asked")
        days.get_by_label("Fresh one-time code").fill(phone.code())
        with owner.page.expect_download() as saved:
            days.get_by_role("button", name="Save the film").click()
        packed = zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes()))
        (film,) = [name for name in packed.namelist() if name.endswith(".mp4")]
        assert packed.read(film)[4:8] == b"ftyp"
        assert "manifest.lkm" in packed.namelist()


def test_one_persons_pack_holds_what_is_theirs(
    chromium: Browser, home: Vault, address: str, phone: Phone
) -> None:
    with screen(chromium, address, WIDTHS["desk"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/export")
        person = owner.page.get_by_role("region", name="One person")
        person.get_by_label("Plate").fill("8ABC123")
        person.get_by_label("On what ground").fill("showed the car's papers")
        person.get_by_label("Fresh one-time code").fill(phone.code())
        person.get_by_role("button", name="Look what there is").click()
        owner.says("Which of these are theirs?")
        with owner.page.expect_download() as saved:
            owner.page.get_by_role("button", name="Save the pack").click()
        packed = zipfile.ZipFile(io.BytesIO(saved.value.path().read_bytes()))
        told = b"".join(packed.read(name) for name in packed.namelist() if name.endswith(".csv"))
        assert b"8ABC123" in told
        assert b"TRK0042" not in told


def test_a_range_that_ends_before_it_begins_is_said_beside_its_field(browsed: Screen) -> None:
    browsed.goto("/more/export")
    days = browsed.page.get_by_role("region", name="Some days")
    days.get_by_label("From").fill("2026-02-02")
    days.get_by_label("Up to and with").fill("2026-02-01")
    days.get_by_label("Why").fill("a try")
    days.get_by_label("Fresh one-time code").fill("000000")
    days.get_by_role("button", name="Save the tables").click()
    browsed.says("The last day must not lie before the first.")
    assert days.get_by_label("From").input_value() == "2026-02-02"


def test_a_walk_is_begun_and_its_report_is_saved_byte_for_byte(browsed: Screen) -> None:
    browsed.goto("/more/export")
    reports = browsed.page.get_by_role("region", name="Is all still there?")
    reports.get_by_role("button", name="Check now").click()
    reports.locator("li").first.wait_for()
    # The walk is a process of its own, as beside the real one.
    ended = reports.get_by_role("link", name="Save")
    for _ in range(40):
        if ended.count():
            break
        browsed.page.wait_for_timeout(1000)
        browsed.page.reload()
    assert "nothing missing, nothing altered" in reports.inner_text()
    with browsed.page.expect_download() as saved:
        ended.first.click()
    report = json.loads(saved.value.path().read_bytes())
    assert {one["name"] for one in report["writers"]} == {"gate", "server"}


def test_somebody_new_sees_what_their_role_may_and_no_more(
    chromium: Browser, home: Vault, address: str, phone: Phone
) -> None:
    with screen(chromium, address, WIDTHS["desk"]) as owner:
        owner.signed_in(home.session)
        owner.goto("/more/users")
        new = owner.page.get_by_role("region", name="Somebody new")
        new.get_by_label("Name").fill("Maria")
        new.get_by_label("Role").select_option("attendant")
        new.get_by_label("Password").fill("short")
        new.get_by_role("button", name="Add").click()
        owner.says("a password of 12 letters or more")
        assert new.get_by_label("Name").input_value() == "Maria"
        new.get_by_label("Password").fill(PHRASE)
        new.get_by_role("button", name="Add").click()
        owner.says("This needs a fresh one-time code.")
        new.get_by_label("Password").fill(PHRASE)
        new.get_by_label("Fresh one-time code").fill(phone.code())
        new.get_by_role("button", name="Add").click()
        owner.says("can sign in now")
        owner.goto("/more/audit?act=user_added")
        owner.page.locator("td.about a.id[href*='/more/users#account-']").first.click()
        assert "Maria" in owner.page.locator("li:target").inner_text()

        api = f"{home.url}/api/v1"
        said = httpx.post(
            f"{api}/sessions",
            headers={"Lot-Device": DEVICE_COOKIE},
            json={"name": "Maria", "secret": PHRASE},
            trust_env=False,
        ).json()
        with screen(chromium, address, WIDTHS["phone"]) as maria:
            maria.signed_in(said["token"])
            maria.goto("/more")
            maria.says("Maria")
            shown = maria.page.locator(".ways a").all_inner_texts()
            assert shown == ["Known plates", "Cameras", "About"]
            for path in ("/more/users", "/more/audit", "/more/lots", "/more/erasure"):
                maria.goto(path)
                maria.says("Your role may not do this.")

            owner.page.get_by_role("group").filter(has_text="Change Maria").locator(
                "summary"
            ).click()
            owner.page.get_by_role("button", name="Close the account").click()
            owner.says("closed")
            maria.goto("/more")
            maria.says("Sign in")


def test_a_lot_is_given_its_places_and_its_days(browsed: Screen, home: Vault) -> None:
    browsed.goto("/more/lots")
    lot = browsed.page.get_by_role("region", name="North lot")
    lot.get_by_label("Cars that it holds").fill("many")
    lot.get_by_role("button", name="Save").first.click()
    browsed.says("A number from 0 to 1,000,000.")
    lot.get_by_label("Cars that it holds").fill("61")
    lot.get_by_role("button", name="Save").first.click()
    browsed.says("Kept.")
    lot.get_by_label("Days that pictures are kept").fill("400")
    lot.get_by_role("button", name="Save").last.click()
    browsed.says("pictures no longer than events")
    browsed.goto("/")
    assert "58" in browsed.page.locator(".number-of").inner_text()


def test_who_opened_which_plate_is_in_the_log(browsed: Screen) -> None:
    browsed.goto("/visits?q=TRK0042")
    browsed.goto("/more")
    browsed.page.get_by_role("link", name="Audit").click()
    browsed.page.get_by_label("What was done").select_option("search")
    browsed.page.get_by_role("button", name="Show").click()
    row = browsed.page.locator("tbody tr").filter(has_text="TRK0042").first
    assert "Ada" in row.inner_text()


def test_an_id_in_the_log_is_short_is_there_whole_and_leads_to_its_page(browsed: Screen) -> None:
    browsed.goto("/visits?q=TRK0042")
    browsed.page.locator("#results a.whole").first.click()
    browsed.page.wait_for_url("**/visits/*")
    visit = browsed.path.rpartition("/")[2]
    browsed.goto("/more/audit?act=look")
    link = browsed.page.locator(f"td.about a.id[title='{visit}']").first
    assert link.text_content() == visit
    assert link.evaluate("it => it.scrollWidth > it.clientWidth")
    link.click()
    browsed.page.wait_for_url(f"**/visits/{visit}")


def test_a_thumb_may_press_anywhere_on_a_line_of_more(browsed: Screen) -> None:
    browsed.goto("/more")
    line = browsed.page.locator(".ways > li").first
    box = line.bounding_box()
    assert box is not None
    assert box["height"] >= 48
    line.click(position={"x": box["width"] - 4, "y": box["height"] - 4})
    browsed.page.wait_for_url("**/more/lists")
