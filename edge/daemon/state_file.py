"""What a restart must find: the gate's state, sealed; and the heartbeat, which says nothing.

The key is the server's and lies in memory alone, so the disk of a stolen edge tells no plate.
The heartbeat is in clear: without it nobody knew how long the gate was blind.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from edge.gate.state import GateState, decoded, encoded
from lot.errors import Damaged
from lot.files import write_private
from lot.times import microseconds, moment

MARK = b"LKG1"
_NONCE_BYTES = 12
_BOUND = b"lot/gate-state/1"


@dataclass(frozen=True, slots=True)
class Kept:
    """All that is kept: the gate, and which of the server's statements it was told.

    And by event what its last revision named its pictures, for as long as it is not final.
    """

    gate: GateState | None = None
    settled: tuple[tuple[str, str], ...] = ()
    named: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


class StateFile:
    """The sealed state of one edge's gate."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self, key: bytes, edge: bytes) -> Kept:
        """Return what was kept, if anything was; Damaged where it is unsound."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return Kept()
        head = len(MARK) + _NONCE_BYTES
        if data[: len(MARK)] != MARK or len(data) < head:
            raise _unsound(self._path)
        try:
            plain = AESGCM(key).decrypt(data[len(MARK) : head], data[head:], _BOUND + edge)
            said = json.loads(plain)
            gate = None if said["gate"] is None else decoded(said["gate"])
            settled = tuple((str(event), str(side)) for event, side in said["settled"])
            named = {str(event): dict(one) for event, one in said.get("named", {}).items()}
            return Kept(gate, settled, named)
        except (InvalidTag, ValueError, KeyError, TypeError, AttributeError):
            raise _unsound(self._path) from None

    def write(self, kept: Kept, key: bytes, edge: bytes) -> None:
        """Keep it; when this returns it is on the disk."""
        nonce = os.urandom(_NONCE_BYTES)
        gate = None if kept.gate is None else encoded(kept.gate)
        said = {"gate": gate, "settled": kept.settled, "named": kept.named}
        plain = json.dumps(said, separators=(",", ":")).encode()
        write_private(self._path, MARK + nonce + AESGCM(key).encrypt(nonce, plain, _BOUND + edge))

    def put_aside(self) -> Path:
        """Keep what cannot be read under another name, for whoever wants to look."""
        aside = self._path.with_suffix(".unsound")
        self._path.replace(aside)
        return aside


class Heartbeat:
    """When each camera last gave a good picture, as the disk knows it; and the very first start."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._first: int | None = None
        self._seen: dict[str, int] = {}
        try:
            said = json.loads(path.read_bytes())
            self._first = int(said["first_start"])
            self._seen = {str(name): int(at) for name, at in said["seen"].items()}
        except FileNotFoundError:
            return
        except (ValueError, KeyError, TypeError, AttributeError):
            # Losing it costs the length of one blindness; refusing to start costs the night.
            self._first, self._seen = None, {}

    def begun(self, now: datetime) -> datetime:
        """Return when the gate was started for the very first time."""
        if self._first is None:
            self._first = microseconds(now)
            self.beat({})
        return moment(self._first)

    def seen(self, camera: str) -> datetime | None:
        at = self._seen.get(camera)
        return None if at is None else moment(at)

    @property
    def newest(self) -> datetime | None:
        return moment(max(self._seen.values())) if self._seen else None

    def beat(self, seen: Mapping[str, datetime]) -> None:
        """Note when cameras last saw."""
        self._seen.update({name: microseconds(at) for name, at in seen.items()})
        said = {"first_start": self._first, "seen": self._seen}
        write_private(self._path, json.dumps(said).encode())


def _unsound(path: Path) -> Damaged:
    return Damaged(
        f"the gate's state in {path} cannot be opened",
        then="it is put aside, and who is inside is learned anew",
    )
