"""What of an hour's samples counts: no process's start, each process by itself, every picture."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from benchmarks.soak import Sample, drift, passed_over

GATE, NORTH, SOUTH = 10, 11, 12


def samples(
    memory: Callable[[float], Mapping[int, float]], came: Callable[[int], float]
) -> list[Sample]:
    return [
        Sample(at, memory(at), worked_s=at / 2, shown=20 * at, came=came(20 * at), ages_s=(0.1,))
        for at in range(0, 3_600, 2)
    ]


def test_a_start_is_no_drift_and_a_moment_s_memory_neither() -> None:
    def memory(at: float) -> Mapping[int, float]:
        return {GATE: 100.0 if at < 300 else 300.0 + 90 * (at % 100 == 0), NORTH: 70.0}

    assert drift(samples(memory, float)) == pytest.approx(0)


def test_the_process_that_grows_most_is_the_drift() -> None:
    def memory(at: float) -> Mapping[int, float]:
        return {GATE: 300.0, NORTH: 50.0 * (1 + at / 3_600), SOUTH: 70.0 - at / 3_600}

    # Between the middles of the second tenth and of the last one.
    assert drift(samples(memory, float)) == pytest.approx(1.95 / 1.15 - 1, abs=0.01)


def test_a_process_that_was_started_anew_meanwhile_is_held_against_nothing() -> None:
    def memory(at: float) -> Mapping[int, float]:
        return {GATE: 300.0, (NORTH if at < 1_800 else SOUTH): 50.0 + at}

    assert drift(samples(memory, float)) == pytest.approx(0)


def test_pictures_that_the_gate_never_took_up_after_its_start_are_a_share() -> None:
    def came(shown: int) -> float:
        return 0.0 if shown < 2_000 else 0.9 * (shown - 2_000)

    assert passed_over(samples(lambda _: {GATE: 1.0}, came)) == pytest.approx(0.1, abs=1e-6)
    assert passed_over(samples(lambda _: {GATE: 1.0}, float)) == 0
