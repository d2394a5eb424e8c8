"""What is looked for in the index, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

from server.desk import noticing
from server.index.asked import FoundEvent, FoundVisit, Query
from server.index.counted import Span
from server.keys.holder.calls.asking import Caller
from server.keys.holder.calls.rows import SealedRow


@dataclass(frozen=True, slots=True)
class SearchEvents:
    """Find events."""

    by: Caller
    query: Query
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class SearchVisits:
    """Find visits."""

    by: Caller
    query: Query
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class OneVisit:
    """Show one visit by its id."""

    by: Caller
    lot: bytes
    visit: str
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """Which cars does a rule tell of? Asked in nobody's name: the rule says what may be told."""

    lot: bytes
    rule: SealedRow
    known: tuple[SealedRow, ...]  # plates on lists
    told: tuple[bytes, ...]  # the marks of cars that it told of


@dataclass(frozen=True, slots=True)
class Noticed:
    """Cars that were not told; a few by name where the rule lets plates leave."""

    cars: tuple[noticing.Noticed, ...]


@dataclass(frozen=True, slots=True)
class CountUp:
    """Give a lot's numbers over a range."""

    by: Caller
    lot: bytes
    span: Span


@dataclass(frozen=True, slots=True)
class SaidAbout:
    """What did people say about events?"""

    by: Caller
    lot: bytes
    events: tuple[str, ...]
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Sayings:
    """Statements as their records hold them, the earliest first."""

    statements: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class EventsFound:
    """A page of events."""

    rows: tuple[FoundEvent, ...]
    cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class VisitsFound:
    """A page of visits."""

    rows: tuple[FoundVisit, ...]
    cursor: str | None
    total: int
