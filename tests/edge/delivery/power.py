"""A disk that loses what was not synced: every write of SQLite is seen, and any moment replayed.

kill -9 cannot show a missing fsync, since the kernel keeps a dead process's pages. So SQLite's own
system interface is watched (`xWrite`, `xTruncate`, `xSync`, `xDelete` of its default VFS, through
ctypes), and a power cut is a moment in what was seen: what was synced before it is there, of what
was written after any part may be, in sectors, in any order.
"""

from __future__ import annotations

import _sqlite3
import contextlib
import ctypes
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

SECTOR = 512

_OK = 0


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3; what is not watched is passed on as it is."""

    _fields_ = (
        ("iVersion", ctypes.c_int),
        *((name, ctypes.c_void_p) for name in ("xClose", "xRead", "xWrite", "xTruncate", "xSync")),
        *((f"other{number}", ctypes.c_void_p) for number in range(13)),
    )


class _File(ctypes.Structure):
    _fields_ = (("methods", ctypes.POINTER(_Methods)),)


class _Vfs(ctypes.Structure):
    _fields_ = (
        ("iVersion", ctypes.c_int),
        ("szOsFile", ctypes.c_int),
        ("mxPathname", ctypes.c_int),
        ("pNext", ctypes.c_void_p),
        ("zName", ctypes.c_char_p),
        ("pAppData", ctypes.c_void_p),
        ("xOpen", ctypes.c_void_p),
        ("xDelete", ctypes.c_void_p),
    )


_FILE = ctypes.POINTER(_File)
# A file's name as an address: SQLite keeps it, and a copy of ours would be gone before the file is.
_OPEN = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, _FILE, ctypes.c_int, ctypes.c_void_p
)
_DELETE = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int)
_WRITE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_void_p, ctypes.c_int, ctypes.c_int64)
_TRUNCATE = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int64)
_SYNC = ctypes.CFUNCTYPE(ctypes.c_int, _FILE, ctypes.c_int)


@dataclass(frozen=True, slots=True)
class Write:
    name: str
    at: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Truncated:
    name: str
    size: int


@dataclass(frozen=True, slots=True)
class Synced:
    name: str


@dataclass(frozen=True, slots=True)
class Deleted:
    name: str
    is_safe: bool  # the folder was synced with it


@dataclass(frozen=True, slots=True)
class Said:
    """Not the disk's: the moment when `put` returned this number."""

    sequence: int


Step = Write | Truncated | Synced | Deleted | Said


@contextlib.contextmanager
def watched(folder: Path) -> Iterator[list[Step]]:
    """See what SQLite does to the files of a folder, as long as this lasts."""
    steps: list[Step] = []
    library = ctypes.CDLL(_sqlite3.__file__)
    library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
    library.sqlite3_vfs_find.argtypes = [ctypes.c_char_p]
    vfs = library.sqlite3_vfs_find(None).contents
    original = vfs.xOpen, vfs.xDelete
    opened, deleted = _OPEN(original[0]), _DELETE(original[1])
    watching = _Watching(steps)

    def open_file(this: int, name: int | None, file: Any, flags: int, out: int) -> int:
        status = int(opened(this, name, file, flags, out))
        path = Path(ctypes.string_at(name).decode()) if name else None
        if status == _OK and path is not None and path.parent == folder:
            watching.watch(file, path.name)
        return status

    def delete_file(this: int, name: bytes, is_synced: int) -> int:
        status = int(deleted(this, name, is_synced))
        if status == _OK and Path(name.decode()).parent == folder:
            steps.append(Deleted(Path(name.decode()).name, bool(is_synced)))
        return status

    hooks = _OPEN(open_file), _DELETE(delete_file)
    vfs.xOpen, vfs.xDelete = (ctypes.cast(hook, ctypes.c_void_p).value for hook in hooks)
    try:
        yield steps
    finally:
        vfs.xOpen, vfs.xDelete = original


class _Watching:
    """Puts our own methods in front of a file's; they live as long as this does."""

    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        self._alive: list[object] = []
        _FOREVER.append(self)  # a connection may outlive the watch, and calls through it

    def watch(self, file: Any, name: str) -> None:
        before = file.contents.methods.contents
        write, truncate, sync = (
            kind(getattr(before, method))
            for kind, method in ((_WRITE, "xWrite"), (_TRUNCATE, "xTruncate"), (_SYNC, "xSync"))
        )

        def on_write(this: Any, data: int, size: int, at: int) -> int:
            self._steps.append(Write(name, at, ctypes.string_at(data, size)))
            return int(write(this, data, size, at))

        def on_truncate(this: Any, size: int) -> int:
            self._steps.append(Truncated(name, size))
            return int(truncate(this, size))

        def on_sync(this: Any, flags: int) -> int:
            status = int(sync(this, flags))
            self._steps.append(Synced(name))  # after it: only then is anything safe
            return status

        hooks = (_WRITE(on_write), _TRUNCATE(on_truncate), _SYNC(on_sync))
        ours = _Methods.from_buffer_copy(before)
        for method, hook in zip(("xWrite", "xTruncate", "xSync"), hooks, strict=True):
            setattr(ours, method, ctypes.cast(hook, ctypes.c_void_p).value)
        self._alive += [*hooks, ours]
        file.contents.methods = ctypes.pointer(ours)


_FOREVER: list[object] = []


def cut(steps: list[Step], random: Random, folder: Path) -> list[int]:
    """Write to `folder` what a power cut after `steps` leaves; return the numbers said so far."""
    safe: dict[str, bytearray] = {}
    unsynced: dict[str, list[Write | Truncated]] = {}
    said = []
    for step in steps:
        if isinstance(step, Said):
            said.append(step.sequence)
        elif isinstance(step, Synced):
            for one in unsynced.pop(step.name, []):
                _apply(safe.setdefault(step.name, bytearray()), one)
            safe.setdefault(step.name, bytearray())
        elif isinstance(step, Deleted):
            if step.is_safe or random.random() < 0.5:
                safe.pop(step.name, None)
                unsynced.pop(step.name, None)
        else:
            unsynced.setdefault(step.name, []).append(step)
    for name, pending in unsynced.items():
        pieces = [piece for one in pending for piece in _sectors(one)]
        share = random.choice([0.0, 0.5, 1.0])
        for piece in pieces:
            if random.random() < share:
                _apply(safe.setdefault(name, bytearray()), piece)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name, content in safe.items():
        (folder / name).write_bytes(content)
    return said


def _sectors(step: Write | Truncated) -> list[Write | Truncated]:
    if isinstance(step, Truncated):
        return [step]
    return [
        Write(step.name, step.at + at, step.data[at : at + SECTOR])
        for at in range(0, len(step.data), SECTOR)
    ]


def _apply(content: bytearray, step: Write | Truncated) -> None:
    if isinstance(step, Truncated):
        if step.size < len(content):
            del content[step.size :]
        return
    if len(content) < step.at:
        content += bytes(step.at - len(content))
    content[step.at : step.at + len(step.data)] = step.data
