"""The cameras' time: it follows the wall clock, and never runs backwards."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from edge.daemon.clock import SteadyClock
from lot.clock import Discipline, WallClock
from lot.times import moment

NOON_US = 1_800_000_000_000_000
HELD = Discipline(is_synchronised=True, error_us=0)


class Hands:
    """A wall clock and a steady one that a test moves."""

    def __init__(self) -> None:
        self.steady_us = 5_000_000
        self.wall_us = NOON_US

    def go(self, seconds: float) -> None:
        self.steady_us += round(seconds * 1e6)
        self.wall_us += round(seconds * 1e6)

    def wall(self) -> WallClock:
        return WallClock(lambda: self.wall_us * 1000, lambda: self.steady_us * 1000, lambda: HELD)

    @property
    def steady_s(self) -> float:
        return self.steady_us / 1e6


def clock_of(hands: Hands) -> SteadyClock:
    return SteadyClock(hands.wall(), hands.steady_s)


def test_a_clock_set_forward_is_followed_at_once_while_nothing_is_in_view() -> None:
    hands = Hands()
    clock = clock_of(hands)
    hands.wall_us += 3_600_000_000
    hands.go(1)
    clock.follow(hands.steady_s, in_view=False)
    assert clock.at(hands.steady_s) == moment(hands.wall_us)
    assert clock.jumped_since()
    assert not clock.jumped_since()


def test_it_is_drawn_near_by_a_hundredth_while_something_is_in_view() -> None:
    hands = Hands()
    clock = clock_of(hands)
    hands.wall_us += 3_600_000_000
    hands.go(10)
    before = clock.at(hands.steady_s)
    clock.follow(hands.steady_s, in_view=True)
    assert clock.at(hands.steady_s) - before == timedelta(seconds=0.1)


def test_a_clock_set_back_is_waited_for() -> None:
    hands = Hands()
    clock = clock_of(hands)
    before = clock.at(hands.steady_s)
    hands.wall_us -= 3_600_000_000
    hands.go(100)
    clock.follow(hands.steady_s, in_view=False)
    assert clock.at(hands.steady_s) - before == timedelta(seconds=99)
    assert clock.jumped_since()


def test_after_a_restart_time_goes_on_from_where_it_was() -> None:
    hands = Hands()
    later = moment(NOON_US + 60_000_000)
    assert SteadyClock(hands.wall(), hands.steady_s, later).at(hands.steady_s) == later


@given(
    st.lists(
        st.tuples(
            st.floats(0.01, 100), st.integers(-10_000_000_000, 10_000_000_000), st.booleans()
        ),
        max_size=30,
    )
)
def test_time_never_runs_backwards(moves: list[tuple[float, int, bool]]) -> None:
    hands = Hands()
    clock = clock_of(hands)
    last = clock.at(hands.steady_s)
    for seconds, jump_us, in_view in moves:
        hands.wall_us = max(0, hands.wall_us + jump_us)
        hands.go(seconds)
        clock.follow(hands.steady_s, in_view=in_view)
        now = clock.at(hands.steady_s)
        assert now > last
        last = now
