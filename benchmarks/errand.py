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

from benchmarks import TREE


@dataclass(frozen=True, slots=True)
class Errand:
    """What a command took, from its start to its end."""

    seconds: float
    processor: float  # seconds of it, all cores together: what neighbours cannot lengthen much
    peak_mb: float  # resident, at the most


def errand(words: Sequence[str], env: Mapping[str, str]) -> Errand:
    """Run a command in the tree whose answers nobody wants; a status other than 0 is an error."""
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.errand", *words],
        cwd=TREE,
        env=dict(env),
        stdout=subprocess.PIPE,
        check=True,
    )
    seconds, processor, peak_mb, status = json.loads(run.stdout)
    if status:
        raise RuntimeError(f"{' '.join(words)} ended with {status}")
    return Errand(seconds, processor, peak_mb)


def main() -> None:
    """Run the command of the arguments and print what it took, and its status."""
    began = perf_counter()
    process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began
    processor = usage.ru_utime + usage.ru_stime
    ended = os.waitstatus_to_exitcode(status)
    print(json.dumps([seconds, processor, usage.ru_maxrss / 1024, ended]))


if __name__ == "__main__":
    main()
