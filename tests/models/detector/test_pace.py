"""The learning rate falls from its full to its end, whatever the length of the run."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.detector.train import Pace, Settings, along_cosine, overrides


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_the_rate_never_rises(one: float, other: float, end: float) -> None:
    early, late = sorted((one, other))
    assert along_cosine(early, end) >= along_cosine(late, end) - 1e-12


def test_it_begins_full_and_ends_at_its_end() -> None:
    assert along_cosine(0.0, 0.02) == pytest.approx(1.0)
    assert along_cosine(1.0, 0.02) == pytest.approx(0.02)


def test_a_run_of_one_epoch_falls_within_it() -> None:
    pace = Pace(Settings(epochs=1))
    group = {"initial_lr": 1.0, "lr": 0.0}
    trainer = SimpleNamespace(
        train_loader=range(10), epochs=1, epoch=0, optimizer=SimpleNamespace(param_groups=[group])
    )
    pace.begin_epoch(trainer)
    rates = []
    for _ in range(10):
        pace.step(trainer)
        rates.append(group["lr"])
    assert rates[0] == pytest.approx(1.0)
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] < 0.1


def test_weights_are_never_thrown_away_and_every_setting_reaches_the_trainer() -> None:
    from pathlib import Path

    words = overrides(Settings(minutes=30, rate=1e-4), Path("data.yaml"), Path("run/trainer"))
    assert "pretrained" not in words  # `train` decides it by what it begins from
    assert (words["time"], words["lr0"], words["nbs"]) == (0.5, 1e-4, words["batch"])


def test_half_precision_is_for_a_gpu_alone() -> None:
    from pathlib import Path

    given = Settings(), Path("data.yaml"), Path("run/trainer")
    on_cpu, on_gpu = overrides(*given), overrides(*given, on_gpu=True)
    assert (on_cpu["device"], on_cpu["amp"]) == ("cpu", False)
    assert (on_gpu["device"], on_gpu["amp"]) == (0, True)
