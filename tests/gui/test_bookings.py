"""Bookings and lists in a real browser: added, changed, taken over, wrong rows said."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from tests.gui.browsing import Screen
from tests.gui.vault import Vault


@pytest.fixture(scope="module", autouse=True)
def _open(home: Vault) -> None:
    home.unlock()


@pytest.fixture
def name() -> str:
    """Somebody whom no other test of the module's shared vault expects."""
    return f"Guest {secrets.token_hex(4)}"


def _row(browsed: Screen, name: str) -> Locator:
    row = browsed.page.locator(".rows li").filter(has_text=name)
    row.wait_for()
    return row


def _change(browsed: Screen, name: str) -> None:
    _row(browsed, name).get_by_role("link", name="Change").click()


def test_a_booking_is_added_changed_and_cancelled(browsed: Screen, name: str) -> None:
    page, soon = browsed.page, datetime.now() + timedelta(minutes=1)  # noqa: DTZ005 - as a form has it
    browsed.goto("/bookings")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Plate").fill("klm 4421")
    page.get_by_label("Comes").fill(f"{soon:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Add", exact=True).click()
    browsed.says("1 booking added.")
    browsed.goto("/bookings?shows=all")
    assert "KLM4421" in _row(browsed, name).inner_text()
    _change(browsed, name)
    page.get_by_label("Bay").fill("12")
    page.get_by_role("button", name="Save").click()
    browsed.goto("/bookings?shows=all")
    assert "bay 12" in _row(browsed, name).inner_text()
    _change(browsed, name)
    page.get_by_role("button", name="Cancel this booking").click()
    browsed.goto("/bookings?shows=all")
    assert "cancelled" in _row(browsed, name).inner_text()


def test_a_table_is_taken_over(browsed: Screen, name: str) -> None:
    rows = ("Nombre;Placa;Llegada;Salida", f"{name} á;8ABC123;18:30;01:00", "", f"{name} b;;9:00;")
    text = "\ufeff" + "\r\n".join(rows)
    browsed.goto("/bookings")
    browsed.page.get_by_label("File").set_input_files(
        {"name": "<b>.csv", "mimeType": "text/csv", "buffer": text.encode()}
    )
    browsed.page.get_by_role("button", name="Take it over").click()
    browsed.says("2 bookings added.")
    browsed.goto("/bookings?shows=all")
    assert "8ABC123" in _row(browsed, f"{name} á").inner_text()
    _row(browsed, f"{name} b")


def test_each_wrong_row_is_said_by_its_line_and_nothing_is_added(
    browsed: Screen, name: str
) -> None:
    table = f"name,plate,begins\n{name},KLM4421,18:30\n{name},***,18:30\n{name},,31.02.2026 9:00\n"
    browsed.goto("/bookings")
    browsed.page.get_by_label("or typed in").fill(table)
    browsed.page.get_by_role("button", name="Take it over").click()
    browsed.says("line 3: plate: a plate has 1 to 16 letters and digits")
    browsed.says("line 4: begins: write a time")
    assert browsed.page.get_by_label("or typed in").input_value() == table
    browsed.goto("/bookings?shows=all")
    assert name not in browsed.page.locator("main").inner_text()


def test_of_two_who_change_a_booking_the_second_is_told_and_keeps_what_was_typed(
    browsed: Screen, name: str
) -> None:
    page = browsed.page
    browsed.goto("/bookings")
    page.get_by_label("or typed in").fill(f"name,begins\n{name},23:00\n")
    page.get_by_role("button", name="Take it over").click()
    browsed.goto("/bookings?shows=all")
    _change(browsed, name)
    other = browsed.context.new_page()
    other.goto(page.url)
    other.get_by_label("Bay").fill("8")
    other.get_by_role("button", name="Save").click()
    other.get_by_text("Written down.").wait_for()
    other.close()
    page.get_by_label("Bay").fill("9")
    page.get_by_role("button", name="Save").click()
    browsed.says("Somebody else changed this booking")
    assert page.get_by_label("Bay").input_value() == "9"
    page.get_by_role("button", name="Save").click()
    browsed.says("Written down.")


def test_a_plate_is_put_on_a_list_with_its_days_and_taken_off(browsed: Screen, name: str) -> None:
    page = browsed.page
    browsed.goto("/more/lists")
    page.get_by_label("List").select_option("vip")
    page.get_by_label("Plate", exact=True).fill("lst 4421")
    page.get_by_label("First day").fill("2026-05-01")
    page.get_by_label("Last day").fill("2026-05-31")
    page.get_by_label("Note").fill(f"<b>{name}</b>")
    page.get_by_role("button", name="Add", exact=True).click()
    browsed.says("Written down.")
    row = _row(browsed, f"<b>{name}</b>")
    assert "from 2026-05-01 until 2026-05-31" in row.inner_text()
    assert row.get_by_role("img", name="L S T 4 4 2 1").count() == 1
    _change(browsed, name)
    assert page.get_by_label("Last day").input_value() == "2026-05-31"
    page.get_by_role("button", name="Take it off the list").click()
    browsed.says("Written down.")
    assert name not in page.locator("main").inner_text()


def test_a_last_day_before_the_first_is_refused_and_all_of_it_kept(browsed: Screen) -> None:
    page = browsed.page
    browsed.goto("/more/lists")
    page.get_by_label("Plate", exact=True).fill("KLM4421")
    page.get_by_label("First day").fill("2026-05-31")
    page.get_by_label("Last day").fill("2026-05-01")
    page.get_by_role("button", name="Add", exact=True).click()
    browsed.says("The last day must not lie before the first.")
    assert page.get_by_label("Plate", exact=True).input_value() == "KLM4421"


def test_what_is_wrong_with_a_table_is_in_view(browsed: Screen) -> None:
    browsed.goto("/bookings")
    browsed.page.get_by_label("or typed in").fill("name,plate,begins\nOrtiz,KLM4421,25:30\n")
    browsed.page.get_by_role("button", name="Take it over").click()
    wrong = browsed.page.get_by_role("alert")
    wrong.wait_for()
    expect(wrong).to_be_in_viewport()
    expect(wrong).to_be_focused()
