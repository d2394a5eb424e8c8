"""kill -9 at random times under load; nothing acknowledged is lost, nothing is doubled.

python -m tests.campaigns.crash [--trials 200] [--seed N] [--only vault|edge|faults|disk]

`vault`: server, keyholder and database are killed while two edges and a desk are at work. `edge`:
edge and server, seen from the edge's outbox. `faults`: the database is restarted, its rows are
held, it has no room left. `disk`: there is no room for pictures; it runs where it may mount. Each
has a lot of its own, and without `--only` they run side by side.
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from tests.edge.delivery import crashing as edge_crashing
from tests.server import crashing

TRIALS = 200
# The invariants are checked on the way too, so that a failure is found near its cause.
CHECKED_EVERY = 20
DISK_MB = 6


def vault(trials: int, seed: int) -> Mapping[str, object]:
    with folder() as at, crashing.crashes(at, seed) as lot:
        for first in range(0, trials, CHECKED_EVERY):
            lot.trials(min(CHECKED_EVERY, trials - first))
            done = min(first + CHECKED_EVERY, trials)
            sys.stderr.write(f"vault: {done} of {trials}, all there\n")
        told = sum(len(one.records) for each in lot.senders for one in each.written)
        return {"kills": lot.kills, "told": told, "notes": len(lot.desk.noted)}


def edge(trials: int, seed: int) -> Mapping[str, object]:
    with folder() as at, edge_crashing.crashes(at, seed) as lot:
        for number in range(1, trials + 1):
            lot.trial()
            if number % CHECKED_EVERY == 0 or number == trials:
                lot.check()
                sys.stderr.write(f"edge: {number} of {trials}, all there\n")
        return {"told": len(lot.told), "stored": len(lot.server.sequences())}


def faults(_: int, seed: int) -> Mapping[str, object]:
    with folder() as at, crashing.crashes(at, seed, more=crashing.SMALL) as lot:
        for fault in (lot.restarted, lot.rows_held, lot.tables_full):
            fault()
            sys.stderr.write(f"faults: {fault.__name__}, and on\n")
    return {"faults": 3}


def disk(_: int, seed: int) -> Mapping[str, object]:
    with folder() as at, crashing.crashes(at, seed, pictures_mb=DISK_MB) as lot:
        lot.disk_full()
    return {"faults": 1}


PARTS: Mapping[str, Callable[[int, int], Mapping[str, object]]] = {
    "vault": vault,
    "edge": edge,
    "faults": faults,
    "disk": disk,
}


def main(trials: int, seed: int, only: str | None) -> int:
    if only is None:
        return _side_by_side(trials, seed)
    began = time.monotonic()
    told = PARTS[only](trials, seed)
    said = {"name": f"crash {only}", "trials": trials, "seed": seed, **told}
    took = round(time.monotonic() - began)
    sys.stdout.write(f"{json.dumps({**said, 'seconds': took, 'holds': True})}\n")
    return 0


def _side_by_side(trials: int, seed: int) -> int:
    """Run every part in a process of its own: each has a vault of its own, and waits a lot."""
    with ExitStack() as ends:
        begun = [_begun(words, ends) for words in _commands(trials, seed)]
        statuses = [one.wait() for one in begun]
    return 1 if any(statuses) else 0


def _commands(trials: int, seed: int) -> Iterator[list[str]]:
    own = [sys.executable, "-m", "tests.campaigns.crash", "--trials", f"{trials}"]
    for name in PARTS:
        words = [*own, "--seed", f"{seed}", "--only", name]
        around = cage() if name == "disk" else []
        if around is None:
            sys.stdout.write("crash disk: not tried, since nothing may be mounted here\n")
            continue
        yield [*around, *words]


def _begun(words: Sequence[str], ends: ExitStack) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(words)

    def end() -> None:
        if process.poll() is None:  # we are stopped by hand
            process.send_signal(signal.SIGINT)
            process.wait()

    ends.callback(end)
    return process


def cage() -> list[str] | None:
    """Return what a command is started by to have mounts of its own; None where none may."""
    words = ["unshare", "--map-root-user", "--mount"]
    can = shutil.which("unshare") and not subprocess.run([*words, "true"], check=False).returncode
    return words if can else None


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder for a vault, gone at the end."""
    # On the disk, and of a short name: MariaDB's socket lies below it.
    with tempfile.TemporaryDirectory(prefix="lot-") as name:
        yield Path(name)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--only", choices=PARTS)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed, asked.only))
