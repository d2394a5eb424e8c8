"""A backup is taken while the server runs: rows of one moment, then what they name, then the keys.

The data part has rows, pictures and segments; the keys part has what opens them. Pictures lie in
one folder that all data parts share, since none of them ever changes. Of keys parts two are kept,
of data parts those of a month: so a day that was erased is unreadable in every one of them as soon
as two newer keys parts are written.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import BinaryIO, Protocol

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, select

from contract import signature
from contract.audit import AuditHead
from lot.errors import LotError, Unreadable, Unwritable
from lot.times import moment
from server.backup import manifest
from server.backup.manifest import Kind, PartManifest
from server.backup.rows import dump
from server.store.tables import pictures, records, tables, writers

KEYS_PARTS = 2
DATA_DAYS = 30

ROWS, SEGMENTS, KEYS = "rows.lkd", "index.tar", "keys.tar"
ERASURES, CERTIFICATES = "erasures.lke", "certificates/"
_DAY = 86_400_000_000


class Pictures(Protocol):
    """The sealed pictures."""

    def get(self, lot: bytes, name: bytes, /) -> bytes | None: ...


@dataclass(frozen=True, slots=True)
class Sources:
    """What a backup is taken of, and the key of the server's own writer, which signs it."""

    server: bytes
    key: Ed25519PrivateKey = field(repr=False)
    pictures: Pictures
    segments: Path  # a folder of sealed files
    secrets: Callable[[], Iterator[tuple[str, Path]]]  # wraps, segment keys, slots, vault: by name


@dataclass(frozen=True, slots=True)
class Taken:
    """What was written."""

    folder: Path
    rows: int
    pictures: int  # new ones


def take_data(
    sources: Sources, read: Connection, folder: Path, *, part: bytes, made: int, audit: AuditHead
) -> Taken:
    """Write the data part; `read` is one transaction, which sees one moment."""
    added = _copy_pictures(sources.pictures, read, folder / "pictures")
    with _part(folder, "data", sources, part, made, audit) as aside:
        with (aside / ROWS).open("wb") as file:
            rows = dump(read, tables.sorted_tables, file)
        with (aside / SEGMENTS).open("wb") as file:
            _pack(file, _segments(sources.segments))
    _forget_data(folder, made)
    _forget_pictures(read, folder / "pictures")
    return Taken(_place(folder, "data", part, made), rows, added)


def take_keys(
    sources: Sources, read: Connection, folder: Path, *, part: bytes, made: int, audit: AuditHead
) -> Path:
    """Write the keys part anew, and keep two."""
    with _part(folder, "keys", sources, part, made, audit) as aside:
        with (aside / KEYS).open("wb") as file:
            _pack(file, _keys(sources, read))
        (aside / ERASURES).write_bytes(b"".join(_erasures(read)))
    for old in parts_of(folder, "keys")[KEYS_PARTS:]:
        shutil.rmtree(old)
    return _place(folder, "keys", part, made)


def parts_of(folder: Path, kind: Kind) -> list[Path]:
    """Return the parts that are whole, the newest first."""
    return sorted((one.parent for one in (folder / kind).glob(f"*/{manifest.NAME}")), reverse=True)


def picture_path(folder: Path, lot: bytes, name: bytes) -> Path:
    """Return where a picture lies under a backup's `pictures`."""
    return folder / lot.hex() / name.hex()[:2] / name.hex()


def _place(folder: Path, kind: Kind, part: bytes, made: int) -> Path:
    # To the microsecond, since names are what tells which of two parts is the newer.
    return folder / kind / f"{moment(made):%Y%m%dT%H%M%S.%fZ}-{part.hex()[:8]}"


