"""What one part of a backup holds: enough to see that it is whole, and where the audit stood.

The server's own writer signs it, since a backup is made while the vault is locked. That writer's
certificate lies in the keys part, and unlocking proves that the vault which gave it is the owner's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from itertools import pairwise
from pathlib import Path
from typing import Literal, get_args

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.audit import AuditHead, audit_head
from contract.canonical import Fields, Malformed, sized, within
from contract.head import ID_BYTES
from contract.manifest import ExportFile
from contract.trust import Certificate
from lot.errors import Damaged, Unreadable

Kind = Literal["data", "keys"]
NAME = "manifest.lkm"  # JSON and 64 bytes of signature, as an export's

_PURPOSE = b"lot/backup/1"
_KINDS: tuple[Kind, ...] = get_args(Kind)
_BYTES_MAX = 1024 * 1024
_CHUNK = 1024 * 1024


@dataclass(frozen=True, slots=True)
class PartManifest:
    """One part: which, of whom, made when and by which of the server's writers, its files."""

    kind: Kind
    id: bytes
    server: bytes
    writer: bytes
    made: int  # µs UTC
    audit: AuditHead
    files: tuple[ExportFile, ...]

    def __post_init__(self) -> None:
        sized("id", self.id, ID_BYTES)
        sized("server", self.server, ID_BYTES)
        sized("writer", self.writer, ID_BYTES)
        within("made", self.made, 0)
        if any(a.name >= b.name for a, b in pairwise(self.files)):
            raise Malformed("files are not by name, each once")


@dataclass(frozen=True, slots=True)
class Signed:
    """A manifest as it lies; who signed it is not looked at yet."""

    manifest: PartManifest
    message: bytes
    signature: bytes


def signed(manifest: PartManifest, key: Ed25519PrivateKey) -> bytes:
    """Return the file's bytes."""
    message = canonical.encoded({"v": canonical.VERSION, **asdict(manifest)})
    return signature.signed(key, _PURPOSE, message)


@canonical.reading("a backup's manifest")
def decoded(data: bytes) -> Signed:
    """Return the manifest that a file's bytes spell; Damaged for all other bytes."""
    message, given = signature.parted(data)
    read = Fields(canonical.decoded(message, bytes_max=_BYTES_MAX), _FIELDS)
    read.version()
    found = PartManifest(
        kind=read.word("kind", _KINDS),
        id=read.octets("id"),
        server=read.octets("server"),
        writer=read.octets("writer"),
        made=read.whole("made"),
        audit=read.of("audit", audit_head),
        files=read.entries("files", _file),
    )
    return Signed(found, message, given)


def whole(folder: Path, kind: Kind) -> Signed:
    """Return the manifest of a part whose every file is as it was written."""
    try:
        found = decoded((folder / NAME).read_bytes())
        there = described(folder, [one.name for one in found.manifest.files])
    except OSError as error:
        raise Unreadable(
            f"cannot read the backup {folder}: {error.strerror or error}", then="name another one"
        ) from error
    if found.manifest.kind != kind:
        raise Damaged(f"{folder} is the {found.manifest.kind} part", then=f"name a {kind} part")
    if there != found.manifest.files:
        raise Damaged(f"{folder} was altered or is not whole", then="restore from another one")
    return found


@canonical.reading("a backup's manifest that the server signed")
def check_signer(found: Signed, writers: Mapping[bytes, Certificate]) -> None:
    """Refuse a manifest that none of these writers of the server's signed."""
    rights = writers.get(found.manifest.writer)
    if rights is None or rights.server != found.manifest.server:
        raise Malformed("no writer of the server's is certified for it")
    signature.check(rights.public, found.signature, _PURPOSE, found.message)


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
