"""When a recording began: what was told, else its name, else what it bears, else nothing."""

from datetime import datetime, timezone
from pathlib import Path

import pytest
import pytz

from edge.sources.starts import borne_by_container, iso_time, start_of, told
from lot.errors import WrongUsage

CHICAGO = pytz.timezone("America/Chicago")
TOLD, BORNE = (datetime(2024, 1, day, tzinfo=timezone.utc) for day in (1, 2))
NAMED = Path("20240501_134500.mp4")


def test_the_first_that_exists_counts() -> None:
    start = start_of(NAMED, told=TOLD, borne=BORNE, zone=CHICAGO)
    assert (start.at, start.ground, start.known) == (TOLD, "told", True)
    start = start_of(NAMED, told=None, borne=BORNE, zone=CHICAGO)
    assert (start.at, start.ground) == (
        datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc),
        "name",
    )
    start = start_of(Path("clip.mp4"), told=None, borne=BORNE, zone=CHICAGO)
    assert (start.at, start.ground) == (BORNE, "container")


def test_without_any_times_count_from_2000_by_the_lots_clock() -> None:
    start = start_of(Path("clip.mp4"), told=None, borne=None, zone=CHICAGO)
    assert start.at == datetime(2000, 1, 1, 6, tzinfo=timezone.utc)
    assert not start.known


def test_a_name_of_the_repeated_hour_keeps_both_moments() -> None:
    start = start_of(Path("20241103_013000.mp4"), told=None, borne=None, zone=CHICAGO)
    assert start.at == datetime(2024, 11, 3, 6, 30, tzinfo=timezone.utc)
    assert start.or_at == datetime(2024, 11, 3, 7, 30, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01 13:45:00", datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc)),
        ("2024-05-01T13:45", datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc)),
        ("2024-05-01T13:45:00Z", datetime(2024, 5, 1, 13, 45, tzinfo=timezone.utc)),
        ("2024-05-01T13:45:00.25+02:00", datetime(2024, 5, 1, 11, 45, 0, 250000, timezone.utc)),
        ("2024-05-01 13:45:00 -0500", datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc)),
    ],
)
def test_a_told_time_is_the_lots_unless_it_says_otherwise(text: str, moment: datetime) -> None:
    assert told(text, CHICAGO) == moment


@pytest.mark.parametrize("text", ["", "noon", "2024-13-01 00:00:00", "13:45", "2024-05-01 25:00"])
def test_a_told_time_that_is_none_is_named(text: str) -> None:
    with pytest.raises(WrongUsage, match="is no time; write it as"):
        told(text, CHICAGO)


@pytest.mark.parametrize(
    ("tags", "moment"),
    [
        ({"creation_time": "2024-05-01T10:00:00.000000Z"}, "2024-05-01T10:00:00Z"),
        (
            {
                "creation_time": "2024-05-01T10:00:00Z",
                "com.apple.quicktime.creationdate": "2024-05-01T05:00:01-0500",
            },
            "2024-05-01T10:00:01Z",
        ),
        ({"creation_time": "1904-01-01T00:00:00Z"}, None),
        ({"creation_time": "2000-01-01T00:00:00Z"}, None),
        ({"creation_time": "last week"}, None),
        ({}, None),
    ],
)
def test_a_containers_time_counts_if_a_clock_wrote_it(
    tags: dict[str, str], moment: str | None
) -> None:
    assert borne_by_container(tags) == (None if moment is None else iso_time(moment, pytz.utc))
