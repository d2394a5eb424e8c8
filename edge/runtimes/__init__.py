"""Running a network: named arrays in, named arrays out, whatever library does the sums.

Detector and reader ask for nothing else, so a runtime is one module here: what it reads, how it
refuses, and `run`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
Device = Literal["cpu", "cuda"]
Runtime = Literal["onnx", "openvino", "tensorrt", "torch"]

ANOTHER = "name another file, or put back the one that came with this release"


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a network; a size that may vary is None."""

    name: str
    shape: tuple[int | None, ...]


class Session(Protocol):
    """An opened network in one runtime."""

    @property
    def inputs(self) -> tuple[Port, ...]:
        """What goes in."""

    @property
    def outputs(self) -> tuple[Port, ...]:
        """What comes out."""

    @property
    def says(self) -> Mapping[str, str]:
        """What the file says of itself; empty where its format has no place for it."""

    @property
    def batch_max(self) -> int | None:
        """How many go through at once; None: as many as there is memory for."""

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        """Return the outputs named in `wanted` for what the first input is given."""
