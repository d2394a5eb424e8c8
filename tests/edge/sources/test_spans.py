"""Which part of a recording is wanted."""

import pytest

from edge.sources.spans import WHOLE, Span, span
from lot.errors import WrongUsage


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("90", 90),
        ("90.5", 90.5),
        ("1:30", 90),
        ("1:02:03.25", 3723.25),
        ("100:00:00", 360_000),
    ],
)
def test_seconds_and_clock_times_are_read(text: str, seconds: float) -> None:
    assert span(text, None) == Span(seconds, None)


def test_nothing_said_is_the_whole() -> None:
    assert span(None, None) == WHOLE


@pytest.mark.parametrize("text", ["", "-1", "1:75", "1:60:00", "noon", "1:2:3:4", "nan", "1e3"])
def test_what_is_no_time_is_named(text: str) -> None:
    with pytest.raises(WrongUsage, match=r"--to .* is no time in a recording; write seconds"):
        span(None, text)


@pytest.mark.parametrize(("since", "until"), [("10", "5"), ("10", "10")])
def test_an_end_before_the_beginning_is_refused(since: str, until: str) -> None:
    with pytest.raises(WrongUsage, match="nothing lies from second 10"):
        span(since, until)
