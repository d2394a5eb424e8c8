"""Inside all is UTC; the lot's zone is put on at the rim, also in the night the clock goes back."""

from datetime import datetime, timedelta, timezone, tzinfo
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import WrongUsage
from lot.times import instants, local_text, microseconds, moment, system_zone, zone

ZONES = [zone(n) for n in ("UTC", "America/Chicago", "Australia/Lord_Howe", "Asia/Kathmandu")]


def test_the_hour_that_a_dst_night_repeats_is_told_apart_by_its_offset() -> None:
    texas = zone("America/Chicago")
    first = datetime(2026, 11, 1, 6, 30, tzinfo=timezone.utc)
    assert local_text(first, texas) == "2026-11-01T01:30:00.000-05:00"
    assert local_text(first + timedelta(hours=1), texas) == "2026-11-01T01:30:00.000-06:00"


def test_microseconds_are_exact() -> None:
    time = datetime(2026, 11, 25, 12, 0, 0, 123457, tzinfo=timezone.utc)
    assert microseconds(time) == 1_795_608_000_123_457
    assert moment(1_795_608_000_123_457) == time


def test_an_unknown_zone_is_named() -> None:
    with pytest.raises(WrongUsage, match="LOT_TIMEZONE=Texas is no time zone; write one as"):
        zone("Texas")


def test_the_systems_zone_is_read_from_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TZ", raising=False)
    (tmp_path / "timezone").write_text("America/Chicago\n", encoding="utf-8")
    assert str(system_zone(tmp_path)) == "America/Chicago"
    monkeypatch.setenv("TZ", ":Europe/Madrid")
    assert str(system_zone(tmp_path)) == "Europe/Madrid"


@given(st.datetimes(datetime(1950, 1, 1), datetime(2099, 1, 1)), st.sampled_from(ZONES))  # noqa: DTZ001  # a wall clock has no zone
def test_the_moments_of_a_wall_clock_time_are_those_at_which_the_lots_clocks_show_it(
    wall: datetime, lot_zone: tzinfo
) -> None:
    moments = instants(wall, lot_zone)
    assert list(moments) == sorted(set(moments))
    shown = [moment.astimezone(lot_zone).replace(tzinfo=None) for moment in moments]
    assert shown in ([wall], [wall, wall]) or (len(shown) == 1 and shown[0] > wall)
