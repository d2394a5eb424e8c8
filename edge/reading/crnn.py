"""Our own reader: a small network that reads a plate's crop from left to right.

Everything that training decided (size, grey or colour, how a crop is fitted, the alphabet,
the temperature that makes its probabilities true) stands in the file's metadata, so that new
weights need no new code and old ones cannot be fed wrongly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.reading.ctc import Decoded, decoded, probabilities
from edge.values import Image, Reading
from edge.weights import Device, Network, opened, runtime_for

ENGINE = "crnn"
BATCH_MAX = 16  # crops of one step of the road; a bound on memory, beyond it nothing is gained
NOTHING = Reading("", (), (), ENGINE)

_CROPS, _LOGITS, _REGION = "crops", "logits", "region"
_SIDE_MAX = 1024  # pixels; a plate's crop is some 48 x 160


@dataclass(frozen=True, slots=True)
class Entrance:
    """How a crop becomes what the network was trained on."""

    height: int
    width: int
    channels: Literal[1, 3]  # grey, or blue green red
    mean: float
    scale: float
    fit: Literal["stretch", "pad"]

    def prepared(self, crop: Image) -> NDArray[np.float32]:
        """Return `crop` as [channels, height, width]."""
        shades = crop
        if self.channels == 1:
            shades = np.asarray(cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY), np.uint8)
        fitted = self._stretched(shades) if self.fit == "stretch" else self._padded(shades)
        planes = fitted.reshape(self.height, self.width, self.channels).transpose(2, 0, 1)
        return (planes.astype(np.float32) - np.float32(self.mean)) * np.float32(self.scale)

    def _stretched(self, shades: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return _resized(shades, self.height, self.width)

    def _padded(self, shades: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = shades.shape[:2]
        scale = min(self.height / height, self.width / width)
        inner = _resized(shades, max(1, round(height * scale)), max(1, round(width * scale)))
        whole = np.full((self.height, self.width, *shades.shape[2:]), round(self.mean), np.uint8)
        top = (self.height - inner.shape[0]) // 2
        left = (self.width - inner.shape[1]) // 2
        whole[top : top + inner.shape[0], left : left + inner.shape[1]] = inner
        return whole


class CrnnReader:
    """Reads crops of plates with the network in one file."""

    def __init__(self, network: Network) -> None:
        self._network = network
        self._entrance = _entrance(network)
        self._alphabet = _alphabet(network)
        self._regions = _regions(network)
        self._temperature = network.real("temperature", 0.05, 20)
        self._margin = network.real("margin", 0, 1)

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return self._margin

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order; an empty crop has an empty text."""
        found = [NOTHING] * len(crops)
        some = [at for at, crop in enumerate(crops) if crop.size]
        for start in range(0, len(some), BATCH_MAX):
            batch = some[start : start + BATCH_MAX]
            readings = self._batch([crops[at] for at in batch])
            for at, reading in zip(batch, readings, strict=True):
                found[at] = reading
        return found

    def _batch(self, crops: Sequence[Image]) -> list[Reading]:
        given = np.stack([self._entrance.prepared(crop) for crop in crops])
        if not self._regions:
            (logits,) = self._network.run(given, (_LOGITS,))
            return [_reading(text) for text in self._texts(logits)]
        logits, region = self._network.run(given, (_LOGITS, _REGION))
        shares = probabilities(region, 1.0)
        return [
            _reading(text, self._regions[int(share.argmax())], float(share.max()))
            for text, share in zip(self._texts(logits), shares, strict=True)
        ]

    def _texts(self, logits: NDArray[np.float32]) -> list[Decoded]:
        moments = probabilities(logits, self._temperature)
        return [decoded(one, self._alphabet) for one in moments]


def crnn_reader(path: Path, *, threads: int, device: Device = "cpu") -> CrnnReader:
    """Open the reader in `path`, or refuse it in one line before any crop is read."""
    runtime = runtime_for(path)  # a TensorRT engine of it is read as such
    return CrnnReader(opened(path, threads=threads, device=device, runtime=runtime))


def _reading(text: Decoded, region: str | None = None, confidence: float = 0.0) -> Reading:
    if not text.text:  # where nothing is legible no region was seen either
        return NOTHING
    return Reading(text.text, text.characters, text.runners, ENGINE, region, min(1.0, confidence))


def _entrance(network: Network) -> Entrance:
    height = network.whole("height", 8, _SIDE_MAX)
    width = network.whole("width", 8, _SIDE_MAX)
    channels: Literal[1, 3] = 1 if network.whole("channels", 1, 3) == 1 else 3
    fit: Literal["stretch", "pad"] = "pad" if network.text("fit") == "pad" else "stretch"
    if network.text("fit") != fit or network.text("channels") != str(channels):
        raise network.wrong("a reader has 1 or 3 channels, and its fit is stretch or pad")
    shapes = {port.name: port.shape[1:] for port in network.inputs}
    if shapes != {_CROPS: (channels, height, width)}:
        raise network.wrong(f"a reader takes one input, {_CROPS} [n, channels, height, width]")
    mean, scale = network.real("mean", 0, 255), network.real("scale", 1e-6, 1e3)
    return Entrance(height, width, channels, mean, scale, fit)


def _alphabet(network: Network) -> str:
    alphabet = network.text("alphabet")
    if not alphabet or len(set(alphabet)) != len(alphabet):
        raise network.wrong("its alphabet is empty or names a character twice")
    logits = network.output(_LOGITS)
    if logits is None or len(logits.shape) != 3 or logits.shape[2] != 1 + len(alphabet):
        raise network.wrong(
            f"a reader of {len(alphabet)} characters has an output "
            f"{_LOGITS} [n, moments, {1 + len(alphabet)}]"
        )
    return alphabet


def _regions(network: Network) -> tuple[str, ...]:
    region = network.output(_REGION)
    if region is None:
        return ()
    regions = network.words("regions")
    if region.shape[1:] != (len(regions),):
        raise network.wrong(f"it names {len(regions)} regions, but its output has another number")
    return regions


def _resized(shades: NDArray[np.uint8], height: int, width: int) -> NDArray[np.uint8]:
    # Averaging where it shrinks, as a lens does; between pixels where it grows.
    shrinks = shades.shape[0] > height or shades.shape[1] > width
    how = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(shades, (width, height), interpolation=how), np.uint8)
