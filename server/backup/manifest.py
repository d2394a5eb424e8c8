"""What one part of a backup holds: enough to see that it is whole, and where the audit stood.

It is not signed: a backup is made while the vault is locked. What it holds proves itself, since
every record, line and certificate in it is signed; `restore` ends with `verify`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from contract import canonical
from contract.audit import AuditHead, audit_head
from contract.canonical import Fields, Malformed, sized, within
from contract.head import ID_BYTES
from contract.manifest import ExportFile
from lot.errors import Damaged, Unreadable

Kind = Literal["data", "keys"]
NAME = "manifest.json"

_KINDS: tuple[Kind, ...] = get_args(Kind)
_BYTES_MAX = 1024 * 1024
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartManifest:
    """One part: which, of whom, made when, its files."""

    kind: Kind
    id: bytes
    server: bytes
    made: int  # µs UTC
    audit: AuditHead
    files: tuple[ExportFile, ...]

    def __post_init__(self) -> None:
        sized("id", self.id, ID_BYTES)
        sized("server", self.server, ID_BYTES)
        within("made", self.made, 0)
        if any(a.name >= b.name for a, b in pairwise(self.files)):
            raise Malformed("files are not by name, each once")


def encoded(manifest: PartManifest) -> bytes:
    return canonical.encoded({"v": canonical.VERSION, **asdict(manifest)})


@canonical.reading("a backup's manifest")
def decoded(data: bytes) -> PartManifest:
    """Return the manifest that canonical bytes spell; Damaged for all other bytes."""
    read = Fields(canonical.decoded(data, bytes_max=_BYTES_MAX), _FIELDS)
    read.version()
    return PartManifest(
        kind=read.word("kind", _KINDS),
        id=read.octets("id"),
        server=read.octets("server"),
        made=read.whole("made"),
        audit=read.of("audit", audit_head),
        files=read.entries("files", _file),
    )


def checked(folder: Path, kind: Kind) -> PartManifest:
    """Return the manifest of a part whose every file is as it was written."""
    try:
        found = decoded((folder / NAME).read_bytes())
        there = described(folder, [one.name for one in found.files])
    except OSError as error:
        raise Unreadable(
            f"cannot read the backup {folder}: {error.strerror}", then="name another one"
        ) from error
    if found.kind != kind:
        raise Damaged(f"{folder} is the {found.kind} part", then=f"name a {kind} part")
    if there != found.files:
        raise Damaged(f"{folder} was altered or is not whole", then="restore from another one")
    return found


def described(folder: Path, names: Sequence[str]) -> tuple[ExportFile, ...]:
    """Return the files of a folder by name, each with its size and hash."""
    return tuple(_described(folder / name) for name in sorted(names))


def _described(path: Path) -> ExportFile:
    hashed, size = hashlib.sha256(), 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            hashed.update(chunk)
            size += len(chunk)
    return ExportFile(path.name, size, hashed.digest())


def _file(value: object, path: str) -> ExportFile:
    read = Fields(value, ("name", "size", "hash"), within=path)
    return ExportFile(read.text("name"), read.whole("size"), read.octets("hash"))


_FIELDS = frozenset(one.name for one in fields(PartManifest)) | {"v"}
