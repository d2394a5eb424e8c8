"""What each step of reading is worth: formats, several cuts, deskewing; which look, and the vote.

--photos TRUTH.csv is a truth as `models.evaluate pictures` takes it, footage a folder as
`benchmarks.footage` does. docs/training.md keeps what was found.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from difflib import SequenceMatcher
from math import prod
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from benchmarks import TREE
from benchmarks.figure import Figure, figure, main
from benchmarks.footage import REGIONS, TRUTH, videos
from benchmarks.ours import FOOTAGE, edge_environment
from contract.plates import Formats, formats
from edge.eyes import Eyes, opened
from edge.passage_files import kept_passages
from edge.reading.crops import CUTS, EXACT, Slack, condition, cut
from edge.scoring import Row, truth_rows
from edge.settings import settings_from
from edge.sources.stills import picture_bytes, picture_in
from edge.values import Box, Detection, Image, Look, Passage
from edge.voting import NO_FORMATS, vote
from lot.errors import Unreadable
from models.evaluate.truth import TruePicture, pictures_in

NOT_DATED = datetime(2000, 1, 1, tzinfo=timezone.utc)  # no vote of one photo asks when it was
TURNS = range(-10, 11, 2)  # degrees that a plate may hang askew
_JUDGED = (192, 64)  # width and height at which a plate's lines are looked for


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read the plate in a box."""

    name: str
    slacks: Sequence[Slack]
    formats: Formats
    upright: bool = False


def ways() -> list[Way]:
    """Return the ways, each a step further than the one before, and those that were not taken."""
    chosen = formats(REGIONS.split(","))
    return [
        Way("one crop, no formats", (EXACT,), NO_FORMATS),
        Way("one crop, formats", (EXACT,), chosen),
        Way("three cuts, no formats", CUTS, NO_FORMATS),
        Way("three cuts, formats (ours)", CUTS, chosen),
        Way("one crop, deskewed, formats", (EXACT,), chosen, upright=True),
        Way("three cuts, deskewed, formats", CUTS, chosen, upright=True),
    ]


def tilt(plate: Image) -> float:
    """Return by how many degrees a plate's rows of letters stand out best when it is turned."""
    if min(plate.shape[:2], default=0) < 8:
        return 0.0
    width, height = _JUDGED
    grey = cv2.resize(cv2.cvtColor(plate, cv2.COLOR_BGR2GRAY), _JUDGED)
    edges = np.abs(cv2.Sobel(grey, cv2.CV_32F, 0, 1))

    def clearness(turn: int) -> float:
        matrix = cv2.getRotationMatrix2D((width / 2, height / 2), turn, 1.0)
        rows = cv2.warpAffine(edges, matrix, _JUDGED)[8:-8, 16:-16].sum(axis=1)
        return float(np.var(rows))

    return float(max(TURNS, key=clearness))


def turned(crop: Image, degrees: float) -> Image:
    """Turn a crop about its middle; what comes in at the corners repeats the border."""
    if not degrees or not crop.size:
        return crop
    height, width = crop.shape[:2]
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0)
    upright: NDArray[np.uint8] = np.asarray(
        cv2.warpAffine(crop, matrix, (width, height), borderMode=cv2.BORDER_REPLICATE), np.uint8
    )
    return upright


def answer(image: Image, plates: Sequence[Detection], eyes: Eyes, way: Way) -> str:
    """Return what the most prominent plate says when it is read in that way; empty for nothing."""
    best, said = 0.0, ""
    for plate in plates:
        voted = vote(_looks(image, plate.box, eyes, way), way.formats)
        if voted is not None:
            prominence = voted.confidence * plate.score * plate.box.width
            best, said = max((best, said), (prominence, voted.plate))
    return said


def _looks(image: Image, box: Box, eyes: Eyes, way: Way) -> list[Look]:
    margin, how = eyes.reader.margin, condition(image, box)
    degrees = tilt(cut(image, box, margin)) if way.upright else 0.0
    crops = [turned(cut(image, box, margin, slack), degrees) for slack in way.slacks]
    return [
        Look(reading, NOT_DATED, 0, box, how.width, how.sharpness)
        for reading in eyes.reader.read(crops)
    ]


