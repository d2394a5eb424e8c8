"""Every property of the house tried on examples that nobody has seen, round after round.

`make test` tries the same examples each time, so that nothing fails for whom it does not concern.
`python -m tests.campaigns.properties` draws new ones: each round has a seed, and a round that found
something prints what failed and the seed with which it fails again.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

# A round takes two minutes of processor: ten are a fifth of what all campaigns may take together.
ROUNDS = 10
TESTS = Path(__file__).parents[1]


def explored(tests: Sequence[Path], seed: int, *, workers: int) -> subprocess.CompletedProcess[str]:
    """Try the properties in these tests on the examples of one seed."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "hypothesis and not training"]
    command += ["-n", str(workers), "-p", "no:cacheprovider", "--hypothesis-profile", "explore"]
    command += ["--hypothesis-seed", str(seed), *map(str, tests)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def main(arguments: Sequence[str]) -> int:
    """Run it all; 0 where every property held."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seed", type=int, help="of the first round; the next have the next")
    parser.add_argument("tests", type=Path, nargs="*", default=[TESTS])
    words = parser.parse_args(arguments)
    first = Random().getrandbits(30) if words.seed is None else words.seed  # noqa: S311 - no secret
    failed = 0
    for seed in range(first, first + words.rounds):
        run = explored(words.tests, seed, workers=min(2, os.cpu_count() or 1))
        last = run.stdout.strip().splitlines()[-1:] or ["nothing was said"]
        sys.stdout.write(f"seed {seed}: {last[0]}\n")
        if run.returncode:
            failed += 1
            sys.stdout.write(run.stdout + run.stderr)
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
