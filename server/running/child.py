"""A process that this one started: asked to end when it is needed no more, else ended."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

_ENDS_S = 10.0


@contextmanager
def needed(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Let it run while the block lasts."""
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(_ENDS_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
