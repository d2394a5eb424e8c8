"""Whose turn it is, of several processes of one edge that could all do one thing.

The gate and the recognition API share an outbox. Both could send it, and answers that cross would
look like a server that was put back. So one does it, and the other takes over once that one ends:
the kernel lets go of the lock however a process dies.
"""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from lot.errors import Unwritable


class Turn:
    """A lock on a file, asked for and never waited for."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._descriptor: int | None = None

    def taken(self) -> bool:
        """Take the turn if nobody has it; say whether it is ours."""
        if self._descriptor is not None:
            return True
        try:
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise Unwritable(
                f"cannot open {self._path}: {error.strerror}",
                then="give the folder to the user that runs this",
            ) from error
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(descriptor)
            return False
        self._descriptor = descriptor
        return True

    def let_go(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
