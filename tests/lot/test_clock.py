"""How far the clock may be believed."""

from __future__ import annotations

import pytest

from lot.clock import Discipline, WallClock, discipline

NOON_NS = 1_800_000_000_000_000_000


@pytest.mark.parametrize(
    ("is_held", "moved_s", "newest_s", "state"),
    [
        (True, 0, 0, "ntp"),
        (True, -9999, 5, "ntp"),
        (False, 0, 0, "rtc"),
        (False, 0, 1, "behind"),
        (False, 3, 0, "hand"),
        (False, -3, 9, "hand"),
        (False, 1, 0, "rtc"),
    ],
)
def test_what_the_clock_stands_on(is_held: bool, moved_s: int, newest_s: int, state: str) -> None:
    wall, steady = [NOON_NS], [0]
    clock = WallClock(lambda: wall[0], lambda: steady[0], lambda: Discipline(is_held, error_us=0))
    wall[0] += (60 + moved_s) * 10**9
    steady[0] += 60 * 10**9
    newest_us = NOON_NS // 1000 + (60 + newest_s) * 10**6
    assert clock.state(newest_us) == state


def test_the_kernel_is_asked_without_rights_of_any_kind() -> None:
    asked = discipline()
    assert isinstance(asked.is_synchronised, bool)
    assert asked.error_us >= 0
