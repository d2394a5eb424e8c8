"""A backup put onto an empty machine: rows, less what was erased since, then the files they name.

Nothing here needs the vault. What does (a new writer, a new node, the erasures signed anew, and
`verify`) comes after unlocking, which proves that the keys are the owner's.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from sqlalchemy import Connection, delete, func, select

from contract import canonical, record, signature
from contract.canonical import Malformed
from contract.digest import H
from contract.head import Erased
from lot.errors import Damaged, Refused, Unreadable
from lot.files import write_private
from server.backup import manifest
from server.backup.manifest import Kind, PartManifest
from server.backup.rows import load
from server.backup.taking import ERASURES, KEYS, ROWS, SEGMENTS, parts_of, picture_path
from server.retention.finishing import remove_rows
from server.store.tables import pictures, records, tables, wraps

_ENTRY_BYTES_MAX = 64 * 1024 * 1024


class Pictures(Protocol):
    """Where sealed pictures are put."""

    def put(self, lot: bytes, name: bytes, data: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Found:
    """The two parts that belong together."""

    folder: Path
    data: PartManifest
    data_place: Path
    keys: PartManifest
    keys_place: Path


@dataclass(frozen=True, slots=True)
class Gone:
    """An erasure out of the keys part, and the lot that it was in."""

    lot: bytes
    erased: Erased


@dataclass(frozen=True, slots=True)
class PutBack:
    """What is on the machine now, and what was erased after the rows were copied."""

    rows: int
    pictures: int
    pictures_missing: int
    since: tuple[Gone, ...]


def chosen(folder: Path, data: str | None = None, keys: str | None = None) -> Found:
    """Return the newest whole parts, or those that are named; Damaged where one is not whole."""
    data_place, keys_place = _one(folder, "data", data), _one(folder, "keys", keys)
    stated, key_part = manifest.checked(data_place, "data"), manifest.checked(keys_place, "keys")
    if stated.server != key_part.server:
        raise Refused("data part and keys part are of two servers", then="name two of one server")
    return Found(folder, stated, data_place, key_part, keys_place)


def check_empty(read: Connection) -> None:
    """Refuse a database that has records: nothing that is there is ever replaced."""
    if read.scalar(select(func.count()).select_from(records)):
        raise Refused(
            "this server has records already", then="restore on an empty machine or folder"
        )


def put_rows(found: Found, write: Connection) -> tuple[int, tuple[Gone, ...]]:
    """Load the rows and apply what was erased since; return their number, and what that was."""
    with (found.data_place / ROWS).open("rb") as file:
        rows = load(write, tables.sorted_tables, file)
    known = {H(envelope) for envelope in write.scalars(_ERASED)}
    every = list(_erasures((found.keys_place / ERASURES).read_bytes()))
    for _, gone in every:  # also the older ones: a power cut may have left some half done
        remove_rows(write, gone.lot, gone.erased)
    return rows, tuple(gone for envelope, gone in every if H(envelope) not in known)


def put_pictures(found: Found, read: Connection, to: Pictures) -> tuple[int, int]:
    """Copy the pictures that rows name; return how many came, and how many are missing."""
    there = missing = 0
    wanted = select(pictures.c.lot, pictures.c.hash).execution_options(yield_per=500)
    for lot, name in read.execute(wanted):
        path = picture_path(found.folder / "pictures", lot, name)
        data = path.read_bytes() if path.exists() else b""
        if H(data) != name:
            missing += 1
            continue
        to.put(lot, name, data)
        there += 1
    return there, missing


def put_keys(found: Found, place: Callable[[str], Path | None]) -> int:
    """Write the files of the keys part where `place` says; return how many."""
    return _unpacked(found.keys_place / KEYS, place)


def put_segments(found: Found, folder: Path) -> int:
    """Write the sealed index; what is missing of it is built again from the records."""
    return _unpacked(found.data_place / SEGMENTS, lambda name: folder / name)


def drop_wraps_without_file(write: Connection, is_there: Callable[[bytes, bytes], bool]) -> None:
    """Remove the rows of wraps that the keys part no longer has: they were destroyed."""
    for lot, key in write.execute(select(wraps.c.lot, wraps.c.key)).all():
        if not is_there(lot, key):
            write.execute(delete(wraps).where(wraps.c.lot == lot, wraps.c.key == key))


_ERASED = select(records.c.envelope).where(records.c.type == "erased")


def _one(folder: Path, kind: Kind, name: str | None) -> Path:
    there = parts_of(folder, kind)
    wanted = [one for one in there if name is None or one.name == name]
    if not wanted:
        raise Unreadable(
            f"{folder} has no whole {kind} part" + (f" named {name}" if name else ""),
            then="name the folder that `backup` wrote to",
        )
    return wanted[0]


def _erasures(data: bytes) -> Iterator[tuple[bytes, Gone]]:
    with canonical.reading("the erasures of a backup"):
        at = 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            signed = data[at + 4 : at + 4 + length]
            if len(signed) != length or length <= signature.SIGNATURE_BYTES:
                raise Malformed("it is cut")
            at += 4 + length
            envelope, _ = signature.parted(signed)
            head = record.decoded(envelope).head
            if isinstance(head.gone, Erased):
                yield envelope, Gone(head.lot, head.gone)


def _unpacked(path: Path, place: Callable[[str], Path | None]) -> int:
    """Write each file that has a place; a name with a way out of its folder has none."""
    count = 0
    try:
        with tarfile.open(path, "r:") as packed:
            for entry in packed:
                inside = PurePosixPath(entry.name)
                if not entry.isreg() or inside.is_absolute() or ".." in inside.parts:
                    raise Damaged(
                        f"{path} holds something that no backup does", then="name another one"
                    )
                to, file = place(entry.name), packed.extractfile(entry)
                if to is not None and file is not None and entry.size <= _ENTRY_BYTES_MAX:
                    write_private(to, file.read())
                    count += 1
    except tarfile.TarError:
        raise Damaged(f"{path} is damaged", then="name another one") from None
    return count
