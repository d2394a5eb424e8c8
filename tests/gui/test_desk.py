"""The desk in a real browser: each common task in two taps, by keys alone, and without scripts."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, FilePayload, Locator

from lot.clock import now_us
from tests.contract.writers import LOT
from tests.gui import drawn
from tests.gui.browsing import Screen, screen
from tests.gui.conftest import WIDTHS
from tests.gui.vault import Crossing, Vault
from tests.server.keys.holder.running import PASSPHRASE

DESK = f"/lots/{LOT.hex()}"
WORDS = dict.fromkeys(("name", "phone", "mail", "looks", "bay", "key", "note"))
HOUR_US = 3_600_000_000


class Attendant:
    """Somebody at the desk, whose taps are counted."""

    def __init__(self, at: Screen) -> None:
        self.screen, self.taps = at, 0

    def tap(self, what: Locator) -> None:
        self.taps += 1
        what.click()

    def row(self, section: str, plate: str) -> Locator:
        aloud = self.screen.page.locator(f".plaque[aria-label^='{' '.join(plate)}']")
        return self.screen.page.get_by_role("region", name=section).locator("li").filter(has=aloud)


@pytest.fixture(scope="module")
def api(home: Vault) -> Iterator[httpx.Client]:
    """The owner at the API, for what other hands do meanwhile."""
    home.unlock()
    mine = {"Authorization": f"Bearer {home.session}"}
    with httpx.Client(base_url=home.url + "/api/v1", headers=mine, trust_env=False) as client:
        yield client


@pytest.fixture
def attendant(browsed: Screen, api: httpx.Client) -> Attendant:
    return Attendant(browsed)


def _plate() -> str:
    """Return one that no other test of the module's shared vault has."""
    letters = "ABCDEFGHJKLMNPRSTUVWXYZ"
    return "".join(secrets.choice(letters) for _ in range(4)) + f"{secrets.randbelow(1000):03d}"


def _taken_in(api: httpx.Client, **more: object) -> Any:
    body = {**WORDS, "once": secrets.token_hex(16), **more}
    answer = api.post(f"{DESK}/tickets", json=body)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_car_that_just_came_is_checked_in_with_two_taps(
    attendant: Attendant, home: Vault
) -> None:
    plate, page = _plate(), attendant.screen.page
    home.happen(Crossing(plate, ago=1))
    attendant.screen.goto("/desk")
    attendant.tap(attendant.row("Just arrived", plate).get_by_role("link", name="Check in"))
    page.get_by_label("Key tag").fill("A12")
    attendant.tap(page.get_by_role("button", name="Check in and give a ticket"))
    page.wait_for_url("**/t/*")
    assert attendant.taps == 2
    attendant.screen.goto("/desk")
    assert "key A12" in attendant.row("In our care", plate).inner_text()
    assert attendant.row("Just arrived", plate).count() == 0


def test_who_is_kept_for_a_plate_is_filled_in_when_it_comes_again_and_can_be_let_go(
    attendant: Attendant, home: Vault, api: httpx.Client
) -> None:
    plate, page = _plate(), attendant.screen.page
    home.happen(Crossing(plate, ago=60))
    _check_in(attendant, plate)
    page.get_by_text("Customer").click()
    page.get_by_label("Phone").fill("555 0100")
    page.get_by_label("for the next time").check()
    attendant.tap(page.get_by_role("button", name="Check in and give a ticket"))
    attendant.screen.says("Somebody who is kept has a name.")
    page.get_by_label("Name").fill("Ada Ortiz")
    assert page.get_by_label("for the next time").is_checked()
    attendant.tap(page.get_by_role("button", name="Check in and give a ticket"))
    page.wait_for_url("**/t/*")

    home.happen(Crossing(plate, ago=30, kind="exit"), Crossing(plate, ago=1))
    attendant.taps = 0
    _check_in(attendant, plate)
    attendant.screen.says("Ada Ortiz was here before")
    assert page.get_by_label("Phone").input_value() == "555 0100"
    attendant.tap(page.get_by_role("button", name="Check in and give a ticket"))
    page.wait_for_url("**/t/*")
    assert attendant.taps == 2

    attendant.screen.goto(f"/desk/check-in?plate={plate.lower()}")
    page.get_by_role("button", name="Forget Ada Ortiz").click()
    attendant.screen.says("Forgotten")
    assert plate not in api.get(f"{DESK}/customers").text


