"""kill -9 at random times under load; nothing acknowledged is lost, nothing is doubled.

python -m tests.campaigns.crash [--trials 200] [--seed N] [--only vault|edge|faults|disk]

`vault`: server, keyholder and database are killed while two edges and a desk are at work. `edge`:
edge and server, seen from the edge's outbox. `faults`: the database is restarted, its rows are
held, it has no room left. `disk`: there is no room for pictures; it runs where it may mount.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
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
            sys.stderr.write(f"vault: {first + CHECKED_EVERY} of {trials}, all there\n")
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
    for name, part in PARTS.items():
        if only not in (None, name):
            continue
        if name == "disk" and only is None:
            _where_it_may_mount(seed)
            continue
        began = time.monotonic()
        told = part(trials, seed)
        said = {"name": f"crash {name}", "trials": trials, "seed": seed, **told}
        took = round(time.monotonic() - began)
        sys.stdout.write(f"{json.dumps({**said, 'seconds': took, 'holds': True})}\n")
        sys.stdout.flush()
    return 0


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


def _where_it_may_mount(seed: int) -> None:
    words = cage()
    if words is None:
        sys.stdout.write("crash disk: not tried, since nothing may be mounted here\n")
        return
    own = [sys.executable, "-m", "tests.campaigns.crash", "--only", "disk", "--seed", str(seed)]
    subprocess.run([*words, *own], check=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    parser.add_argument("--only", choices=PARTS)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed, asked.only))