def photos(truth: Path, eyes: Eyes) -> list[Figure]:
    """Read every photo with one plate in each way."""
    every = [one for one in pictures_in(truth).pictures if len(one.plates) == 1]
    if not every:
        raise Unreadable(f"{truth} names no photo with one plate", then="name another truth")
    seen = [(one, *_found(one, eyes)) for one in every]
    figures = []
    for way in ways():
        right = sum(
            answer(image, plates, eyes, way) == one.plates[0].text for one, image, plates in seen
        )
        said = f"{right} of {len(seen)} photos with one plate: the whole text is right"
        name = f"steps: photos, {way.name}"
        figures.append(figure(name, right / len(seen), "share", "", said))
    return figures


def _found(one: TruePicture, eyes: Eyes) -> tuple[Image, list[Detection]]:
    image = picture_in(picture_bytes(one.path), str(one.path))
    (detections,) = eyes.detector.detect([image])
    return image, [d for d in detections if d.kind == "plate"]


def first(looks: Sequence[Look]) -> str:
    return min(looks, key=lambda look: look.at).reading.text


def widest(looks: Sequence[Look]) -> str:
    return max(looks, key=lambda look: look.width).reading.text


def surest(looks: Sequence[Look]) -> str:
    return max(looks, key=lambda look: prod(look.reading.characters)).reading.text


def voted(looks: Sequence[Look]) -> str:
    found = vote(looks, formats(REGIONS.split(",")))
    return "" if found is None else found.plate


CHOICES: dict[str, Callable[[Sequence[Look]], str]] = {
    "the first look": first,
    "the widest look": widest,
    "the surest look": surest,
    "the vote (ours)": voted,
}


def footage(folder: Path) -> list[Figure]:
    """Replay every clip; hold against the truth what each choice among a passage's looks says."""
    sighted: list[tuple[Row, Passage]] = []
    missed = 0
    for name in videos(folder / TRUTH):
        passages = _passages(folder / name)
        for row in truth_rows(folder / TRUTH):
            if row.video == name and row.plate is not None:
                near = _nearest(row, passages)
                missed += near is None
                sighted += [] if near is None else [(row, near)]
    if not sighted:
        raise Unreadable(
            f"none of the plates in {folder / TRUTH} was read", then="name other clips"
        )
    figures = []
    for name, choice in CHOICES.items():
        right = sum(choice(near.looks) == row.plate for row, near in sighted)
        said = f"{right} of {len(sighted)} plates that were read at all; {missed} never were"
        figures.append(figure(f"steps: footage, {name}", right / len(sighted), "share", "", said))
    return figures


def _passages(clip: Path) -> Sequence[Passage]:
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder) / "passages.jsonl"
        words = [sys.executable, "edge/local.py", clip, "--no-video", "--quiet", "--region",
                 REGIONS, "--keep-passages", kept, "--output", folder]  # fmt: skip
        environment = edge_environment()
        subprocess.run(
            list(map(str, words)), cwd=TREE, env=environment, stdout=subprocess.DEVNULL, check=True
        )
        try:
            return kept_passages(kept).passages
        except Unreadable:  # nothing passed
            return ()


def _nearest(row: Row, passages: Sequence[Passage]) -> Passage | None:
    """Return the passage in the row's frames whose readings come nearest to its plate."""
    told = row.plate or ""
    best, found = 0.0, None
    for passage in passages:
        for look in passage.looks:
            if row.first_frame <= look.frame <= row.last_frame:
                alike = SequenceMatcher(None, look.reading.text, told).ratio()
                if alike > best:
                    best, found = alike, passage
    return found


def measured(words: argparse.Namespace) -> list[Figure]:
    """Measure what is named."""
    figures: list[Figure] = []
    if words.photos is not None:
        figures += photos(words.photos, opened(settings_from(edge_environment())))
    named = words.folder or os.environ.get(FOOTAGE)
    if named is not None:
        figures += footage(Path(named))
    if not figures:
        said = f"not run: name --photos, or a folder of clips, or set {FOOTAGE}"
        figures.append(figure("steps: reading", None, "share", "", said))
    return figures


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", metavar="DIR", help=f"clips with their {TRUTH}")
    parser.add_argument("--photos", type=Path, metavar="TRUTH.csv", help="photos with their truth")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
