"""Memory that is freed goes back to the system: a peak is not a process's size for good.

Left to itself the C library keeps what it was given: it raises the size from which a block is one
of the system's own with each such block that is freed, and has a heap for each of many threads.
"""

from __future__ import annotations

import ctypes

_MMAP_THRESHOLD, _ARENA_MAX = -3, -8  # malloc.h
_BLOCK_BYTES = 128 * 1024  # what the library begins with; told, it stays
_HEAPS = 2


def give_back() -> None:
    """Have all that is freed from here on given back; to be called before there are threads."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:  # another C library than glibc may lack it, and gives back by itself
        mallopt(_MMAP_THRESHOLD, _BLOCK_BYTES)
        mallopt(_ARENA_MAX, _HEAPS)