def test_a_known_plate_that_is_typed_in_brings_its_customer_with_it(
    attendant: Attendant, api: httpx.Client
) -> None:
    plate, page = _plate(), attendant.screen.page
    said = {"name": "Bo Weber", "phone": None, "mail": "bo@example.org", "note": "tips well"}
    api.post(f"{DESK}/customers", json={**said, "plates": [plate, _plate()]}).raise_for_status()
    attendant.screen.goto("/desk/check-in")
    page.get_by_label("Plate").fill(plate)
    page.get_by_role("button", name="Check in and give a ticket").click()
    page.wait_for_url("**/t/*")
    attendant.screen.goto("/desk")
    attendant.row("In our care", plate).locator("a").first.click()
    assert page.get_by_label("Name").input_value() == "Bo Weber"
    assert page.get_by_label("E-mail").input_value() == "bo@example.org"


def _check_in(attendant: Attendant, plate: str) -> None:
    attendant.screen.goto("/desk")
    attendant.tap(attendant.row("Just arrived", plate).get_by_role("link", name="Check in"))


def test_a_car_is_called_and_handed_out_with_a_tap_each_and_one_takes_it_back(
    attendant: Attendant, api: httpx.Client
) -> None:
    plate = _plate()
    _taken_in(api, plate=plate, bay="7")
    attendant.screen.goto("/desk")
    attendant.tap(attendant.row("In our care", plate).get_by_role("button", name="Call"))
    attendant.tap(attendant.row("Called", plate).get_by_role("button", name="Hand out"))
    attendant.screen.page.get_by_text("Handed out today").click()
    gone = attendant.screen.page.locator("details li").filter(
        has=attendant.screen.page.locator(f".plaque[aria-label='{' '.join(plate)}']")
    )
    gone.wait_for()
    assert attendant.taps == 2
    gone.get_by_role("button", name="Take it back").click()
    attendant.row("Called", plate).wait_for()


def test_a_customer_without_a_ticket_wants_the_white_tahoe_of_noon(
    attendant: Attendant, api: httpx.Client, home: Vault
) -> None:
    plate, page = _plate(), attendant.screen.page
    colour = "".join(secrets.choice("abcdefgh") for _ in range(8))  # of this test alone
    (event,) = home.happen(Crossing(plate, ago=3, vehicle="truck"))
    _taken_in(api, event=event, looks=f"{colour} Tahoe")
    attendant.screen.goto("/")
    page.keyboard.press("/")
    page.keyboard.type(f"{colour} tahoe truck")
    attendant.tap(page.locator("#found a").first)
    attendant.tap(page.get_by_role("button", name="Call car"))
    attendant.tap(page.get_by_role("button", name="Hand out car"))
    attendant.screen.says("handed out")
    assert attendant.taps == 3


