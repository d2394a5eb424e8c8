"""A table of bookings as people keep it."""

from __future__ import annotations

import io
from datetime import date, datetime, timezone

import pytest
from flask import request
from hypothesis import given
from hypothesis import strategies as st

from gui.app import create
from gui.pages.bookings.reading import Table, table
from gui.server_api import Server
from gui.settings import settings_from
from gui.words import Words
from lot import times
from lot.times import zone

TODAY = date(2026, 5, 31)
CHICAGO = zone("America/Chicago")


def _read(text: str) -> Table:
    return table(text, TODAY, CHICAGO, Words("en"))


def _at(hour: int, minute: int = 0, day: int = 31) -> int:
    """Return a time of Chicago's May, five hours behind."""
    return (
        times.microseconds(datetime(2026, 5, day, tzinfo=timezone.utc))
        + ((hour + 5) * 3600 + minute * 60) * 1_000_000
    )


def test_one_line_is_one_booking() -> None:
    (row,) = _read("name,plate,begins,ends,phone\nOrtiz,klm-4421,18:30,20:00,555 0100\n").rows
    assert row == {
        "name": "Ortiz",
        "plate": "KLM4421",
        "begins": _at(18, 30),
        "ends": _at(20),
        "phone": "555 0100",
        "mail": None,
        "bay": None,
        "note": None,
        "state": "expected",
        "event": None,
    }


@pytest.mark.parametrize(
    "begins",
    ["18:30", "2026-05-31 18:30", "2026-05-31T18:30", "05/31/2026 06:30 PM", "31.05.2026 18:30"],
)
def test_a_time_is_read_as_people_and_programs_write_it(begins: str) -> None:
    (row,) = _read(f"plate;begins\nKLM4421;{begins}\n").rows
    assert (row["begins"], row["name"]) == (_at(18, 30), "KLM4421")


def test_without_an_end_it_takes_four_hours_and_a_night_ends_the_next_day() -> None:
    plain, night = _read("name\tbegins\tends\nOrtiz\t18:30\t\nWeber\t20:00\t01:00\n").rows
    assert plain["ends"] == _at(22, 30)
    assert night["ends"] == _at(25)


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ("a;b\n", 1, "the first line must name the columns"),
        ("name,begins\n", 1, "the table has no rows"),
        (" \n", 1, "nothing came: choose a file, or type a table in"),
        ("name,begins\n" + "x" * (1 << 20), 1, "the table is too large: take it over in parts"),
        ("name,begins\nOrtiz,soon\n", 2, "begins: write a time as 2026-05-31 18:30"),
        ("name,begins\n\n,18:30\n", 3, "a name or a plate is missing"),
        ("plate,begins\n12345678901234567,18:30\n", 2, "plate: a plate has 1 to 16 letters"),
        ("name,begins,ends\nA,18:30,2026-05-30 10:00\n", 2, "ends: it must be after begins"),
        ('name,begins\n"Ortiz,18:30\n', 2, "a quotation mark is left open"),
    ],
)
def test_what_is_wrong_is_said_by_its_line(text: str, line: int, said: str) -> None:
    (fault,) = _read(text).faults
    assert fault.line == line
    assert fault.said.startswith(said)


def test_one_wrong_row_leaves_all_out() -> None:
    found = _read("name,begins\nOrtiz,18:30\nWeber,never\n")
    assert (found.rows, [one.line for one in found.faults]) == ((), [3])


@given(st.text(max_size=200))
def test_whatever_is_brought_is_read_or_refused_by_line(text: str) -> None:
    found = _read("name,begins\n" + text)
    assert bool(found.rows) != bool(found.faults)


def test_a_table_that_is_sent_is_laid_on_no_disk() -> None:
    settings = settings_from({"LOT_GUI_SERVER": "http://127.0.0.1:1", "LOT_TIMEZONE": "UTC"})
    app = create(settings, Server(settings.server, None))
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="guests.csv"\r\n\r\n'
    sent = head + b"x" * 900_000 + b"\r\n--x--\r\n"
    kind = "multipart/form-data; boundary=x"
    with app.test_request_context("/", method="POST", data=sent, content_type=kind):
        stream = request.files["file"].stream
        assert isinstance(stream, io.BytesIO)
        assert len(stream.read()) == 900_000
