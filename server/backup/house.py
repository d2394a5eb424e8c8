"""Where a server's files lie, as a backup takes them and puts them back.

In the keys part are wraps and segment keys, and of the keyholder's folder what opens the vault and
what its vouched rows are checked with. Not in it: the server's writer key, the TLS key, spent
one-time codes and the list of newest versions, which each machine has of its own.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, select

from contract import audit
from contract.audit import AuditHead, Restore
from contract.head import ID_BYTES
from lot.errors import Damaged, Unwritable
from lot.files import write_private
from server.backup.taking import Sources, take_keys
from server.records.own_chain import key_in
from server.settings import Places
from server.store import audit_lines, tables
from server.store.database import Database
from server.store.pictures import picture_folder
from server.trust_file import TrustFile

KEYS_PART = "keys_part"  # the chore that writes it anew, and the alarm where it cannot

_FRESH_US = 26 * 3_600_000_000  # a nightly timer is late by an hour or two

_WRAPS, _SEGMENT_KEYS, _SLOTS = "wraps", "segment-keys", "slots"
TRUST, FOUNDED = "trust.json", "founded.json"
_OF_THE_KEYHOLDER = ("vault", TRUST, FOUNDED, "holder.key")
_WHERE_THERE = ("vault.new", "keeper.json")  # of a rotation that was cut; of split mode


def sources(places: Places) -> Sources:
    """Return what a backup of this server is taken of."""
    return Sources(
        TrustFile(places.trust_pack).pack().server,
        key_in(places.service_key),
        picture_folder(places.pictures),
        places.segments,
        lambda: _secrets(places),
    )


def keys_anew(places: Places, database: Database, now: int) -> Path | None:
    """Write the keys part anew where the last backup went; None where none was ever made."""
    folder = noted_folder(places)
    if folder is None:
        return None
    if not folder.is_dir():
        raise Unwritable(
            f"the backup in {folder} is not there, so what was erased can be read in its copies",
            then="put its disk in, and run python -m server backup --keys-only with its folder",
        )
    with database.read() as read:
        head = newest_head(read)
        part = os.urandom(ID_BYTES)
        return take_keys(sources(places), read, folder, part=part, made=now, audit=head)


def note_folder(places: Places, folder: Path) -> None:
    """Remember where the last backup went: each erasure writes the keys part there anew."""
    write_private(places.backup, str(folder.resolve()).encode())


def is_fresh(places: Places, now: int) -> bool:
    """Say whether a backup ran within a day: who makes one every night needs no reminder."""
    try:
        made = places.backup.stat().st_mtime_ns // 1000
    except FileNotFoundError:
        return False
    return abs(now - made) < _FRESH_US


def noted_folder(places: Places) -> Path | None:
    """Return where the last backup went, None where none was made."""
    try:
        return Path(places.backup.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def place_of_secret(places: Places, name: str) -> Path | None:
    """Return where a file of the keys part belongs, None for one that has no place."""
    first, *rest = PurePosixPath(name).parts
    if first == _WRAPS and rest:
        return places.wraps.joinpath(*rest)
    if first == _SEGMENT_KEYS and rest:
        return places.segment_keys.joinpath(*rest)
    if first == _SLOTS and len(rest) == 1:
        return places.keys / _SLOTS / rest[0]
    known = (*_OF_THE_KEYHOLDER, *_WHERE_THERE)
    return places.keys / first if first in known and not rest else None


def newest_head(read: Connection) -> AuditHead:
    """Return where the audit stands: the newest line of the node that no restore ended."""
    c = tables.audit_lines.c
    first = select(c.detail).where(c.act == "restore", c.seq == 1)
    ended = {_node_before(detail) for detail in read.scalars(first)}
    living = sorted(audit_lines.nodes(read) - ended)
    if not living:
        return audit.NOTHING_SEEN
    return max((audit_lines.newest(read, node) for node in living), key=lambda one: one.seq)


def _node_before(detail: bytes) -> bytes:
    try:
        said = audit.detail_decoded("restore", detail)
    except Damaged:
        return b""  # verify tells of it
    return said.node if isinstance(said, Restore) else b""


def _secrets(places: Places) -> Iterator[tuple[str, Path]]:
    for name, folder in ((_WRAPS, places.wraps), (_SEGMENT_KEYS, places.segment_keys)):
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.name.startswith("."):  # not what is half written
                yield f"{name}/{path.relative_to(folder).as_posix()}", path
    for path in sorted((places.keys / _SLOTS).glob("*.slot")):
        yield f"{_SLOTS}/{path.name}", path
    for name in _OF_THE_KEYHOLDER:
        yield name, places.keys / name
    for name in _WHERE_THERE:
        if (places.keys / name).exists():
            yield name, places.keys / name
