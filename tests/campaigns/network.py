"""Network faults of six kinds between edge and server; all arrives, and once.

python -m tests.campaigns.network [--trials 50] [--seed N]

Each kind has an edge, a line and a server of its own, and they run side by side: what takes time is
the edge's wait before it tries again.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from tests.edge.delivery.proxy import FAULTS, Fault
from tests.edge.delivery.troubling import a_line

TRIALS = 50


def troubled(fault: Fault, trials: int, seed: int) -> Mapping[str, object]:
    """Trouble one line so often; say what was met, and what the server has."""
    with tempfile.TemporaryDirectory() as folder, a_line(Path(folder), seed) as line:
        for _ in range(trials):
            line.trial(fault)
        line.check()
        said = {"name": f"network {fault}", "trials": trials, "seed": seed}
        return {**said, "faults_met": line.proxy.met, "stored": line.put, "holds": True}


def main(trials: int, seed: int) -> int:
    with ThreadPoolExecutor(len(FAULTS)) as threads:
        for done in as_completed(threads.submit(troubled, one, trials, seed) for one in FAULTS):
            sys.stdout.write(f"{json.dumps(done.result())}\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS, help="of each kind")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed))
