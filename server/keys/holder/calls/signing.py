"""What the vault signs for others to believe."""

from __future__ import annotations

from dataclasses import dataclass

from contract.grant import Work
from server.keys.holder.calls.asking import Caller


@dataclass(frozen=True, slots=True)
class Trust:
    """Give the trust pack; it lies in the keyholder's folder, so also while locked."""


@dataclass(frozen=True, slots=True)
class TrustPack:
    """The trust pack, and the issuing CA's certificate (DER) for the chain of the leaf."""

    pack: bytes
    issuing: bytes


@dataclass(frozen=True, slots=True)
class SignMark:
    """Sign the audit's newest line, as a `mark` keeps it; each number is signed once."""

    line: bytes


@dataclass(frozen=True, slots=True)
class Signature:
    """64 bytes by the vault signing key."""

    signature: bytes


@dataclass(frozen=True, slots=True)
class SignManifest:
    """Sign an export's manifest; needs a grant to export its range."""

    by: Caller
    manifest: bytes  # its JSON, as contract.manifest spells it
    lot: bytes | None


@dataclass(frozen=True, slots=True)
class GrantEdge:
    """Let the server ask an edge for one work, once, by the nonce that the edge gave for it."""

    by: Caller
    lot: bytes
    certificate: bytes  # the edge's
    work: Work
    nonce: bytes


@dataclass(frozen=True, slots=True)
class EdgeGranted:
    """What the edge is shown: a grant of the contract."""

    grant: bytes


@dataclass(frozen=True, slots=True)
class IssueLeaf:
    """Sign a certificate for the server's TLS key, for names in the lot's own network."""

    by: Caller
    csr: bytes  # DER


@dataclass(frozen=True, slots=True)
class Leaf:
    """The leaf and the issuing CA (DER), and when it should be renewed (µs UTC)."""

    leaf: bytes
    issuing: bytes
    renew_at: int
