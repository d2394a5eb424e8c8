"""The GPU as we use it: memory, a stream, copies. torch gives all three, so no pycuda is needed."""

from __future__ import annotations

from typing import Any

import numpy as np

from edge.runtimes import Array
from lot.errors import WrongUsage


class Memory:
    """A piece of the GPU's memory, large enough for the largest batch."""

    def __init__(self, whole: Any) -> None:
        self._whole = whole  # a flat tensor

    @property
    def address(self) -> int:
        return int(self._whole.data_ptr())

    def put(self, given: Array, cuda: Cuda) -> None:
        """Copy `given` to its beginning, in the numbers that it holds."""
        part = self._whole[: given.size].view(given.shape)
        part.copy_(cuda.torch.from_numpy(np.ascontiguousarray(given)))

    def got(self, shape: tuple[int, ...]) -> Array:
        """Return what stands at its beginning, as 32-bit numbers."""
        size = int(np.prod(shape))
        found: Array = self._whole[:size].view(shape).float().cpu().numpy()
        return found


class Cuda:
    """The machine's first GPU, with a stream of our own: the default one makes all others wait."""

    def __init__(self) -> None:
        try:
            import torch
        except ImportError as error:
            raise WrongUsage(
                "TensorRT needs torch for the GPU's memory, and it is not installed",
                then="on a Jetson install NVIDIA's wheel of it (docs/runtimes.md)",
            ) from error
        if not torch.cuda.is_available():
            raise WrongUsage(
                "torch finds no GPU here",
                then="choose another runtime, or install a torch that was built for this GPU",
            )
        self.torch: Any = torch
        self._stream: Any = torch.cuda.Stream()

    @property
    def device(self) -> str:
        return str(self.torch.cuda.get_device_name())

    @property
    def stream(self) -> int:
        return int(self._stream.cuda_stream)

    def memory(self, count: int, number: str) -> Memory:
        """Return room for `count` numbers of the type that torch calls `number`."""
        kind = getattr(self.torch, number)
        return Memory(self.torch.zeros(count, dtype=kind, device="cuda"))

    def used(self) -> Any:
        """Within this, copies go through our stream, in order with the network."""
        return self.torch.cuda.stream(self._stream)

    def wait(self) -> None:
        """Return when all is done that was put into the stream."""
        self._stream.synchronize()
