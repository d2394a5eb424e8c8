"""kill -9 at random times, a part of the campaign `crash` in short."""

from __future__ import annotations

from pathlib import Path

from tests.edge.delivery.crashing import crashes

TRIALS = 6
SEED = 7


def test_kill_9_of_edge_and_server_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with crashes(tmp_path, SEED) as lot:
        for _ in range(TRIALS):
            lot.trial()
        lot.check()
        assert len(lot.told) > TRIALS, "the control: something was committed"
