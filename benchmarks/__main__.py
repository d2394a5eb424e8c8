"""Every benchmark in turn, one table, and `benchmarks/figures.json`."""

from __future__ import annotations

import json
import subprocess
import sys

from benchmarks import TREE
from benchmarks.figure import Figure, table
from lot.files import write_whole

BENCHMARKS = (
    "replay",
    "scenes",
    "footage",
    "eyes",
    "runtimes",
    "outbox",
    "ingest",
    "delivery",
    "search",
    "pages",
    "watching",
)
FIGURES = TREE / "benchmarks" / "figures.json"


def main() -> int:
    """Run each in a process of its own, so that none inherits another's memory or warm caches."""
    figures: list[Figure] = []
    failed = []
    for name in BENCHMARKS:
        print(f"{name} …", file=sys.stderr)
        run = subprocess.run(
            [sys.executable, "-m", f"benchmarks.{name}", "--json"],
            stdout=subprocess.PIPE,
            text=True,
            check=False,
            cwd=TREE,
        )
        found = told(run.stdout)
        if run.returncode not in (0, 1) or not found:
            failed.append(name)
        figures += found
    print(table(figures))
    document = [{field: getattr(one, field) for field in one.__slots__} for one in figures]
    text = json.dumps(document, indent=1) + "\n"
    # The file is committed: where a tree lies is nobody's business.
    write_whole(FIGURES, text.replace(f"{TREE}/", "").encode())
    for name in failed:
        print(f"{name} failed: run python -m benchmarks.{name}", file=sys.stderr)
    return 0 if not failed and all(one.holds is not False for one in figures) else 1


def told(stdout: str) -> list[Figure]:
    """Return the figures of a benchmark's last line; none where it broke off with another one.

    Its status does not say so: 1 is a goal missed, and a traceback as well.
    """
    try:
        return [Figure(**one) for one in json.loads(stdout.strip().splitlines()[-1])]
    except (IndexError, TypeError, ValueError):
        return []


if __name__ == "__main__":
    sys.exit(main())
