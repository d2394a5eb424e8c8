"""Records and details of audit lines: opened for somebody, or held beyond their time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from server.keys.holder.calls.asking import Caller
from server.keys.holder.calls.rows import SealedRow


@dataclass(frozen=True, slots=True)
class SealedRecord:
    """A record as it lies: envelope ‖ signature, its writer's certificate, wraps and parts."""

    record: bytes
    certificate: bytes
    wraps: tuple[bytes, ...]
    parts: Mapping[str, bytes]
    hold: SealedRow | None = None  # what opens it where its wraps are gone


@dataclass(frozen=True, slots=True)
class Open:
    """Open records for somebody; `reason` where the role must give one."""

    by: Caller
    records: tuple[SealedRecord, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OpenedRecord:
    """What the parts hold, by name; or why nothing of it is shown."""

    contents: Mapping[str, bytes] = field(repr=False)
    fault: str | None


@dataclass(frozen=True, slots=True)
class Opened:
    """Open records, in the order of the question."""

    records: tuple[OpenedRecord, ...]


@dataclass(frozen=True, slots=True)
class SealedDetail:
    """An audit line, its sealed detail, and the wrap of the key that this lies under."""

    line: bytes
    detail: bytes
    wrap: bytes


@dataclass(frozen=True, slots=True)
class OpenDetails:
    """Open the details of audit lines."""

    by: Caller
    details: tuple[SealedDetail, ...]


@dataclass(frozen=True, slots=True)
class OpenedDetail:
    """What a detail says, as JSON; or why nothing of it is shown."""

    content: bytes | None = field(repr=False)
    fault: str | None


@dataclass(frozen=True, slots=True)
class DetailsOpened:
    """Open details, in the order of the question."""

    details: tuple[OpenedDetail, ...]


@dataclass(frozen=True, slots=True)
class Hold:
    """Hold an event: keep what opens its parts under the people key, as a row of this version."""

    by: Caller
    records: tuple[SealedRecord, ...]  # every revision
    reason: str
    version: int
