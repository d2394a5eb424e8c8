"""Who may write: certificates, invitations, enrolment."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.audit import AuditHead
from contract.chain import Point
from server.keys.holder.calls.asking import Caller
from server.keys.holder.calls.rows import SealedRow, Version


@dataclass(frozen=True, slots=True)
class Certify:
    """Sign a writer's certificate: more cameras, or revoked with the last record that counts."""

    by: Caller
    certificate: bytes  # the one before, whose key and lot stay
    cameras: tuple[str, ...]
    until: Point | None


@dataclass(frozen=True, slots=True)
class CertifyServer:
    """Sign the certificate of the server's own writer."""

    by: Caller
    public: bytes


@dataclass(frozen=True, slots=True)
class Certified:
    """A certificate, whose `n` is its version; confirm it after the commit."""

    certificate: bytes
    writer: bytes
    n: int

    @property
    def version(self) -> Version:
        """Return how the keyholder knows it."""
        return Version.of("writers", self.writer, self.n, self.certificate)


@dataclass(frozen=True, slots=True)
class Invite:
    """Print a code for a new edge: good for 15 minutes, once."""

    by: Caller
    lot: bytes
    cameras: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Invited:
    """The code as it is shown, without its address."""

    code: str = field(repr=False)
    seconds: int


@dataclass(frozen=True, slots=True)
class Enrol:
    """Take an edge's request; `audit` is the newest head."""

    request: bytes
    audit: AuditHead


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What to store of the new edge, and what to answer it after the commit."""

    welcome: bytes
    certificate: bytes
    lot: bytes
    writer: bytes
    name: str
    n: int
    token_hash: bytes
    state_key: bytes = field(repr=False)
    api: SealedRow  # the certificate of its own API, under the people key

    @property
    def versions(self) -> tuple[Version, Version]:
        """Return how the keyholder knows the rows of it."""
        certified = Version.of("writers", self.writer, self.n, self.certificate)
        return certified, self.api.as_version
