"""An export as one ZIP that is sent while it is made; its last file is the signed manifest.

Nothing of it touches the disk: the pieces go out as they come, and their hashes are counted on
the way.
"""

from __future__ import annotations

import hashlib
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from contract import manifest
from contract.audit import AuditHead
from contract.manifest import ExportFile, Manifest

MANIFEST_NAME = "manifest.lkm"  # JSON and 64 bytes of signature
PACKED = (".csv", ".txt")  # all else is a picture or film, which gets no smaller

Sign = Callable[[Manifest], bytes]  # the keyholder, under a grant


@dataclass(frozen=True, slots=True)
class Asked:
    """Who asked for what, as the manifest says it."""

    server: bytes
    by: bytes
    made: int
    first: int | None
    last: int | None
    audit: AuditHead


@dataclass(frozen=True, slots=True)
class Piece:
    """One file of an export, in pieces of bytes; each row of a table is one of its `rows`."""

    name: str
    content: Iterable[bytes] = field(repr=False)
    is_table: bool = False


def packed(
    pieces: Iterable[Piece], asked: Asked, sign: Sign, notes: tuple[str, ...] = ()
) -> Iterator[bytes]:
    """Yield the bytes of a ZIP of these files and the manifest over them."""
    sink = _Sink()
    files: list[ExportFile] = []
    rows = 0
    with zipfile.ZipFile(sink, "w", allowZip64=True) as package:
        for piece in pieces:
            counted = _Counted(piece)
            way = zipfile.ZIP_DEFLATED if piece.name.endswith(PACKED) else zipfile.ZIP_STORED
            entry = zipfile.ZipInfo(piece.name)
            entry.compress_type, entry.external_attr = way, 0o600 << 16
            with package.open(entry, "w", force_zip64=True) as file:
                for chunk in counted:
                    file.write(chunk)
                    yield from sink.taken()
            files.append(counted.file)
            rows += counted.rows
        signed = sign(_manifest(files, asked, rows, notes))
        package.writestr(zipfile.ZipInfo(MANIFEST_NAME), signed)
    yield from sink.taken()


def checked(path: str, vault_public: bytes) -> Manifest:
    """Return the manifest of a ZIP whose every file is as it was exported; Damaged else."""
    with zipfile.ZipFile(path) as package:
        found = manifest.opened(package.read(MANIFEST_NAME), vault_public)
        names = [name for name in package.namelist() if name != MANIFEST_NAME]
        there = {name: _there(package, name) for name in names}
    manifest.check_files(found, there)
    return found


def _there(package: zipfile.ZipFile, name: str) -> ExportFile:
    hashed, size = hashlib.sha256(), 0
    with package.open(name) as file:
        while chunk := file.read(1024 * 1024):
            hashed.update(chunk)
            size += len(chunk)
    return ExportFile(name, size, hashed.digest())


def _manifest(files: list[ExportFile], asked: Asked, rows: int, notes: tuple[str, ...]) -> Manifest:
    return Manifest(
        server=asked.server,
        made=asked.made,
        by=asked.by,
        rows=rows,
        first=asked.first,
        last=asked.last,
        files=tuple(sorted(files, key=lambda one: one.name)),
        notes=notes,
        audit=asked.audit,
    )


class _Counted:
    """Passes a file's pieces on, and knows its size and hash when all have passed."""

    def __init__(self, piece: Piece) -> None:
        self._piece = piece
        self._hash = hashlib.sha256()
        self._size = 0
        self._pieces = 0

    def __iter__(self) -> Iterator[bytes]:
        for chunk in self._piece.content:
            self._hash.update(chunk)
            self._size += len(chunk)
            self._pieces += 1
            yield chunk

    @property
    def file(self) -> ExportFile:
        return ExportFile(self._piece.name, self._size, self._hash.digest())

    @property
    def rows(self) -> int:
        """Return how many rows a table has under its header."""
        return max(0, self._pieces - 1) if self._piece.is_table else 0


class _Sink:
    """Takes what a ZIP writes, and gives it on: it can neither seek nor be read."""

    def __init__(self) -> None:
        self._waiting: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._waiting.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        """Do nothing: what was written goes on with the next piece."""

    def close(self) -> None:
        """Do nothing: it is the caller who takes the last piece."""

    def taken(self) -> Iterator[bytes]:
        waiting, self._waiting = self._waiting, []
        if waiting:
            yield b"".join(waiting)
