"""What a printer is sent: words that command nothing, and a code of the link."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gui.pages.ticket import slip
from gui.settings import settings_from
from gui.words import Clock, Words
from lot import times
from lot.errors import WrongSettings
from lot.times import zone

WORDS = Words("es")
NOON = datetime(2026, 5, 31, 17, tzinfo=timezone.utc)
CLOCK = Clock(zone("America/Chicago"), NOON, WORDS)
LINK = "https://lot.local/t/" + "A" * 22


@dataclass(frozen=True)
class Face:
    lot: str = "North lot"
    spelt: str = "674 470"
    bay: str | None = "7"
    came: int = times.microseconds(NOON)


def _sent(face: Face) -> bytes:
    return slip.bytes_of(face, LINK, WORDS, CLOCK)


def test_a_slip_has_its_number_bay_time_and_link() -> None:
    sent = _sent(Face())
    for part in (b"North lot", b"674 470", b"plaza 7", b"2026-05-31 12:00", LINK.encode()):
        assert part in sent


@given(st.text(max_size=40))
def test_no_text_commands_a_printer(text: str) -> None:
    plain = slip.plain(text + "\x1b@\x1dV\x00\x10\x04\n\x9b")
    assert all(ord(one) >= 32 and not 127 <= ord(one) < 160 for one in plain)
    assert slip.plain(text) == slip.plain(slip.plain(text))


def test_hostile_names_change_nothing_but_letters() -> None:
    hostile = _sent(Face(lot="\x1b@North\x1dV\x00 lot", bay="\x10\x147"))
    assert hostile == _sent(Face(lot="@NorthV lot"))


@pytest.mark.parametrize("given_", ["host:0", "host:99999", ":9100", "host:port"])
def test_a_printer_that_is_none_is_a_wrong_setting(given_: str) -> None:
    with pytest.raises(WrongSettings, match="LOT_GUI_PRINTER"):
        settings_from({"LOT_GUI_PRINTER": given_, "LOT_TIMEZONE": "UTC"})
