"""fast-plate-ocr as a reader: a network of its makers' or an owner's own, from two files.

By itself the package fetches weights when it starts; here it is given a path, with the network's
description (`.yaml`, as its training writes it) beside it under the same name.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from edge.reading.texts import nothing, reading
from edge.runtimes.onnx import NO_NETWORK
from edge.values import Image, Reading
from edge.weights import Device, wrong_network
from lot.errors import WrongUsage

ENGINE = "fast-plate-ocr"
INSTALL = "pip install --no-deps fast-plate-ocr, then pip install pyyaml rich tqdm"
FETCH = "name its .onnx, the .yaml beside it, with LOT_READER_WEIGHTS"
BATCH_MAX = 16
# What a description comes out as that is of another network: other names, other sizes.
_WRONG = (ValueError, TypeError, KeyError, IndexError, AttributeError, OSError, cv2.error)


class Prediction(Protocol):
    """What is used of `fast_plate_ocr.PlatePrediction`."""

    @property
    def plate(self) -> str:
        """The text."""

    @property
    def char_probs(self) -> Iterable[float] | None:
        """A probability a place, also for those after the text."""


class Recogniser(Protocol):
    """What is used of `fast_plate_ocr.LicensePlateRecognizer`."""

    def run(self, source: list[Image], *, return_confidence: bool) -> Sequence[Prediction]:
        """Return a prediction a picture."""


class FastPlateReader:
    """Reads crops with a network of fast-plate-ocr."""

    def __init__(self, recogniser: Recogniser, *, colour: bool) -> None:
        self._recogniser = recogniser
        self._change = cv2.COLOR_BGR2RGB if colour else cv2.COLOR_BGR2GRAY

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return 0.0

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        found = [nothing(ENGINE)] * len(crops)
        some = [at for at, crop in enumerate(crops) if crop.size]
        for start in range(0, len(some), BATCH_MAX):
            batch = some[start : start + BATCH_MAX]
            pictures = [np.asarray(cv2.cvtColor(crops[at], self._change), np.uint8) for at in batch]
            predictions = self._recogniser.run(pictures, return_confidence=True)
            for at, one in zip(batch, predictions, strict=True):
                found[at] = reading(ENGINE, one.plate, _chances(one))
        return found


def fast_plate_reader(path: Path, *, threads: int, device: Device = "cpu") -> FastPlateReader:
    """Open the network in `path`, or refuse in one line."""
    if find_spec("fast_plate_ocr") is None:
        raise WrongUsage("the package fast-plate-ocr is not installed", then=INSTALL)
    described = path.with_suffix(".yaml")
    if not described.is_file():
        raise WrongUsage(f"there is no {described} that describes {path.name}", then=FETCH)
    import fast_plate_ocr
    import onnxruntime
    from yaml import YAMLError

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    try:
        recogniser = fast_plate_ocr.LicensePlateRecognizer(
            onnx_model_path=path, plate_config_path=described, device=device, sess_options=options
        )
        colour = recogniser.config.image_color_mode == "rgb"
        reader = FastPlateReader(recogniser, colour=colour)
        reader.read([np.zeros((32, 96, 3), np.uint8)])
    except (*_WRONG, *NO_NETWORK, YAMLError) as error:
        said = " ".join(str(error).split())[:200]
        raise wrong_network(path, f"it or {described.name} cannot be used ({said})") from error
    return reader


def _chances(said: Prediction) -> list[float]:
    return [] if said.char_probs is None else [float(chance) for chance in said.char_probs]
