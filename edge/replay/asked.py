"""What an operator asks of a replay: words of the command line become values, once.

Nothing heavy is imported here, so that --help and a slip of the hand are answered at once.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from lot.errors import WrongUsage
from lot.mains import Parser

OUTPUT = "output"

_EXAMPLES = """\
examples:
  python edge/local.py gate.mp4
  python edge/local.py day/ --camera north --jobs 2 --truth truth.csv
  python edge/local.py north_20260501_070000.mp4 --keep-passages may.jsonl
  python edge/local.py --passages may.jsonl --json

exit status: 0 done; 1 done, but some inputs were refused (named); 2 wrong usage
or setting; 3 nothing could be read; 4 a result could not be written; 5 damaged
passages file or weights; 130 stopped by hand, files whole
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One replay, as asked for."""

    paths: tuple[str, ...]
    passages: Path | None
    keep_passages: Path | None
    output: Path | None  # None: the output folder of the tree
    camera: str | None
    region: str | None
    engines: tuple[str, ...]
    started_at: str | None
    since: str | None
    until: str | None
    jobs: int
    truth: Path | None
    compare: Path | None
    video: bool
    detections: bool
    snapshots: bool
    show: bool
    json: bool
    quiet: bool


def asked(words: Sequence[str]) -> Asked:
    """Read the command line; WrongUsage for words that make no replay."""
    found = _parser().parse_args(words)
    ask = Asked(
        paths=tuple(found.paths),
        passages=found.passages,
        keep_passages=found.keep_passages,
        output=found.output,
        camera=found.camera,
        region=found.region,
        engines=tuple(found.engine),
        started_at=found.started_at,
        since=found.since,
        until=found.until,
        jobs=found.jobs,
        truth=found.truth,
        compare=found.compare,
        video=not found.no_video,
        detections=found.detections,
        snapshots=found.snapshots,
        show=found.show,
        json=found.json,
        quiet=found.quiet,
    )
    _check(ask)
    return ask


def _check(ask: Asked) -> None:
    if ask.paths and ask.passages:
        raise WrongUsage(
            "recordings and --passages were named, which are two ways to begin", then="leave one"
        )
    if "" in ask.paths:
        raise WrongUsage("a recording's name is empty", then="name a file, or . for this folder")
    if not ask.paths and not ask.passages:
        raise WrongUsage(
            "name recordings, or a file of passages with --passages",
            then="as python edge/local.py gate.mp4",
        )
    if ask.show and ask.jobs > 1:
        raise WrongUsage("--show follows one recording at a time", then="leave out --jobs")
    if ask.passages:
        needs_pictures = {
            "--keep-passages": ask.keep_passages,
            "--detections": ask.detections,
            "--snapshots": ask.snapshots,
            "--show": ask.show,
            "--camera": ask.camera,
            "--engine": ask.engines,
            "--started-at": ask.started_at,
            "--from": ask.since,
            "--to": ask.until,
        }
        for flag, given in needs_pictures.items():
            if given:
                raise WrongUsage(f"{flag} needs pictures, and --passages has none", then="leave it")


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python edge/local.py",
        description="Replay recordings of a gate: entries and exits, a CSV, an annotated MP4.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("paths", nargs="*", metavar="PATH", help="videos, pictures, folders or globs of them")
    add("--passages", type=Path, metavar="FILE", help="decide anew on kept passages, without video")
    add(
        "--keep-passages",
        type=Path,
        metavar="FILE",
        help="keep what was seen, for --passages later",
    )
    add("--output", type=Path, metavar="DIR", help=f"where results go (default: {OUTPUT}/)")
    add("--camera", metavar="NAME", help="the camera's name, as in cameras.toml")
    add("--region", metavar="NAMES", help="plate formats, likeliest first, as us-tx,us")
    add(
        "--engine",
        action="append",
        default=[],
        metavar="NAME",
        help="detector or reader by name; once for each",
    )
    add("--started-at", metavar="TIME", help='when the recording began: "2026-05-01 07:00"')
    add("--from", dest="since", metavar="TIME", help="begin that far in: seconds or H:MM:SS")
    add("--to", dest="until", metavar="TIME", help="end that far in")
    add(
        "--jobs",
        type=_jobs,
        default=1,
        metavar="N",
        help="watch so many recordings at once (default: 1)",
    )
    add("--truth", type=Path, metavar="FILE", help="score against a CSV of what is true")
    add("--compare", type=Path, metavar="CSV", help="what changed against an older run's CSV")
    add("--no-video", action="store_true", help="write no MP4")
    add("--detections", action="store_true", help="a second CSV: every box of every picture seen")
    add("--snapshots", action="store_true", help="a picture of each event's plate and vehicle")
    add("--show", action="store_true", help="a window while it runs: q quits, space pauses")
    add("--json", action="store_true", help="a line of JSON an event, a summary last")
    add("--quiet", action="store_true", help="no progress")
    return parser


def _jobs(text: str) -> int:
    if text.isdecimal() and 1 <= int(text) <= 64:
        return int(text)
    raise argparse.ArgumentTypeError(f"{text} is no number from 1 to 64")
