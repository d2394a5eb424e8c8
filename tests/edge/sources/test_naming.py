"""The time in a recording's name."""

from datetime import datetime, timedelta, timezone

import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st

from edge.sources.naming import times_in_name

CHICAGO = pytz.timezone("America/Chicago")
MOMENTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 30)).map(  # noqa: DTZ001  # a wall clock has no zone
    lambda time: time.replace(microsecond=0)
)
WAYS = st.sampled_from(
    [
        "%Y%m%d_%H%M%S",
        "%Y%m%d-%H%M%S",
        "%Y%m%dT%H%M%S",
        "%Y%m%d%H%M%S",
        "%Y-%m-%d_%H-%M-%S",
        "%Y-%m-%d %H.%M.%S",
        "%Y-%m-%dT%H:%M:%S",
    ]
)
AROUND = st.sampled_from(["", "cam1_", "VID_", "ch02-", "Gate (2) "])
BEHIND = st.sampled_from(["", ".mp4", "_1.jpg", "-main.mkv", " (3).mov"])


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=timezone.utc)  # type: ignore[arg-type, misc]  # six numbers


@given(MOMENTS, WAYS, AROUND, BEHIND)
def test_every_way_of_writing_is_read_back(
    wall: datetime, way: str, before: str, behind: str
) -> None:
    found = times_in_name(before + wall.strftime(way) + behind, pytz.utc)
    assert found == (wall.replace(tzinfo=timezone.utc),)


@given(MOMENTS)
def test_a_lots_time_is_shown_by_the_lots_clock_except_in_the_hour_left_out(
    wall: datetime,
) -> None:
    found = times_in_name(wall.strftime("%Y%m%d_%H%M%S"), CHICAGO)
    assert 1 <= len(found) <= 2
    shown = [moment.astimezone(CHICAGO).replace(tzinfo=None) for moment in found]
    assert shown == [wall] * len(found) or shown == [wall + timedelta(hours=1)]


@given(st.text(alphabet="0123456789-_T .:Z", max_size=40))
def test_no_name_is_too_strange(name: str) -> None:
    for moment in times_in_name(name, CHICAGO):
        assert 1989 <= moment.year <= 2100


def test_the_repeated_hour_has_two_moments_the_earlier_first() -> None:
    assert times_in_name("20241103_013000.mp4", CHICAGO) == (
        utc(2024, 11, 3, 6, 30),
        utc(2024, 11, 3, 7, 30),
    )


def test_the_hour_left_out_is_that_of_a_clock_not_put_forward() -> None:
    assert times_in_name("20240310_023000.mp4", CHICAGO) == (utc(2024, 3, 10, 8, 30),)


@pytest.mark.parametrize(
    ("name", "moment"),
    [
        ("PXL_20240501_134500123.mp4", utc(2024, 5, 1, 13, 45, 0, 123000)),  # Pixels write UTC
        ("20240501T134500Z.mp4", utc(2024, 5, 1, 13, 45)),
        ("2024-05-01 13.45.00.mp4", utc(2024, 5, 1, 18, 45)),
        ("gate_20240501_134500_20240501_140000.mp4", utc(2024, 5, 1, 18, 45)),  # from, to
        ("99999999_999999_20240501_134500.mp4", utc(2024, 5, 1, 18, 45)),
    ],
)
def test_names_as_they_occur(name: str, moment: datetime) -> None:
    assert times_in_name(name, CHICAGO) == (moment,)


@pytest.mark.parametrize(
    "name",
    [
        "clip.mp4",
        "20240501.mp4",
        "20240501_1345.mp4",
        "20241301_134500.mp4",
        "20240501_246000.mp4",
        "120240501_134500.mp4",
        "20240501_1345001.mp4",
        "18240501_134500.mp4",
        "2024-05-01.mp4",
    ],
)
def test_names_without_a_time(name: str) -> None:
    assert times_in_name(name, CHICAGO) == ()
