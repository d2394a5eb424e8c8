"""Real clips: is every plate found that a person can read in them?

Clips with a truth.csv beside them (video, plate, first_frame, last_frame) are anyone's own; the
folder is named on the command line or by LOT_FOOTAGE. They come from everywhere, so they are
replayed as an operator would whose cars do: with every region that the product knows.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks import TREE
from benchmarks.figure import Figure, figure, main
from benchmarks.ours import FOOTAGE, edge_environment
from edge.scoring import truth_rows

TRUTH = "truth.csv"
# The likeliest first; Texas and its neighbours are the product's own default.
REGIONS = "us-tx,us,eu,gb,br,ar,in"


@dataclass(frozen=True, slots=True)
class Clip:
    """How one clip went."""

    name: str
    found: int
    missed: int
    misread: int
    false: int


def measured(words: argparse.Namespace) -> list[Figure]:
    """Replay every clip of the folder that its truth speaks of."""
    named = words.folder or os.environ.get(FOOTAGE)
    folder = Path(named) if named else None
    if folder is None or not (folder / TRUTH).is_file():
        where = f"{folder} has no {TRUTH}" if folder else f"name a folder, or set {FOOTAGE}"
        return figures((), f"not run: {where}")
    found = [scored(folder / name, folder / TRUTH) for name in videos(folder / TRUTH)]
    print(table(found), file=sys.stderr)
    return figures(found, f"regions {REGIONS} for all of {len(found)} clips; no film")


def videos(truth: Path) -> list[str]:
    """Return the videos that a truth file names, in its order."""
    return list(dict.fromkeys(row.video for row in truth_rows(truth)))


def scored(clip: Path, truth: Path) -> Clip:
    """Replay a clip from the command line and return its score."""
    with tempfile.TemporaryDirectory() as folder:
        words = [sys.executable, "edge/local.py", clip, "--truth", truth, "--region", REGIONS,
                 "--json", "--no-video", "--quiet", "--output", folder]  # fmt: skip
        run = subprocess.run(
            list(map(str, words)),
            cwd=TREE,
            env=edge_environment(),
            stdout=subprocess.PIPE,
            text=True,
            check=True,
        )
    summary = json.loads(run.stdout.splitlines()[-1])["summary"]
    return Clip(clip.name, *(summary[name] for name in ("found", "missed", "misread", "false")))


def figures(clips: Sequence[Clip], said: str) -> list[Figure]:
    """Return how many plates were found of how many, and what was told that is not there."""
    of = sum(clip.found + clip.missed for clip in clips)
    found = sum(clip.found for clip in clips) if clips else None
    misread = sum(clip.misread for clip in clips)
    told = f"; {misread} of the others misread" if clips else ""
    false = sum(clip.false for clip in clips) if clips else None
    return [
        figure(
            "footage: plates found", found, f"of {of}", f">= {of}" if clips else "", said + told
        ),
        figure("footage: plates not in the truth", false, "events", "", said),
    ]


def table(clips: Iterable[Clip]) -> str:
    """Return a line a clip."""
    lines = [f"{'clip':<32}{'found':>8}{'missed':>8}{'misread':>9}{'false':>7}"]
    lines += [f"{c.name:<32}{c.found:>8}{c.missed:>8}{c.misread:>9}{c.false:>7}" for c in clips]
    return "\n".join(lines)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="DIR", help=f"clips with their {TRUTH}")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
