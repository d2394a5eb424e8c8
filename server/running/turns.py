"""What one process does at a time: who holds a thing's file does it, and writes into it when."""

from __future__ import annotations

import contextlib
import fcntl
import os
from collections.abc import Iterator
from pathlib import Path

from lot.errors import Unwritable
from lot.files import give_to_owner_of, make_private


@contextlib.contextmanager
def turn(path: Path) -> Iterator[int | None]:
    """Hold a thing's file while the block lasts; None where another process holds it."""
    try:
        make_private(path.parent)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        give_to_owner_of(path.parent, file)
    except OSError as error:
        raise Unwritable(
            f"cannot write {path}: {error.strerror}", then="give the folder to the user that serves"
        ) from error
    try:
        yield file if _locked(file) else None
    finally:
        os.close(file)


def last_in(file: int) -> int | None:
    """Return when it was last done, None where never."""
    text = os.pread(file, 32, 0).decode("ascii", "replace")
    return int(text) if text.isdecimal() else None


def last_at(path: Path) -> int | None:
    """Return when a thing was last done, whoever does it now."""
    try:
        file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        return last_in(file)
    finally:
        os.close(file)


def write_last(file: int, now: int) -> None:
    """Write down that it was done now."""
    os.pwrite(file, f"{now:020d}".encode(), 0)  # always as long: it needs no cutting
    os.fsync(file)


def _locked(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