@contextlib.contextmanager
def _part(
    folder: Path, kind: Kind, of: Sources, part: bytes, made: int, audit: AuditHead
) -> Iterator[Path]:
    """Give a folder to fill; it has its name when all in it is on the disk."""
    place = _place(folder, kind, part, made)
    aside = place.with_name(f".{place.name}.part")
    try:
        _forget_killed(place.parent, made)
        shutil.rmtree(aside, ignore_errors=True)
        aside.mkdir(mode=0o700, parents=True)
        yield aside
        files = manifest.described(aside, [one.name for one in aside.iterdir()])
        writer = signature.writer_id(signature.public_half(of.key))
        stated = PartManifest(kind, part, of.server, writer, made, audit, files)
        (aside / manifest.NAME).write_bytes(manifest.signed(stated, of.key))
        # One sync for all: thousands of pictures, each synced alone, take an hour on a stick.
        os.sync()
        aside.rename(place)
        os.sync()
    except OSError as error:
        raise _unwritable(folder, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _forget_killed(folder: Path, now: int) -> None:
    """Remove what killed runs left, a day later: a keys part among it opens what was erased since.

    What is younger may be another run's that is under way.
    """
    for left in folder.glob(".*.part"):
        if abs(now - left.stat().st_mtime_ns // 1000) > _DAY:
            shutil.rmtree(left)


def _copy_pictures(source: Pictures, read: Connection, to: Path) -> int:
    """Copy those that are not there yet; what is missing at the source, `verify` tells."""
    added = 0
    wanted = select(pictures.c.lot, pictures.c.hash, pictures.c.size)
    for lot, name, size in read.execute(wanted.execution_options(yield_per=500)):
        path = picture_path(to, lot, name)
        if path.exists() and path.stat().st_size == size:
            continue
        data = source.get(lot, name)
        if data is None:
            continue
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = path.with_suffix(".part")
            aside.write_bytes(data)
            aside.replace(path)
        except OSError as error:
            raise _unwritable(to, error) from error
        added += 1
    return added


def _forget_data(folder: Path, now: int) -> None:
    """Remove data parts of more than a month ago, never the newest one."""
    for place in parts_of(folder, "data")[1:]:
        try:
            stated = manifest.decoded((place / manifest.NAME).read_bytes()).manifest
        except (LotError, OSError):
            continue  # what nobody can read is for a person to look at
        if stated.made + DATA_DAYS * _DAY < now:
            shutil.rmtree(place)


def _forget_pictures(read: Connection, folder: Path) -> None:
    """Remove pictures that have no row any more: their keys are destroyed, in every part."""
    for shelf in folder.glob("*/??"):
        lot, prefix = bytes.fromhex(shelf.parent.name), bytes.fromhex(shelf.name)
        within = pictures.c.hash.between(prefix + bytes(31), prefix + b"\xff" * 31)
        wanted = select(pictures.c.hash).where(pictures.c.lot == lot, within)
        named = {name.hex() for name in read.scalars(wanted)}
        for path in shelf.iterdir():
            if path.name not in named:
                path.unlink()


def _keys(sources: Sources, read: Connection) -> Iterator[tuple[str, bytes]]:
    for name, path in sources.secrets():
        yield name, _read(path)
    for writer, certificate in read.execute(select(writers.c.writer, writers.c.certificate)):
        yield f"{CERTIFICATES}{writer.hex()}", certificate


def _erasures(read: Connection) -> Iterator[bytes]:
    wanted = select(records.c.envelope, records.c.signature).where(records.c.type == "erased")
    for row in read.execute(wanted.order_by(records.c.writer, records.c.sequence)):
        signed = row.envelope + row.signature
        yield len(signed).to_bytes(4, "big") + signed


def _pack(to: BinaryIO, files: Iterator[tuple[str, bytes]]) -> None:
    with tarfile.open(fileobj=to, mode="w", format=tarfile.USTAR_FORMAT) as packed:
        for name, data in files:
            _add(packed, name, data)


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="run the backup as root: the keyholder's files are another user's",
        ) from error


def _add(packed: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(data), 0o600
    packed.addfile(entry, BytesIO(data))


def _segments(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield path.relative_to(folder).as_posix(), path.read_bytes()


def _unwritable(folder: Path, error: OSError) -> Unwritable:
    return Unwritable(
        f"cannot write the backup to {folder}: {error.strerror or error}",
        then="free space there or name another folder; the parts that are there stay as they are",
    )
