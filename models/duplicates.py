"""Pictures that are one picture, however they were shrunk and coded: found by a perceptual hash.

    python -m models.duplicates FOLDER... [--most 6]

Sets copy from each other and from themselves. A copy on the held side of a picture that was
learned from makes every figure better than it is, whatever the two files are called.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Image
from lot.errors import DONE, Unreadable
from lot.mains import Parser, status_of

PICTURES: Final = (".jpg", ".jpeg", ".png")
BITS: Final = 64
_SIDE, _KEPT = 32, 8  # of the picture's waves the slowest eight each way: coding changes others
# Bits that may differ. Copies shrunk to a third and coded at quality 30 stay within; two plates
# of one set begin above ten.
NEAR: Final = 6
Hashes = NDArray[np.uint8]  # [pictures, 8], packed


def perceptual_hash(image: Image) -> NDArray[np.uint8]:
    """Return 64 bits, packed in 8 bytes, that stay the same when a picture is shrunk or coded."""
    grey = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)
    small = cv2.resize(grey, (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)
    waves = np.asarray(cv2.dct(small.astype(np.float32)), np.float32)[:_KEPT, :_KEPT].flatten()
    return np.packbits(waves > np.median(waves[1:]))  # the first is brightness alone


def hashes_of(paths: Sequence[Path]) -> Hashes:
    """Return the hash of each picture, in order."""
    found = np.empty((len(paths), BITS // 8), np.uint8)
    for at, path in enumerate(paths):
        image = cv2.imread(str(path), cv2.IMREAD_COLOR)
        if image is None:
            raise Unreadable(f"{path} is no picture", then="leave it out of the set")
        found[at] = perceptual_hash(np.asarray(image, np.uint8))
    return found


def near(some: Hashes, others: Hashes, most: int = NEAR) -> Iterator[tuple[int, int, int]]:
    """Give the places, in `some` and in `others`, of what looks alike, and the bits that differ."""
    for at, one in enumerate(some):
        apart = np.unpackbits(others ^ one, axis=1).sum(axis=1)
        for other in np.flatnonzero(apart <= most):
            yield at, int(other), int(apart[other])


def crossing(learned: Sequence[Path], held: Sequence[Path], most: int = NEAR) -> set[Path]:
    """Return which pictures to learn from look like one that is held out."""
    if not learned or not held:
        return set()
    pairs = near(hashes_of(learned), hashes_of(held), most)
    return {learned[at] for at, _, _ in pairs}


def main(argv: Sequence[str]) -> int:
    """Name every pair that looks alike."""
    parser = Parser(prog="python -m models.duplicates", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folders", type=Path, nargs="+", metavar="FOLDER")
    parser.add_argument("--most", type=int, default=NEAR, help="bits of 64 that may differ")
    return status_of("models.duplicates", lambda: _named(parser.parse_args(argv)))


def _named(words: argparse.Namespace) -> int:
    paths = sorted(
        path
        for folder in words.folders
        for path in folder.rglob("*")
        if path.suffix.lower() in PICTURES
    )
    if not paths:
        raise Unreadable("no picture below the folders named", then="name others")
    hashes = hashes_of(paths)
    count = 0
    for one, other, apart in near(hashes, hashes, words.most):
        if one < other:
            count += 1
            sys.stdout.write(f"{apart}\t{paths[one]}\t{paths[other]}\n")
    sys.stderr.write(f"{count} pairs alike among {len(paths)} pictures\n")
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
