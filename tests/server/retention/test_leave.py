"""Retention runs by itself only where nothing is out of the ordinary."""

import pytest

from lot.clock import State
from lot.errors import Refused
from server.retention.leave import Moment, check_leave
from server.retention.plan import DAY, Gap, Going, Key, Plan
from server.retention.telling import lines
from tests.contract.writers import NOON


def plan(days: int) -> Plan:
    keys = tuple(Key(b"l", b"w", b"k%d" % n, "T", NOON + n * DAY) for n in range(days))
    return Plan((Going(b"l", b"w", keys, (Gap(1, 9, b"", b"", 8), Gap(11, 11, b"", b"", 1))),))


def moment(days_since: int | None = 1, clock: State = "ntp") -> Moment:
    return Moment(NOON, clock, None if days_since is None else NOON - days_since * DAY)


@pytest.mark.parametrize("clock", ["ntp", "rtc", "hand"])
def test_a_days_run_needs_nobody(clock: State) -> None:
    check_leave(plan(3), moment(clock=clock), confirmed=False)
    check_leave(plan(3), moment(None), confirmed=False)


@pytest.mark.parametrize(
    ("days", "at", "what"),
    [
        (4, moment(), "4 days' worth"),
        (1, moment(3), "3 days from now"),
        (1, moment(-3), "3 days from now"),
    ],
)
def test_more_than_that_asks_the_owner(days: int, at: Moment, what: str) -> None:
    with pytest.raises(Refused, match=what):
        check_leave(plan(days), at, confirmed=False)
    check_leave(plan(days), at, confirmed=True)


def test_on_a_clock_that_is_behind_nobody_can_say_so() -> None:
    with pytest.raises(Refused, match="behind"):
        check_leave(plan(1), moment(clock="behind"), confirmed=True)


def test_a_dry_run_says_what_would_go() -> None:
    told = list(lines(plan(2), {b"l": "north", b"w": "gate"}, lambda at: f"day {at // DAY}"))
    day = NOON // DAY
    assert told == [
        f"north, gate: text of day {day} to day {day + 1}, 2 keys",
        "north, gate: records 1 to 9 (8) with their envelopes",
        "north, gate: records 11 (1) with their envelopes",
    ]
    assert list(lines(Plan(()), {}, str)) == ["nothing is due"]
