"""Campaigns side by side: who found something is named, and a stopped run leaves nobody behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

import pytest

from tests.campaigns import __main__ as campaigns
from tests.edge.delivery.serving import until

ROOT = Path(__file__).parents[2]


def command(says: str) -> list[str]:
    return [sys.executable, "-c", says]


def test_every_campaign_runs_in_one_lane() -> None:
    lanes = campaigns.commands(campaigns.names())
    started = sorted(words[-1] for words in chain(*lanes))
    assert started == [f"tests.campaigns.{name}" for name in campaigns.names()]
    assert {"crash", "network", "tamper"} <= {*campaigns.names()}


def test_what_was_chosen_runs_and_nothing_else() -> None:
    (lane,) = campaigns.commands(["tamper"])
    assert [words[-1] for words in lane] == ["tests.campaigns.tamper"]


ITSELF = """
import json, sys
from tests.campaigns import __main__ as campaigns
sys.exit(campaigns.campaigned(json.loads(sys.argv[1])))
"""


def campaigned(*lanes: Sequence[Sequence[str]]) -> tuple[int, str]:
    """Run lanes by a process of their own: a browser's test may keep a loop in this one's."""
    words = [*command(ITSELF), json.dumps(lanes)]
    done = subprocess.run(words, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    return done.returncode, done.stdout


def test_a_campaign_that_found_something_stops_no_other_and_is_named() -> None:
    good, bad = command("print('all held')"), command("print('a hole'); raise SystemExit(1)")
    status, told = campaigned([[*bad, "bad"], [*good, "good"]], [[*good, "other"]])
    assert status == 1
    assert "bad ended with status 1" in told
    assert "a hole" in told
    assert told.count("all held") == 2
    assert told.endswith("campaigns that found something: bad\n")


def test_campaigns_that_found_nothing_end_well() -> None:
    status, told = campaigned([[*command("print('all held')"), "other"]])
    assert status == 0
    assert "found something" not in told


STUBBORN = """
import signal, subprocess, sys
signal.signal(signal.SIGINT, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(child.pid, file=open(sys.argv[1], "w"), flush=True)
child.wait()
"""
RUNNER = """
import sys
from tests.campaigns import __main__ as campaigns
campaigns._ENDS_S = 0.2
ends_at_once = [sys.executable, "-c", "import time; time.sleep(600)"]
stubborn = [sys.executable, "-c", sys.argv[1], sys.argv[2]]
sys.exit(campaigns.campaigned([[ends_at_once], [stubborn], [ends_at_once]]))
"""


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM])
def test_who_stops_it_leaves_no_process_behind(tmp_path: Path, how: signal.Signals) -> None:
    told = tmp_path / "child"
    words = [*command(RUNNER), STUBBORN, str(told)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL) as runner:
        until(lambda: told.exists() and told.read_text().endswith("\n"))
        runner.send_signal(how)
        assert runner.wait(60) == 130
    child = int(told.read_text())
    until(lambda: not _lives(child))


def _lives(number: int) -> bool:
    try:
        os.kill(number, 0)
    except ProcessLookupError:
        return False
    # Whom nobody waits for stays in the table, and is dead.
    return ") Z " not in Path(f"/proc/{number}/stat").read_text()
