"""One detector for every runtime: they differ in how numbers go through a network, in nothing else.

Whatever runs the network (ONNX Runtime, OpenVINO, TensorRT) is a function from pictures to
candidates; fitting, batching and decoding stand here once, so that a lot may change its
runtime and find the same cars.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.detection.decoding import Thresholds, detections
from edge.detection.letterbox import Fit, fitted, fitted_into, place
from edge.values import Detection, Image, Kind

Run = Callable[[NDArray[np.float32]], NDArray[np.float32]]  # [n, 3, H, W] to [n, 4 + kinds, A]

BATCH_MAX = 4  # memory grows with it; what a batch gains: python -m benchmarks.batches


@dataclass(frozen=True, slots=True)
class Eyes:
    """What a network says of itself, and the way to run it."""

    run: Run
    kinds: tuple[Kind, ...]  # the order of its scores
    longest: int  # the longest side of a picture that it is best run at
    shape: tuple[int, int] | None = None  # height and width, where it runs at these alone

    def fit(self, image: Image) -> Fit:
        """Return how this picture fits the network."""
        height, width = image.shape[:2]
        if self.shape is not None:
            return fitted_into(height, width, self.shape)
        return fitted(height, width, self.longest)


class YoloDetector:
    """Finds vehicles and plates with a network of the YOLO family, exported without suppression."""

    def __init__(self, eyes: Eyes, thresholds: Thresholds, batch_max: int = BATCH_MAX) -> None:
        self._eyes = eyes
        self._thresholds = thresholds
        self._batch_max = batch_max
        self._buffer = np.empty(0, np.float32)

    @property
    def kinds(self) -> frozenset[Kind]:
        """What it can find at all: a stock network knows no plates."""
        return frozenset(self._eyes.kinds)

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """Return what each picture shows, in the order of the pictures, best score first.

        Pictures that fit the network alike go through it together.
        """
        fits = [self._eyes.fit(image) for image in images]
        found: list[list[Detection]] = [[] for _ in images]
        for shape in dict.fromkeys(fit.shape for fit in fits):
            alike = [at for at, fit in enumerate(fits) if fit.shape == shape]
            for start in range(0, len(alike), self._batch_max):
                batch = alike[start : start + self._batch_max]
                answers = self._answers([images[at] for at in batch], [fits[at] for at in batch])
                for at, answer in zip(batch, answers, strict=True):
                    width = images[at].shape[1]
                    found[at] = detections(
                        answer, fits[at], width, self._eyes.kinds, self._thresholds
                    )
        return found

    def _answers(self, images: Sequence[Image], fits: Sequence[Fit]) -> NDArray[np.float32]:
        height, width = fits[0].shape
        size = len(images) * 3 * height * width
        if self._buffer.size < size:  # the same memory for every batch: 3 MB a 16:9 picture
            self._buffer = np.empty(size, np.float32)
        given = self._buffer[:size].reshape(len(images), 3, height, width)
        for image, fit, into in zip(images, fits, given, strict=True):
            place(image, fit, into)
        return self._eyes.run(given)
