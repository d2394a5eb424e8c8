"""Stamps of a file, mended."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from edge.sources.timing import SteadyTime

STEP = 40_000
STAMPS = st.lists(st.none() | st.integers(-(2**62), 2**62))


def mended(stamps: list[int | None]) -> list[int]:
    clock = SteadyTime(STEP)
    return [clock.at(stamp) for stamp in stamps]


@given(STAMPS, st.integers(0, 10**9))
def test_time_never_stands_and_never_runs_backwards(stamps: list[int | None], step: int) -> None:
    clock = SteadyTime(step)
    times = [clock.at(stamp) for stamp in stamps]
    assert all(a < b for a, b in pairwise(times))
    assert not times or times[0] >= 0


@given(st.lists(st.integers(1, 3_600_000_000), min_size=1))
def test_good_stamps_are_believed_whatever_the_gaps(gaps: list[int]) -> None:
    stamps = [sum(gaps[:i]) for i in range(len(gaps))]
    assert mended(list(stamps)) == stamps


def test_missing_stamps_follow_at_the_usual_distance() -> None:
    assert mended([None, None, 100_000, None]) == [0, 40_000, 100_000, 140_000]


def test_one_stamp_astray_does_not_move_those_behind_it() -> None:
    stamps: list[int | None] = [0, 40_000, 80_000, 20_000, 120_000, 160_000]
    assert mended(stamps) == [0, 40_000, 80_000, 100_000, 120_000, 160_000]


def test_stamps_that_begin_again_go_on_where_they_were() -> None:
    stamps: list[int | None] = [19_960_000, 20_000_000, 0, 40_000, 90_000]
    assert mended(stamps) == [19_960_000, 20_000_000, 20_040_000, 20_080_000, 20_130_000]


def test_short_clips_joined_without_new_stamps_are_soon_told_from_stamps_astray() -> None:
    clip = [n * 40_000 for n in range(100)]
    times = mended([*clip, *clip, *clip])
    assert times[-1] > 11_000_000  # of 12 seconds
    assert times[150] - times[149] == 40_000


def test_frozen_stamps_go_on_at_the_usual_distance() -> None:
    assert mended([0, 0, 0]) == [0, 40_000, 80_000]
