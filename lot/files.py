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
    """Write `content` whole, for the eyes of the folder's user alone: 0600, in a folder of 0700."""
    aside = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        make_private(path.parent)
        aside.unlink(missing_ok=True)  # what a killed process of our number left
        with open(aside, "xb", opener=private) as file:
            give_to_owner_of(path.parent, file.fileno())
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


def destroy(path: Path) -> None:
    """Overwrite a file, then remove it; one that is gone already is no fault."""
    try:
        with path.open("r+b") as file:
            file.write(os.urandom(path.stat().st_size))
            file.flush()
            os.fsync(file.fileno())
    except FileNotFoundError:
        return
    except OSError as error:
        raise Unwritable(
            f"cannot overwrite {path}: {error.strerror or error}",
            then="give the folder to the user that runs this",
        ) from error
    remove(path)


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


def make_private(folder: Path) -> None:
    """Make a folder and those above it that are missing, durably: 0700, of the user above them."""
    if folder.exists():
        return  # its modes are the doctor's to look at
    # One by one: `parents=True` would make those above as open as the umask lets it.
    for one in reversed([folder, *folder.parents]):
        if not one.exists():
            make_one_private(one)
            _sync(one.parent, os.O_RDONLY | os.O_DIRECTORY)


def make_one_private(folder: Path) -> None:
    """Make a folder, unless another process was first; whoever calls syncs the one above."""
    folder.mkdir(mode=0o700, exist_ok=True)
    made = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    try:
        give_to_owner_of(folder.parent, made)
    finally:
        os.close(made)


def give_to_owner_of(folder: Path, made: int) -> None:
    """Give what root has just made there to the folder's user, by whom it is read afterwards.

    By its descriptor: a name could be another file's by now.
    """
    if os.geteuid() == 0:
        owner = folder.stat()
        os.fchown(made, owner.st_uid, owner.st_gid)


def private(name: str, flags: int) -> int:
    """Open a file as its owner's alone, and never through a link: an `opener`."""
    return os.open(name, flags | os.O_NOFOLLOW, 0o600)


def _sync(path: Path, flags: int) -> None:
    descriptor = os.open(path, flags)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
