"""kill -9 of edge and server at random times; nothing committed is lost, nothing doubled.

python -m tests.campaigns.crash_edge [--trials 200] [--seed N]
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path

from tests.edge.delivery.crashing import crashes

TRIALS = 200
# The invariants are checked on the way too, so that a failure is found near its cause.
CHECKED_EVERY = 20


def main(trials: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder, crashes(Path(folder), seed) as lot:
        for number in range(1, trials + 1):
            lot.trial()
            if number % CHECKED_EVERY == 0 or number == trials:
                lot.check()
                sys.stderr.write(f"{number} of {trials}: {len(lot.told)} told, all there\n")
        told, records = len(lot.told), len(lot.server.sequences())
    said = {"name": "crash_edge", "trials": trials, "seed": seed, "told": told, "stored": records}
    sys.stdout.write(f"{json.dumps({**said, 'holds': True})}\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed))
