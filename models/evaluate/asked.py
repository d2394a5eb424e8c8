"""What is asked of an evaluation: the words of the command line become values, once."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from edge.settings import Settings
from edge.weights import named
from lot.mains import Parser

_EPILOG = """\
A truth of pictures is a CSV with the columns image,plate and, where boxes were drawn,
x1,y1,x2,y2 in pixels; one of footage has video,plate,first_frame,last_frame. Names are
relative to the file. What every figure means: docs/evaluating.md

exit status: 0 done; 1 done, but some lines were refused (named); 2 wrong usage or
setting; 3 nothing could be read; 4 nothing could be written; 5 weights that are not
those of their card; 130 stopped by hand, nothing written
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One evaluation, as asked for."""

    what: Literal["pictures", "footage"]
    truth: Path
    detector: str | None  # NAME or NAME=WEIGHTS
    reader: str | None
    region: str | None
    save: Path | None
    against: Path | None
    report: Path | None
    json: bool
    quiet: bool


def asked(words: Sequence[str]) -> Asked:
    """Read the command line."""
    found = _parser().parse_args(words)
    report: Path | None = getattr(found, "report", None)
    return Asked(
        what=found.what,
        truth=found.truth,
        detector=found.detector,
        reader=found.reader,
        region=found.region,
        save=found.save,
        against=found.against,
        report=report / "report.html" if report and report.suffix != ".html" else report,
        json=found.json,
        quiet=found.quiet,
    )


def with_engines(settings: Settings, detector: str | None, reader: str | None) -> Settings:
    """Return the settings with the chosen engines, each by its name and, if given, its weights."""
    if detector is not None:
        name, weights = named(detector)
        weights = weights or settings.detector_weights
        settings = replace(settings, detector=name, detector_weights=weights)
    if reader is not None:
        name, weights = named(reader)
        weights = weights or settings.reader_weights
        settings = replace(settings, reader=name, reader_weights=weights)
    return settings


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m models.evaluate",
        description="Score a detector and a reader on pictures or recordings whose truth is known.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    kinds = parser.add_subparsers(dest="what", required=True, parser_class=Parser)
    pictures = kinds.add_parser("pictures", allow_abbrev=False, help="still pictures")
    footage = kinds.add_parser("footage", allow_abbrev=False, help="recordings, to the events")
    for one in (pictures, footage):
        add = one.add_argument
        add("truth", type=Path, metavar="TRUTH.csv")
        add("--detector", metavar="NAME[=WEIGHTS]", help="what finds plates (default: settings')")
        add("--reader", metavar="NAME[=WEIGHTS]", help="what reads them (default: settings')")
        add("--region", metavar="NAMES", help="plate formats of the place, as us-tx,us")
        add("--save", type=Path, metavar="FILE.jsonl", help="keep every answer; plates in clear")
        add("--against", type=Path, metavar="FILE.jsonl", help="compare with a run kept before")
        add("--json", action="store_true", help="the figures as one line of JSON")
        add("--quiet", action="store_true", help="no progress")
    pictures.add_argument(
        "--report", type=Path, metavar="FILE.html|DIR", help="the worst pictures first, in one page"
    )
    return parser
