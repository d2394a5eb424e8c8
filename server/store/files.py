"""Files named by a hash, whole or not there: sealed pictures and wraps lie in such folders.

A file is there before the row that names it, so a crash leaves a file without a row and never a
row without its file. What no row names after an hour is swept.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lot.errors import NoSpace, Unwritable
from lot.files import destroy, give_to_owner_of, make_one_private, make_private

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
_LOCK = ".keeping"
_AT_ONCE = 8  # a batch has at most some twenty pictures


@dataclass(frozen=True, slots=True)
class Kept:
    """One file of a folder."""

    lot: bytes
    name: bytes
    path: Path


class HashedFiles:
    """Files of a lot each, under the first digits of their names where there are many."""

    def __init__(self, folder: Path, *, digits: int) -> None:
        self._folder = folder
        self._digits = digits
        self._pool = ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="files")

    def put(self, lot: bytes, name: bytes, data: bytes) -> None:
        """Keep a file; it is on the disk when this returns. One that is there stays as it is."""
        self.put_all(lot, {name: data})

    def put_all(self, lot: bytes, files: Mapping[bytes, bytes]) -> None:
        """Keep files; all are on the disk when this returns. NoSpace where the disk is full."""
        if not files:
            return
        with self.keeping():
            paths = {self._path(lot, name): data for name, data in files.items()}
            try:
                new = {path: data for path, data in paths.items() if not _is_young(path)}
                self._make_folders({path.parent for path in new})
                self._write_all(new)
            except OSError as error:
                raise _told(self._folder, error) from error

    def get(self, lot: bytes, name: bytes) -> bytes | None:
        """Return a file's bytes, None where there is none."""
        try:
            return self._path(lot, name).read_bytes()
        except FileNotFoundError:
            return None

    def exists(self, lot: bytes, name: bytes) -> bool:
        return self._path(lot, name).exists()

    def delete(self, lot: bytes, name: bytes) -> None:
        """Remove a file, if it is there."""
        path = self._path(lot, name)
        try:
            path.unlink(missing_ok=True)
            if path.parent.exists():
                _sync(path.parent)
        except OSError as error:
            raise _told(path, error) from error

    def destroy(self, lot: bytes, name: bytes) -> None:
        """Overwrite a file, then remove it; one that is gone already is no fault."""
        destroy(self._path(lot, name))

    def walk(self) -> Iterator[Kept]:
        """Yield every file that is whole."""
        for path in self._folder.glob("*/" * (2 if self._digits else 1) + "*"):
            if (kept := self._kept(path)) is not None:
                yield kept

    @contextlib.contextmanager
    def keeping(self) -> Iterator[None]:
        """While this is held nothing is swept: from putting files to committing their rows."""
        with self._lock(fcntl.LOCK_SH):
            yield

    def sweep(self, has_row: Callable[[bytes, bytes], bool], older_than: float) -> int:
        """Remove what no row names and what was never finished, of an hour ago and older.

        `older_than` is a time in seconds since 1970, by the files' own clock.
        """
        swept = 0
        for path in list(self._folder.glob("*/" * (2 if self._digits else 1) + "*")):
            if path.is_dir() or _age(path) > older_than:
                continue
            # One by one, so that no delivery waits for the whole walk.
            with self._lock(fcntl.LOCK_EX):
                if _age(path) > older_than:
                    continue  # it was put again since: its row is on the way
                kept = self._kept(path)
                if kept is None or not has_row(kept.lot, kept.name):
                    path.unlink(missing_ok=True)
                    swept += 1
        return swept

    def _path(self, lot: bytes, name: bytes) -> Path:
        folder = self._folder / lot.hex()
        return (folder / name.hex()[: self._digits] if self._digits else folder) / name.hex()

    def _kept(self, path: Path) -> Kept | None:
        lot = path.parent.parent if self._digits else path.parent
        try:
            return Kept(bytes.fromhex(lot.name), bytes.fromhex(path.name), path)
        except ValueError:
            return None

    def _write_all(self, new: Mapping[Path, bytes]) -> None:
        mine = f"{os.getpid()}.{threading.get_ident()}"
        asides = {path: path.with_name(f".{path.name}.{mine}.part") for path in new}
        try:
            self._each(_write, [(asides[path], data) for path, data in new.items()])
            for path, aside in asides.items():
                aside.replace(path)
            self._each(_sync, [(folder,) for folder in {path.parent for path in new}])
        except OSError:
            for aside in asides.values():
                with contextlib.suppress(OSError):
                    aside.unlink(missing_ok=True)
            raise

    def _make_folders(self, wanted: Collection[Path]) -> None:
        """Make folders that are missing; a lot's are made all at once, for one sync above them."""
        missing = [one for one in wanted if not one.exists()]
        if not missing:
            return
        for above in {one.parent for one in missing} if self._digits else set():
            make_private(above)
            for number in range(16**self._digits):
                make_one_private(above / f"{number:0{self._digits}x}")
            _sync(above)
        for one in missing:
            make_private(one)

    def _each(self, work: Callable[..., None], these: Sequence[tuple[Any, ...]]) -> None:
        """Do it with each, a few at a time: what a disk is asked to sync at once costs one."""
        shares = [these[first::_AT_ONCE] for first in range(min(_AT_ONCE, len(these)))]
        if len(shares) == 1:
            _all(work, shares[0])
            return
        begun = [self._pool.submit(_all, work, one) for one in shares]
        wait(begun)  # what one that failed leaves is removed when no other writes any more
        for one in begun:
            one.result()

    @contextlib.contextmanager
    def _lock(self, how: int) -> Iterator[None]:
        try:
            make_private(self._folder)
            # An open file of its own each time: a lock belongs to it, not to the process.
            lock = os.open(self._folder / _LOCK, os.O_CREAT | os.O_RDWR | os.O_NOFOLLOW, 0o600)
            give_to_owner_of(self._folder, lock)
        except OSError as error:
            raise _told(self._folder, error) from error
        try:
            fcntl.flock(lock, how)
            yield
        finally:
            os.close(lock)


def _all(work: Callable[..., None], these: Sequence[tuple[Any, ...]]) -> None:
    for one in these:
        work(*one)


def _is_young(path: Path) -> bool:
    """Say whether a file is there, and let no sweep take it before its row can have come."""
    try:
        os.utime(path)
    except FileNotFoundError:
        return False
    return True


def _write(path: Path, data: bytes) -> None:
    path.unlink(missing_ok=True)  # what a killed process of our number left
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        give_to_owner_of(path.parent, file)
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
        os.fsync(file)
    finally:
        os.close(file)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _age(path: Path) -> float:
    try:
        return path.lstat().st_mtime
    except FileNotFoundError:
        return float("inf")


def _told(path: Path, error: OSError) -> Unwritable:
    kind = NoSpace if error.errno in _FULL else Unwritable
    return kind(
        f"cannot write {path}: {error.strerror or error}",
        then="free space there, or give the folder to the user that runs this",
    )
