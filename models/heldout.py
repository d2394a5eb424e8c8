"""Pictures that given weights never saw, as a truth that `models.evaluate pictures` scores.

    python -m models.heldout TRUTH.csv DATA... --crops CROPS... [--detector FILE] [--reader FILE]
                             [--unread]

Weights know what they were taught, and older ones part of what the other network held out: their
cards say which. Named together, only pictures are left that neither saw; without any, what is held
out for weights that are yet to be trained.
"""

from __future__ import annotations

import argparse
import csv
import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import cv2

from edge.scoring import NOT_TO_BE_READ
from edge.values import Box
from lot.errors import DONE, Unreadable
from lot.files import write_whole
from lot.mains import Parser, status_of
from models.detector.data import LabelledPicture, labelled_pictures, sets_below
from models.reader.data import Crop, crops
from models.split import ALONE, by_picture, held, held_by_text, picture_named, split_told

HEADER: Final = ("image", "plate", "x1", "y1", "x2", "y2")


def never_seen(
    pictures: Sequence[str],
    plates: Sequence[Crop],
    detector: Path | None = None,
    reader: Path | None = None,
) -> frozenset[str]:
    """Return which pictures, as both networks name them, the weights named never saw."""
    found = held(pictures, plates).pictures
    if detector is not None and split_told(detector.with_suffix(".json")) == ALONE:
        found = frozenset(name for name in found if by_picture(name))
    if reader is not None and split_told(reader.with_suffix(".json")) == ALONE:
        found &= held_by_text(plates).pictures
    return found


def rows(picture: LabelledPicture, texts: Sequence[str]) -> list[tuple[str, ...]]:
    """Return a picture's lines of the truth; none where a plate of it has no text.

    With a part of its truth it would be scored as if it had no more plates. Where there are
    several, the sets do not say which text is in which box.
    """
    boxes = _boxes(picture)
    if not texts or len(boxes) != len(texts):
        return []
    image = str(picture.path.resolve())
    if len(boxes) > 1:
        return [(image, text, "", "", "", "") for text in texts]
    return [(image, texts[0], *_corners(picture.path, boxes[0]))]


def unread_rows(picture: LabelledPicture) -> list[tuple[str, ...]]:
    """Return a picture's plates as ones that are not to be read: they measure the finding alone."""
    image = str(picture.path.resolve())
    return [(image, NOT_TO_BE_READ, *_corners(picture.path, box)) for box in _boxes(picture)]


def _boxes(picture: LabelledPicture) -> list[Box]:
    return [box for kind, box in picture.boxes if kind == "plate"]


def _corners(path: Path, box: Box) -> tuple[str, str, str, str]:
    image = cv2.imread(str(path))
    if image is None:
        raise Unreadable(f"{path} is not a picture", then="leave it out of the set")
    height, width = image.shape[:2]
    left, top, right, bottom = (
        f"{side:.1f}"
        for side in (box.left * width, box.top * height, box.right * width, box.bottom * height)
    )
    return left, top, right, bottom


def run(words: argparse.Namespace) -> int:
    """Write the truth of what the weights never saw."""
    plates = crops(words.crops)
    pictures = {
        picture_named(folder.resolve().name, picture.path.name): picture
        for data in words.data
        for folder in sets_below(data)
        for picture in labelled_pictures(folder)
    }
    texts: dict[str, list[str]] = {}
    for plate in plates:
        if plate.picture is not None:
            texts.setdefault(plate.picture, []).append(plate.text)
    unseen = never_seen(list(pictures), plates, words.detector, words.reader) & pictures.keys()
    found = [rows(pictures[name], texts.get(name, ())) for name in sorted(unseen)]
    whole = sum(bool(of) for of in found)
    if words.unread:
        unread = [unread_rows(pictures[name]) for name in sorted(unseen)]
        found = [of or alone for of, alone in zip(found, unread, strict=True)]
    lines = [line for of in found for line in of]
    if not lines:
        raise Unreadable(
            "no picture with text is left that these weights never saw",
            then="name more --crops that say which picture they were cut from",
        )
    table = io.StringIO()
    csv.writer(table, lineterminator="\n").writerows([HEADER, *lines])
    write_whole(words.truth, table.getvalue().encode())
    sys.stderr.write(f"{len(unseen)} pictures never seen, {whole} of them with every text\n")
    return DONE


def main(argv: Sequence[str]) -> int:
    """Write a truth of held-out pictures."""
    return status_of("models.heldout", lambda: run(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m models.heldout",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("truth", type=Path, metavar="TRUTH.csv", help="what is written")
    add("data", type=Path, nargs="+", metavar="DATA", help="folders below which sets lie")
    add("--crops", type=Path, nargs="+", required=True, help="the reader's folders of truth.csv")
    add("--detector", type=Path, metavar="FILE", help="weights, their card beside them")
    add("--reader", type=Path, metavar="FILE", help="weights, their card beside them")
    add(
        "--unread",
        action="store_true",
        help="also pictures with a plate that has no text, which measure the finding alone",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
