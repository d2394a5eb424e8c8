"""A command run by itself: how long it took, and the most memory it held.

It is started from a small process of its own, `python -m benchmarks.errand`: on Linux the peak
that a process is charged with begins with what its parent held when it was made.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter


@dataclass(frozen=True, slots=True)
class Errand:
    """What a command took, from its start to its end."""

    seconds: float
    peak_mb: float  # resident, at the most


def errand(words: Sequence[str], env: Mapping[str, str]) -> Errand:
    """Run a command whose answers nobody wants; a status other than 0 is an error."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.errand", *words],
        env=dict(env),
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, peak_mb, status = json.loads(run.stdout)
    if status:
        raise RuntimeError(f"{' '.join(words)} ended with {status}")
    return Errand(seconds, peak_mb)


def main() -> None:
    """Run the command of the arguments and print its seconds, megabytes and status."""
    began = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    print(json.dumps([seconds, usage.ru_maxrss / 1024, os.waitstatus_to_exitcode(status)]))


if __name__ == "__main__":
    main()
