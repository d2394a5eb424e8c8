"""Files appear under their final name only when whole, so that no reader ever meets half a one."""

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from lot.errors import Unwritable


@contextlib.contextmanager
def written_aside(path: Path) -> Iterator[Path]:
    """Give a name beside `path` to write to; on leaving without an error it becomes `path`.

    After an error nothing remains of it and an older `path` stands as it was.
    """
    # With our number in it: two runs into one folder must not write one file.
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield aside
        keep(aside, path)
    except OSError as error:
        raise unwritable(path, error) from error
    finally:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)


def check_writable(folder: Path) -> None:
    """Raise Unwritable if nothing can be written to `folder`: better now than after hours."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(folder, error) from error


def write_whole(path: Path, content: bytes) -> None:
    """Write `content` so that after a power cut there is the old file or the new one."""
    with written_aside(path) as aside:
        aside.write_bytes(content)


def write_private(path: Path, content: bytes) -> None:
    """Write `content` whole, for our own user's eyes alone: 0600, in a folder of 0700."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        _make_private(path.parent)
        aside.unlink(missing_ok=True)  # what a killed process of our number left
        with open(aside, "xb", opener=_private) as file:
            file.write(content)
        keep(aside, path)
    except OSError as error:
        with contextlib.suppress(OSError):
            aside.unlink(missing_ok=True)
        raise Unwritable(
            f"cannot write {path}: {error.strerror or error}",
            then="free space there, or give the folder to the user that runs this",
        ) from error


def remove(path: Path) -> None:
    """Remove a file, if it is there, so that a power cut does not bring it back."""
    try:
        path.unlink(missing_ok=True)
        if path.parent.exists():
            _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        raise Unwritable(
            f"cannot remove {path}: {error.strerror or error}",
            then="give the folder to the user that runs this",
        ) from error


def keep(aside: Path, path: Path) -> None:
    """Give the finished file its final name, durably: file, rename, folder."""
    _sync(aside, os.O_RDONLY)
    aside.replace(path)
    _sync(path.parent, os.O_RDONLY | os.O_DIRECTORY)


def unwritable(path: Path, error: OSError) -> Unwritable:
    """Say in one line why `path` cannot be written."""
    return Unwritable(
        f"cannot write {path}: {error.strerror or error}",
        then="free space or give permission there, or name another folder",
    )


def _make_private(folder: Path) -> None:
    if folder.exists():
        return  # its modes are the doctor's to look at
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _sync(folder.parent, os.O_RDONLY | os.O_DIRECTORY)


def _private(name: str, flags: int) -> int:
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
