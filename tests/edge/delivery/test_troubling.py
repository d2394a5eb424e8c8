"""Every kind of network fault once, the short form of `tests/campaigns/network.py`."""

from __future__ import annotations

from pathlib import Path

from tests.edge.delivery.proxy import FAULTS
from tests.edge.delivery.troubling import a_line

SEED = 3


def test_whatever_the_line_does_all_arrives_once(tmp_path: Path) -> None:
    with a_line(tmp_path, SEED) as line:
        for fault in FAULTS:
            line.trial(fault)
        line.check()
        assert line.proxy.met >= len(FAULTS), "the control: the faults were met"
