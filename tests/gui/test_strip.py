"""The day's line: nothing is drawn of what is still to come, and everything stays inside."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from gui.strip import HEIGHT, WIDTH, Slice, drawn

QUARTER = 900_000_000
DAYS = st.lists(
    st.tuples(st.integers(0, 500), st.integers(0, 60), st.integers(0, 60), st.booleans()),
    min_size=1,
    max_size=100,
).map(
    lambda rows: [
        Slice(at * QUARTER, (at + 1) * QUARTER, inside, entries, exits, blind)
        for at, (inside, entries, exits, blind) in enumerate(rows)
    ]
)


@given(DAYS, st.integers(-QUARTER, 120 * QUARTER))
def test_bars_stay_inside_and_before_now(slices: list[Slice], now: int) -> None:
    day = drawn(slices, now=now)
    for one in (*day.entries, *day.exits, *day.blind):
        assert 0 <= one.x <= WIDTH
        assert one.x + one.width <= WIDTH + 1
        assert 0 <= one.y <= one.y + one.height <= HEIGHT
    past = [one for one in slices if one.first <= now]
    assert len(day.entries) == sum(one.entries > 0 for one in past)
    assert len(day.exits) == sum(one.exits > 0 for one in past)


def test_an_empty_day_has_an_empty_line() -> None:
    assert drawn([], now=0).occupancy == ""
