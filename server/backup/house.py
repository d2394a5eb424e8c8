"""Where a server's files lie, as a backup takes them and puts them back.

In the keys part are wraps and segment keys, and of the keyholder's folder what opens the vault and
what its vouched rows are checked with. Not in it: the server's writer key, the TLS key, spent
one-time codes and the list of newest versions, which each machine has of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from sqlalchemy import Connection, select

from contract import audit
from contract.audit import AuditHead, Restore
from lot.errors import Damaged
from server.backup.taking import Sources
from server.settings import Places
from server.store import audit_lines, tables
from server.store.pictures import Pictures

_WRAPS, _SLOTS = "wraps", "slots"
_OF_THE_KEYHOLDER = ("vault", "trust.json", "founded.json", "holder.key")


def sources(places: Places, pictures: Pictures, server: bytes) -> Sources:
    """Return what a backup of this server is taken of."""
    return Sources(server, pictures, places.segments, lambda: _secrets(places))


def place_of_secret(places: Places, name: str) -> Path | None:
    """Return where a file of the keys part belongs, None for one that has no place."""
    first, *rest = PurePosixPath(name).parts
    if first == _WRAPS and rest:
        return places.wraps.joinpath(*rest)
    if first == _SLOTS and len(rest) == 1:
        return places.keys / _SLOTS / rest[0]
    return places.keys / first if first in _OF_THE_KEYHOLDER and not rest else None


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
    for path in sorted(places.wraps.rglob("*")):
        if path.is_file() and not path.name.startswith("."):  # not what is half written
            yield f"{_WRAPS}/{path.relative_to(places.wraps).as_posix()}", path
    for path in sorted((places.keys / _SLOTS).glob("*.slot")):
        yield f"{_SLOTS}/{path.name}", path
    for name in _OF_THE_KEYHOLDER:
        yield name, places.keys / name
