"""EasyOCR as a reader: its network for English, from a folder of weights, never downloaded.

Only its recogniser runs, over the whole crop as one line: where the plate is, is known already,
and its detector is a hundred times our reader's size. EasyOCR gives a text one number, the
product of its characters' probabilities to the power of 2 / sqrt(n); that is turned back into
their mean.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from math import sqrt
from pathlib import Path
from pickle import UnpicklingError
from typing import Protocol

import cv2
import numpy as np
from numpy.typing import NDArray

from contract.plates import ALPHABET
from edge.reading.texts import nothing, reading
from edge.values import Image, Reading
from edge.weights import Device
from lot.errors import WrongUsage

ENGINE = "easyocr"
NETWORK = "english_g2.pth"
INSTALL = "pip install easyocr (it brings torch), or choose LOT_READER=crnn"
FETCH = f"name a folder that holds {NETWORK} with LOT_READER_WEIGHTS; see docs/engines.md"
SIDE_MAX = 1000
HEIGHT_LEAST = 8  # it divides by a crop's height on its way to 64 pixels

Found = Sequence[tuple[object, str, float]]


class Recogniser(Protocol):
    """What is used of `easyocr.Reader`."""

    def recognize(
        self,
        img_cv_grey: NDArray[np.uint8],
        *,
        horizontal_list: Sequence[Sequence[int]],
        free_list: Sequence[object],
        allowlist: str,
        reformat: bool,
    ) -> Found:
        """Return each box with its text and how sure it is."""


class EasyOcrReader:
    """Reads crops with EasyOCR's recogniser."""

    def __init__(self, recogniser: Recogniser) -> None:
        self._recogniser = recogniser

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        return [self._read(crop) if crop.size else nothing(ENGINE) for crop in crops]

    def _read(self, crop: Image) -> Reading:
        grey = _prepared(crop)
        height, width = grey.shape
        with warnings.catch_warnings():
            # It asks torch for pinned memory whether there is a GPU or not, and torch says so.
            warnings.simplefilter("ignore")
            found = self._recogniser.recognize(
                grey,
                horizontal_list=[[0, width, 0, height]],
                free_list=[],
                allowlist=ALPHABET,
                reformat=False,
            )
        text = "".join(one for _, one, _ in found)
        chances = [
            max(0.0, float(sure)) ** (1 / (2 * sqrt(len(one))))
            for _, one, sure in found
            for _ in one
        ]
        return reading(ENGINE, text, chances)


def easyocr_reader(folder: Path, *, device: Device = "cpu") -> EasyOcrReader:
    """Open EasyOCR with the weights in `folder`, or refuse in one line."""
    if find_spec("easyocr") is None:
        raise WrongUsage("the package easyocr is not installed", then=INSTALL)
    if not (folder / NETWORK).is_file():
        raise WrongUsage(f"{folder} is no folder with EasyOCR's weights", then=FETCH)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch and it disagree on names that torch is to drop
        import easyocr

        try:
            recogniser: Recogniser = easyocr.Reader(
                ["en"],
                gpu=device == "cuda",
                model_storage_directory=str(folder),
                user_network_directory=str(folder),  # else it makes a folder in the home
                download_enabled=False,
                detector=False,
                verbose=False,
            )
        except (OSError, RuntimeError, EOFError, UnpicklingError) as error:
            said = " ".join(str(error).split())[:200]
            raise WrongUsage(
                f"EasyOCR cannot open {folder / NETWORK}: {said}", then=FETCH
            ) from error
    return EasyOcrReader(recogniser)


def _prepared(crop: Image) -> NDArray[np.uint8]:
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    height, width = grey.shape
    scale = min(max(1.0, HEIGHT_LEAST / height), SIDE_MAX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    fitted = grey if size == (width, height) else cv2.resize(grey, size)
    return np.asarray(fitted, np.uint8)
