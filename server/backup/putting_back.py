"""A backup put onto an empty machine: rows, less what was erased since, then the files they name.

Nothing here needs the vault. What does (a new writer's certificate, the erasures signed anew, and
`verify`) comes after unlocking, which proves that the keys are the owner's.
"""

from __future__ import annotations

import tarfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Protocol

from sqlalchemy import Connection, delete, func, select

from contract import canonical, opening, record, signature, trust
from contract.audit import AuditHead
from contract.canonical import Malformed
from contract.digest import H
from contract.head import Erased
from contract.trust import Certificate
from lot.errors import Damaged, Refused, Unreadable
from lot.files import write_private
from server.backup import manifest
from server.backup.house import TRUST
from server.backup.manifest import Kind, PartManifest
from server.backup.rows import load
from server.backup.taking import (
    CERTIFICATES,
    ERASURES,
    KEYS,
    ROWS,
    SEGMENTS,
    parts_of,
    picture_path,
)
from server.retention.finishing import remove_rows
from server.retention.running import Gone
from server.store.tables import pictures, records, tables, wraps

_ENTRY_BYTES_MAX = 64 * 1024 * 1024


class Pictures(Protocol):
    """Where sealed pictures are put."""

    def put(self, lot: bytes, name: bytes, data: bytes, /) -> object: ...


@dataclass(frozen=True, slots=True)
class Found:
    """The two parts that belong together, and whom the keys part certifies to write for it."""

    folder: Path
    data: PartManifest
    data_place: Path
    keys: PartManifest
    keys_place: Path
    servers: Mapping[bytes, Certificate]

    @property
    def audit(self) -> AuditHead:
        """Return where the old node stood when it was last heard of."""
        return max((self.data, self.keys), key=lambda one: one.made).audit


def chosen(folder: Path, data: str | None = None, keys: str | None = None) -> Found:
    """Return the newest whole parts, or those that are named; Damaged where one is not whole."""
    data_place, keys_place = _one(folder, "data", data), _one(folder, "keys", keys)
    stated, key_part = manifest.whole(data_place, "data"), manifest.whole(keys_place, "keys")
    if stated.manifest.server != key_part.manifest.server:
        raise Refused("data part and keys part are of two servers", then="name two of one server")
    if key_part.manifest.made < stated.manifest.made:
        raise Refused(
            "the keys part is older than the data part, some of which it could not open",
            then="name a newer keys part, or an older data part",
        )
    servers = _servers(keys_place / KEYS, key_part.manifest.server)
    for one in (stated, key_part):
        manifest.check_signer(one, servers)
    return Found(folder, stated.manifest, data_place, key_part.manifest, keys_place, servers)


def check_empty(read: Connection) -> None:
    """Refuse a database that has rows: nothing that is there is ever replaced."""
    for table in tables.sorted_tables:
        if read.scalar(select(func.count()).select_from(table)):
            raise Refused(
                f"the database is a server's: it has rows of {table.name}",
                then="name an empty one in LOT_DATABASE",
            )


def put_rows(found: Found, write: Connection) -> int:
    """Load the rows less what was erased since; return how many were loaded."""
    with (found.data_place / ROWS).open("rb") as file:
        rows = load(write, tables.sorted_tables, file)
    for gone in _erasures(found):  # also the older ones: a power cut may have left some half done
        remove_rows(write, gone.lot, gone.erased)
    return rows


def untold(found: Found, read: Connection) -> tuple[Gone, ...]:
    """Return the erasures of the keys part that no record here tells of: to be signed anew."""
    told = {_gone(envelope) for envelope in read.scalars(_ERASED)}
    return tuple(gone for gone in _erasures(found) if gone not in told)


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


def _erasures(found: Found) -> Iterator[Gone]:
    """Yield every erasure of the keys part; Damaged where no writer of the server's signed one."""
    data = (found.keys_place / ERASURES).read_bytes()
    with canonical.reading("the erasures of a backup"):
        at = 0
        while at < len(data):
            length = int.from_bytes(data[at : at + 4], "big")
            signed = data[at + 4 : at + 4 + length]
            if len(signed) != length or length <= signature.SIGNATURE_BYTES:
                raise Malformed("it is cut")
            at += 4 + length
            envelope, _ = signature.parted(signed)
            rights = found.servers.get(record.decoded(envelope).head.edge)
            if rights is None:
                raise Malformed("one is of no writer of the server's")
            opening.admitted(signed, rights)
            if (gone := _gone(envelope)) is not None:
                yield gone


def _gone(envelope: bytes) -> Gone | None:
    head = record.decoded(envelope).head
    return Gone(head.lot, head.gone) if isinstance(head.gone, Erased) else None


@canonical.reading("the certificates of a backup")
def _servers(packed: Path, server: bytes) -> Mapping[bytes, Certificate]:
    """Return the certificates of the server's own writers that a keys part holds."""
    pack, given = None, []
    for name, data in _entries(packed):
        if name == TRUST:
            pack = trust.pack_own(data)
        elif name.startswith(CERTIFICATES):
            given.append(data)
    if pack is None or pack.server != server:
        raise Malformed("the trust pack in it is missing, or another server's")
    found = (
        trust.certificate_decoded(one, vault_sign=pack.vault_sign, server=server) for one in given
    )
    return {one.writer: one for one in found if one.role == "server"}


def _unpacked(path: Path, place: Callable[[str], Path | None]) -> int:
    """Write each file that has a place."""
    count = 0
    for name, data in _entries(path):
        to = place(name)
        if to is not None:
            write_private(to, data)
            count += 1
    return count


def _entries(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield the files of an archive; one whose name leads out of its folder is damage."""
    try:
        with tarfile.open(path, "r:") as packed:
            for entry in packed:
                inside, file = PurePosixPath(entry.name), packed.extractfile(entry)
                is_ours = not inside.is_absolute() and ".." not in inside.parts
                if file is None or not is_ours or entry.size > _ENTRY_BYTES_MAX:
                    raise Damaged(
                        f"{path} holds something that no backup does", then="name another one"
                    )
                yield entry.name, file.read()
    except tarfile.TarError:
        raise Damaged(f"{path} is damaged", then="name another one") from None
