"""An export's manifest: what it holds, how far the audit went, signed by the vault.

Whoever has the export can check it without us: the key's fingerprint stands on the recovery
sheet.
"""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from itertools import pairwise

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import canonical, signature
from contract.audit import AuditHead, audit_head
from contract.canonical import CONTROLS, Fields, Malformed, at_most, matching, sized, within
from contract.digest import DIGEST_BYTES, H
from contract.head import ID_BYTES

MANIFEST_BYTES_MAX = 4 * 1024 * 1024
FILES_MAX = 20_000  # with their longest names they stay within the bytes
NOTES_MAX = 64

# No folder and no hidden file: an export is unpacked by people.
_FILE = re.compile(rf"[^{CONTROLS}/\\.][^{CONTROLS}/\\]{{0,99}}")
_NOTE = re.compile(rf"[^{CONTROLS}]{{1,500}}")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """One file of an export."""

    name: str
    size: int
    hash: bytes

    def __post_init__(self) -> None:
        matching("a file's name", self.name, _FILE)
        within("a file's size", self.size, 0)
        sized("a file's hash", self.hash, DIGEST_BYTES)


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an export holds."""

    server: bytes
    made: int  # µs UTC
    by: bytes  # the person
    rows: int
    first: int | None  # µs UTC, of the range asked for
    last: int | None
    files: tuple[ExportFile, ...]
    notes: tuple[str, ...]  # what a reader of the files must know
    audit: AuditHead

    def __post_init__(self) -> None:
        sized("server", self.server, ID_BYTES)
        sized("by", self.by, ID_BYTES)
        for name in ("made", "rows", "first", "last"):
            within(name, getattr(self, name), 0)
        at_most("files", self.files, FILES_MAX)
        if any(a.name >= b.name for a, b in pairwise(self.files)):
            raise Malformed("files are not by name, each once")
        at_most("notes", self.notes, NOTES_MAX)
        for note in self.notes:
            matching("a note", note, _NOTE)


def encoded(manifest: Manifest) -> bytes:
    """Return the bytes that are signed."""
    data = canonical.encoded({"v": canonical.VERSION, **asdict(manifest)})
    at_most("a manifest's bytes", data, MANIFEST_BYTES_MAX)
    return data


def signed(manifest: Manifest, key: Ed25519PrivateKey) -> bytes:
    """Return the manifest's bytes ‖ signature."""
    return signature.signed(key, signature.EXPORT, encoded(manifest))


@canonical.reading("a manifest")
def opened(data: bytes, vault_public: bytes) -> Manifest:
    """Return the manifest that the vault signed; Damaged for all other bytes."""
    return read(signature.unsigned(vault_public, data, signature.EXPORT))


@canonical.reading("a manifest")
def read(message: bytes) -> Manifest:
    """Return what a manifest says before anybody signed it."""
    said = Fields(canonical.decoded(message, bytes_max=MANIFEST_BYTES_MAX), _FIELDS)
    said.version()
    return Manifest(
        server=said.octets("server"),
        made=said.whole("made"),
        by=said.octets("by"),
        rows=said.whole("rows"),
        first=said.either("first", said.whole),
        last=said.either("last", said.whole),
        files=said.entries("files", _file),
        notes=said.entries("notes", canonical.text),
        audit=said.of("audit", audit_head),
    )


@canonical.reading("the files of a manifest")
def check_files(manifest: Manifest, files: Mapping[str, ExportFile]) -> None:
    """Refuse files, by name, that are not those of the manifest."""
    for named in manifest.files:
        if files.get(named.name) != named:
            raise Malformed("a file is missing or was altered")
    if len(files) != len(manifest.files):
        raise Malformed("there is a file too many")


def export_file(name: str, content: bytes) -> ExportFile:
    """Return how a manifest names a file of so few bytes that they are at hand."""
    return ExportFile(name, len(content), H(content))


def _file(value: object, path: str) -> ExportFile:
    read = Fields(value, ("name", "size", "hash"), within=path)
    return ExportFile(read.text("name"), read.whole("size"), read.octets("hash"))


_FIELDS = frozenset(one.name for one in fields(Manifest)) | {"v"}
