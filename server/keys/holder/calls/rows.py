"""Rows that others keep: vouched for or sealed, each good by its newest version alone."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.digest import H
from server.keys.holder.bodies import Table
from server.keys.holder.calls.asking import Caller

GONE = b""  # the digest of a row that is deleted


@dataclass(frozen=True, slots=True)
class Version:
    """A version of a row or certificate, by the table it stands in."""

    table: str
    id: bytes
    version: int
    digest: bytes  # of its bytes; GONE: the row is deleted with it

    @classmethod
    def of(cls, table: str, id_: bytes, version: int, data: bytes) -> Version:
        """Return the version of a row that consists of these bytes; of none, it is deleted."""
        return cls(table, id_, version, H(data) if data else GONE)


@dataclass(frozen=True, slots=True)
class Vouch:
    """Vouch for an account's or device's new version; it is noted, confirm it after the commit."""

    by: Caller
    table: Table
    body: bytes


@dataclass(frozen=True, slots=True)
class SetPassword:
    """Derive a password's hash, as the account's body keeps it."""

    by: Caller
    password: str = field(repr=False)
    pepper: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class PasswordMade:
    """A password's fields for an account's body."""

    salt: bytes
    memory_kib: int
    rounds: int
    hash: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Mac:
    """The keyholder's mac over a body."""

    mac: bytes


@dataclass(frozen=True, slots=True)
class ConfirmVersions:
    """These versions are committed: the ones before them count no more."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class UnsettledVersions:
    """Which versions were noted, and never confirmed?"""


@dataclass(frozen=True, slots=True)
class Versions:
    """Versions of rows, the first that was noted first."""

    versions: tuple[Version, ...]


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A row under the people key, with its place."""

    table: str
    id: bytes
    version: int
    box: bytes  # empty where the row is deleted with this version

    @property
    def as_version(self) -> Version:
        """Return how the keyholder knows it."""
        return Version.of(self.table, self.id, self.version, self.box)


@dataclass(frozen=True, slots=True)
class PlainRow:
    """A row's content as canonical JSON; empty where the row is deleted with this version."""

    table: str
    id: bytes
    version: int
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class RowsSeal:
    """Seal rows of a lot (None: of the whole server), and note their versions."""

    by: Caller
    lot: bytes | None
    rows: tuple[PlainRow, ...]


@dataclass(frozen=True, slots=True)
class RowsOpen:
    """Open rows of a lot that are the newest of their place; `reason` where one must be given."""

    by: Caller
    lot: bytes | None
    rows: tuple[SealedRow, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class RowsSealed:
    """Sealed rows, in the order of the question."""

    rows: tuple[SealedRow, ...]


@dataclass(frozen=True, slots=True)
class BeyondReach:
    """A row that the caller's right does not reach: its car is not inside."""


@dataclass(frozen=True, slots=True)
class RowsOpened:
    """Open rows, in the order of the question; None where one is damaged or was put back."""

    rows: tuple[PlainRow | BeyondReach | None, ...]
