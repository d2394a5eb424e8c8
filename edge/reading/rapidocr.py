"""RapidOCR as a reader: PaddleOCR's recogniser, whose network lies in RapidOCR's wheel.

Only that network is taken from the package, and run by our own runtime: so nothing of it is
imported, nothing is fetched, and its detector of text lines (which finds the state's name and
the frame's slogan as well) is spared. It knows some six thousand signs; what it says is heard
as letters and digits, and any other sign as the blank between them. A crop is one line to it.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from contract.plates import ALPHABET, normalise
from edge.reading.ctc import decoded, probabilities
from edge.reading.texts import nothing, reading
from edge.values import Image, Reading
from edge.weights import Device, Network, opened
from lot.errors import WrongUsage

ENGINE = "rapidocr"
PACKAGE = "rapidocr_onnxruntime"
NETWORK = "ch_PP-OCRv4_rec_infer.onnx"
INSTALL = "pip install --no-deps rapidocr-onnxruntime==1.4.4, or choose LOT_READER=crnn"
HEIGHT = 48  # what the network was taught on; so is a width of at least 320, the rest empty
WIDTH_LEAST, WIDTH_MOST = 320, 640
# Of the network's own probabilities' logarithms; see docs/engines.md.
TEMPERATURE = 1.0
_LEAST = 1e-9  # stands for probability 0 in a logarithm


class RapidOcrReader:
    """Reads crops with the recogniser of RapidOCR's wheel."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._heard = _heard(network)

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        return [self._read(crop) if crop.size else nothing(ENGINE) for crop in crops]

    def _read(self, crop: Image) -> Reading:
        (signs,) = self._network.run(_prepared(crop)[None], (self._network.outputs[0].name,))
        moments = signs[0] @ self._heard
        shares = probabilities(np.log(np.maximum(moments, _LEAST)), TEMPERATURE)
        found = decoded(shares, ALPHABET)
        return reading(ENGINE, found.text, found.characters, found.runners)


def rapidocr_reader(*, threads: int, device: Device = "cpu") -> RapidOcrReader:
    """Open the network in RapidOCR's wheel, or refuse in one line."""
    return RapidOcrReader(opened(network_path(), threads=threads, device=device))


def network_path() -> Path:
    """Return where the wheel keeps its recogniser."""
    package = find_spec(PACKAGE)
    if package is None or not package.submodule_search_locations:
        raise WrongUsage("the package rapidocr-onnxruntime is not installed", then=INSTALL)
    return Path(package.submodule_search_locations[0]) / "models" / NETWORK


def _heard(network: Network) -> NDArray[np.float32]:
    """Return which of blank and alphabet each of the network's signs is taken for."""
    signs = ["", *network.text("character").splitlines(), " "]
    answers = network.outputs[0].shape
    if len(answers) != 3 or answers[2] not in (None, len(signs)):
        raise network.wrong(f"a recogniser of {len(signs)} signs has another output")
    heard = np.zeros((len(signs), 1 + len(ALPHABET)), np.float32)
    for at, sign in enumerate(signs):
        spelled = normalise(sign)
        heard[at, 1 + ALPHABET.index(spelled) if len(spelled) == 1 else 0] = 1
    return heard


def _prepared(crop: Image) -> NDArray[np.float32]:
    height, width = crop.shape[:2]
    wide = min(WIDTH_MOST, max(1, -(-HEIGHT * width // height)))
    line = cv2.resize(crop, (wide, HEIGHT), interpolation=cv2.INTER_LINEAR)
    planes = line.astype(np.float32).transpose(2, 0, 1) / np.float32(127.5) - 1
    whole = np.zeros((3, HEIGHT, max(WIDTH_LEAST, wide)), np.float32)
    whole[:, :, :wide] = planes
    return whole
