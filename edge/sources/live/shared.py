"""Pictures handed from a grabbing process to the gate's, in memory that no disk sees.

Three slots in turn: the writer is never in the one that is being read, unless the reader was
away for two pictures, and then the number at the slot's head says so.
"""

from __future__ import annotations

import mmap
import os
import struct

import numpy as np

from edge.values import Image

SLOTS = 3
_HEAD = struct.Struct("<Q")  # the number of the picture in the slot; 0 while it is being written
CHANNELS = 3
SIDE_MAX = 8192  # pixels; what claims more is damaged


def made(name: str) -> int:
    """Return a descriptor of fresh memory, to be handed to the other process."""
    return os.memfd_create(f"lotkeeper-{name}"[:200], os.MFD_CLOEXEC)


class Slots:
    """The same memory, seen by whoever writes or reads."""

    def __init__(self, descriptor: int, width: int, height: int, *, grow: bool) -> None:
        if not (0 < width <= SIDE_MAX and 0 < height <= SIDE_MAX):
            raise ValueError(f"a picture of {width} x {height} cannot be")
        self.width, self.height = width, height
        self._bytes = width * height * CHANNELS
        self._slot = _HEAD.size + self._bytes
        if grow:
            os.ftruncate(descriptor, SLOTS * self._slot)
        self._memory = mmap.mmap(descriptor, SLOTS * self._slot)

    def write(self, number: int, image: Image) -> None:
        """Lay picture `number` (from 1) into its slot."""
        start = number % SLOTS * self._slot
        _HEAD.pack_into(self._memory, start, 0)
        begin = start + _HEAD.size
        self._memory[begin : begin + self._bytes] = np.ascontiguousarray(image).data.cast("B")
        _HEAD.pack_into(self._memory, start, number)

    def read(self, number: int) -> Image | None:
        """Return a copy of picture `number`; None where a later one has taken its slot."""
        start = number % SLOTS * self._slot
        begin = start + _HEAD.size
        content = self._memory[begin : begin + self._bytes]
        if _HEAD.unpack_from(self._memory, start) != (number,):
            return None
        image = np.frombuffer(content, np.uint8).reshape(self.height, self.width, CHANNELS)
        image.flags.writeable = False
        return image

    def close(self) -> None:
        self._memory.close()
