"""Network faults of six kinds between edge and server; all arrives, and once.

python -m tests.campaigns.network [--trials 50] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.edge.delivery.proxy import FAULTS
from tests.edge.delivery.troubling import a_line

TRIALS = 50


def main(trials: int, seed: int) -> int:
    for fault in FAULTS:
        with tempfile.TemporaryDirectory() as folder, a_line(Path(folder), seed) as line:
            for _ in range(trials):
                line.trial(fault)
            line.check()
            said = {"name": f"network {fault}", "trials": trials, "seed": seed}
            met = {"faults_met": line.proxy.met, "stored": line.put, "holds": True}
        sys.stdout.write(f"{json.dumps({**said, **met})}\n")
        sys.stdout.flush()
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS, help="of each kind")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed))
