"""Tesseract as a reader: its program, once a crop, told to read one line.

Tesseract was made for printed pages. It is here because owners have it and ask for it, not
because it reads plates well: docs/engines.md has the figure. It gives one confidence a word, so
each character of a word has the word's. It is given no list of characters to keep to: with one,
version 5.3 gives every word the confidence 0.
"""

from __future__ import annotations

import csv
import os
import subprocess
from collections.abc import Sequence
from shutil import which

import cv2
import numpy as np

from edge.reading.texts import nothing, reading
from edge.values import Image, Reading
from lot.errors import Unreachable, WrongUsage

ENGINE = "tesseract"
LANGUAGE = "eng"
INSTALL = "apt-get install tesseract-ocr, or choose LOT_READER=crnn"
SECONDS = 10.0  # a crop takes a quarter of one; a busy machine takes longer
FAILURES_MAX = 5  # in a row; a crop that it refuses is one, a broken installation is all
HEIGHT = 64  # its networks were taught on lines of some forty pixels, with white above and below
BORDER = 10
WIDTH_MAX = 640
_WORD = "5"  # the level of a row that bears text
_HEADER = "level"


class TesseractReader:
    """Reads crops by asking the program `tesseract`."""

    def __init__(self, program: str) -> None:
        self._program = program
        self._failures = 0  # since one went well

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        return [self._read(crop) if crop.size else nothing(ENGINE) for crop in crops]

    def _read(self, crop: Image) -> Reading:
        how = ["-l", LANGUAGE, "--psm", "7", "--dpi", "300", "tsv"]
        command = [self._program, "stdin", "stdout", *how]
        try:
            said = _run(command, cv2.imencode(".bmp", _prepared(crop))[1].tobytes())
        except (OSError, subprocess.SubprocessError) as error:
            self._failures += 1
            if self._failures >= FAILURES_MAX:
                raise Unreachable(
                    f"tesseract failed {self._failures} times in a row: {error}", then=INSTALL
                ) from error
            return nothing(ENGINE)
        self._failures = 0
        return _words(said)


def tesseract_reader() -> TesseractReader:
    """Find the program and its language, or refuse in one line."""
    program = which("tesseract")
    if program is None:
        raise WrongUsage("there is no program tesseract", then=INSTALL)
    try:
        languages = _run([program, "--list-langs"], b"").split()
    except (OSError, subprocess.SubprocessError) as error:
        raise WrongUsage(f"{program} does not run: {error}", then=INSTALL) from error
    if LANGUAGE not in languages:
        raise WrongUsage(
            f"tesseract lacks its language {LANGUAGE}", then="apt-get install tesseract-ocr-eng"
        )
    return TesseractReader(program)


def _run(command: Sequence[str], given: bytes) -> str:
    done = subprocess.run(
        command,
        input=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        timeout=SECONDS,
        check=True,
        # For one line its own threads only wait for one another.
        env={**os.environ, "OMP_THREAD_LIMIT": "1"},
    )
    return done.stdout.decode(errors="replace")


def _prepared(crop: Image) -> Image:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    size = min(WIDTH_MAX, max(1, round(width * HEIGHT / height))), HEIGHT
    line = cv2.resize(grey, size, interpolation=cv2.INTER_CUBIC)
    framed = cv2.copyMakeBorder(line, *(4 * (BORDER,)), cv2.BORDER_REPLICATE)
    return np.asarray(framed, np.uint8)


def _words(said: str) -> Reading:
    text, chances = "", list[float]()
    for row in csv.DictReader(said.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE):
        word, confidence = row.get("text"), row.get("conf")
        if row.get(_HEADER) != _WORD or not word or not confidence:
            continue
        text += word
        chances += [_share(confidence)] * len(word)
    return reading(ENGINE, text, chances)


def _share(percent: str) -> float:
    try:
        return float(percent) / 100
    except ValueError:
        return 0.0
