"""Power cuts: what `put` said is there, whatever of the un-synced writes came to nothing."""

from __future__ import annotations

from pathlib import Path
from random import Random

from tests.edge.delivery.cutting import EVENTS, after_cut, recorded
from tests.edge.delivery.power import Said, Synced

CUTS = 25
SEED = 11


def test_a_power_cut_loses_nothing_that_was_said(tmp_path: Path) -> None:
    steps, random = recorded(tmp_path / "edge"), Random(SEED)  # noqa: S311 - a failure can be repeated
    assert sum(isinstance(step, Said) for step in steps) == EVENTS
    since_first = steps[steps.index(Said(1)) :]
    assert Synced("outbox.sqlite3") in since_first, "a checkpoint is among it"
    for _ in range(CUTS):
        left = after_cut(steps, random.randrange(len(steps)), random, tmp_path / "after")
        assert not left.is_lost, left


def test_the_same_cuts_lose_where_commits_are_not_synced(tmp_path: Path) -> None:
    """The control: with WAL's default level the last commits are gone, so the cut does cut."""
    steps = recorded(tmp_path / "edge", synchronous="NORMAL")
    random = Random(SEED)  # noqa: S311 - a failure can be repeated
    cuts = [random.randrange(len(steps)) for _ in range(CUTS)]
    assert any(after_cut(steps, at, random, tmp_path / "after").is_lost for at in cuts)