def test_everything_is_done_by_keys_alone(attendant: Attendant, api: httpx.Client) -> None:
    plate, page = _plate(), attendant.screen.page
    attendant.screen.goto("/desk/check-in")
    page.locator("#plate:focus").wait_for()  # the field is ready for keys once it is drawn
    page.keyboard.type(plate.lower())
    page.keyboard.press("Tab")
    page.keyboard.type("B7")
    page.keyboard.press("Enter")
    page.wait_for_url("**/t/*")
    attendant.screen.goto("/desk")
    page.keyboard.press("/")
    page.keyboard.type(plate[:5].lower())
    page.locator("#found a").first.wait_for()
    page.keyboard.press("ArrowDown")
    assert page.locator("#found a").first.evaluate("one => one === document.activeElement")
    page.keyboard.press("Escape")
    assert page.locator("#found a").count() == 0
    page.keyboard.type(plate[5:])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/*/tickets/*")
    page.keyboard.press("c")
    page.get_by_role("button", name="Not yet").wait_for()
    page.keyboard.press("h")
    attendant.screen.says("handed out")


def test_without_scripts_a_car_is_checked_in_found_and_handed_out(
    chromium: Browser, address: str, home: Vault, api: httpx.Client
) -> None:
    plate = _plate()
    with screen(chromium, address, WIDTHS["phone"], scripts=False) as plain:
        plain.signed_in(home.session)
        plain.goto("/desk")
        plain.page.get_by_role("link", name="By hand").click()
        plain.page.get_by_label("Plate", exact=True).fill(plate)
        plain.page.get_by_role("button", name="Check in and give a ticket").click()
        plain.page.wait_for_url("**/t/*")
        assert plain.page.get_by_role("button", name="Print from here").count() == 0
        plain.goto("/desk")
        plain.page.get_by_label("Find a car").fill(plate)
        plain.page.keyboard.press("Enter")
        plain.page.locator("main .found-row").click()
        plain.page.get_by_role("button", name="Hand out car").click()
        plain.says("handed out")


def test_who_booked_is_known_when_they_come_and_who_is_late_is_said(
    attendant: Attendant, api: httpx.Client, home: Vault
) -> None:
    plate, late, now = _plate(), _plate(), now_us()
    plain = dict.fromkeys(("phone", "mail", "bay", "event", "note"))
    span = {"begins": now - HOUR_US, "ends": now + HOUR_US, "state": "expected"}
    rows = [{**plain, **span, "plate": one, "name": f"Guest {one}"} for one in (plate, late)]
    body = {"once": secrets.token_hex(16), "rows": rows}
    assert api.post(f"{DESK}/bookings/many", json=body).status_code == 201
    home.happen(Crossing(plate, ago=1))
    attendant.screen.goto("/desk")
    assert f"booked by Guest {plate}" in attendant.row("Just arrived", plate).inner_text()
    waits = attendant.row("Called", late)
    assert "late" in waits.inner_text()
    attendant.tap(waits.get_by_role("link", name="Is here"))
    assert attendant.screen.page.get_by_label("Plate", exact=True).input_value() == late
    attendant.tap(attendant.screen.page.get_by_role("button", name="Check in and give a ticket"))
    attendant.screen.page.wait_for_url("**/t/*")
    attendant.screen.goto("/desk")
    assert attendant.row("Called", late).count() == 0


def test_two_people_at_one_ticket_lose_nothing(attendant: Attendant, api: httpx.Client) -> None:
    made, page = _taken_in(api, plate=_plate(), bay="7"), attendant.screen.page
    path = f"/tickets/{made['ticket']['id']}"
    attendant.screen.goto(f"/desk/{LOT.hex()}{path}")
    page.get_by_label("Bay").fill("9")
    theirs = {**WORDS, "bay": "8", "key": "K1", "version": made["ticket"]["version"]}
    assert api.put(DESK + path, json=theirs).status_code == 200
    page.get_by_role("button", name="Save").click()
    attendant.screen.says("Somebody else changed this ticket")
    assert page.get_by_label("Bay").input_value() == "9"
    attendant.screen.says("now: 8")
    page.get_by_label("Key tag").fill("K1")
    page.get_by_role("button", name="Save").click()
    attendant.screen.says("Written down.")
    assert page.get_by_label("Bay").input_value() == "9"


def test_a_form_that_is_sent_twice_takes_one_car_in(
    attendant: Attendant, api: httpx.Client
) -> None:
    plate, page = _plate(), attendant.screen.page
    attendant.screen.goto("/desk/check-in")
    page.get_by_label("Plate", exact=True).fill(plate)
    send = "(f => fetch(f.action, {method: 'post', body: new URLSearchParams(new FormData(f))}))"
    answers = page.evaluate(
        f"Promise.all([1, 2].map(() => {send}(document.querySelector('main form'))))"
        ".then(all => all.map(one => one.url))"
    )
    assert len(set(answers)) == 1
    attendant.screen.goto("/desk")
    assert attendant.row("In our care", plate).count() == 1


def test_what_is_no_plate_is_said_beside_the_field_and_all_of_it_kept(
    attendant: Attendant,
) -> None:
    page = attendant.screen.page
    attendant.screen.goto("/desk/check-in")
    page.get_by_label("Plate", exact=True).fill("***")
    page.get_by_label("What it looks like").fill("<b>white</b> {{7*7}}")
    page.get_by_role("button", name="Check in and give a ticket").click()
    attendant.screen.says("A plate has 1 to 16 letters and digits.")
    assert page.get_by_label("What it looks like").input_value() == "<b>white</b> {{7*7}}"


def test_hostile_words_are_shown_for_what_they_are(attendant: Attendant, api: httpx.Client) -> None:
    plate, words = _plate(), "<img src=x onerror=a()> {{7*7}} \u202egnp.exe"
    _taken_in(api, plate=plate, looks=words)
    attendant.screen.goto("/desk")
    assert "<img src=x onerror=a()> {{7*7}}" in attendant.row("In our care", plate).inner_text()
    attendant.screen.page.keyboard.press("/")
    attendant.screen.page.keyboard.type("<img")
    attendant.screen.page.locator("#found p, #found a").first.wait_for()
    assert attendant.screen.page.locator("img[src=x]").count() == 0


def test_a_session_that_ends_at_the_desk_loses_nothing_typed(
    chromium: Browser, address: str, home: Vault, api: httpx.Client
) -> None:
    plate = _plate()
    other = httpx.Client(base_url=home.url + "/api/v1", trust_env=False)
    with screen(chromium, address, WIDTHS["phone"]) as phone:
        phone.signed_in("a session that ended")
        phone.goto("/sign-in?to=/desk/check-in")
        phone.page.get_by_label("Name").fill("Ada")
        phone.page.get_by_label("Passphrase or password").fill(PASSPHRASE)
        phone.page.get_by_label("One-time code", exact=False).fill(home.code())
        phone.page.get_by_role("button", name="Sign in").click()
        phone.page.get_by_label("Plate", exact=True).fill(plate)
        phone.page.get_by_label("Key tag").fill("Z9")
        token = next(
            one["value"] for one in phone.context.cookies() if one["name"] == "__Host-lot-session"
        )
        ended = {"Authorization": f"Bearer {token}", "Lot-Device": _device(phone)}
        other.delete("/sessions/own", headers=ended).raise_for_status()
        phone.page.get_by_role("button", name="Check in and give a ticket").click()
        phone.says("What you typed is kept")
        kept = phone.page.locator("input[name=kept]").input_value()
        assert plate in kept
        assert "Z9" in kept
    other.close()


def _device(at: Screen) -> str:
    return next(one["value"] for one in at.context.cookies() if one["name"] == "__Host-lot-device")


def test_a_car_that_is_blocked_alarms_at_the_desk_and_on_now(
    attendant: Attendant, api: httpx.Client, home: Vault
) -> None:
    plate = _plate()
    said: dict[str, object] = dict.fromkeys(("holder", "begins", "ends"))
    row = {**said, "list": "blocked", "plate": plate, "note": "owes a month", "alarm": True}
    assert api.post(f"{DESK}/known", json=row).status_code == 201
    home.happen(Crossing(plate, ago=1))
    for path in ("/desk", "/"):
        attendant.screen.goto(path)
        alarm = attendant.screen.page.locator(".alarm").filter(has_text=plate)
        assert "owes a month" in alarm.inner_text()


def test_a_photo_that_nobody_can_read_leaves_the_form_to_type_in(attendant: Attendant) -> None:
    page = attendant.screen.page
    attendant.screen.goto("/desk")
    photo = FilePayload(name="<b>.jpg", mimeType="image/jpeg", buffer=drawn.vehicle("8ABC123"))
    page.locator("input[name=photo]").set_input_files(photo)
    attendant.screen.says("The box at the gate does not answer.")
    page.get_by_label("Plate", exact=True).fill(_plate())
    attendant.tap(page.get_by_role("button", name="Check in and give a ticket"))
    page.wait_for_url("**/t/*")
