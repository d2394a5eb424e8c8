"""Which cars there is something to tell of: who came and is listed, who stays for long. Pure.

A rule is made by an owner and says what may be told; who asks only says what it told already, by
marks that name no car.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Literal

from server.desk.matching import MINUTE_US, hits
from server.desk.values import Known
from server.visits.values import Visit

HOUR_US = 60 * MINUTE_US
ARRIVES_US = HOUR_US  # who came before is no news: the vault was locked meanwhile
NAMED_MAX = 5  # in one message; the rest is a number

Kind = Literal["listed", "overstay"]
Mark = Callable[[str], bytes]  # a visit's id to what stands for it


@dataclass(frozen=True, slots=True)
class Telling:
    """What a rule lets be told."""

    kind: str
    hours: int | None
    quiet_minutes: int
    plates: bool

    def since(self, now: int) -> int:
        """Return since when an arrival is news: what came in quiet time is told after it."""
        return now - ARRIVES_US - self.quiet_minutes * MINUTE_US


@dataclass(frozen=True, slots=True)
class Named:
    """What a message may say of a car, where its rule lets plates leave."""

    at: int
    plate: str | None = field(repr=False)
    perhaps: str | None = field(repr=False)  # the listed plate, where it was read otherwise
    list: str | None


@dataclass(frozen=True, slots=True)
class Noticed:
    """A car there is something to tell of: a mark that is the same each time, and no more."""

    mark: bytes
    named: Named | None


def noticed(
    rule: Telling,
    visits: Iterable[Visit],
    known: Iterable[Known],
    told: Collection[bytes],
    mark: Mark,
    now: int,
) -> list[Noticed]:
    """Return the cars that a rule tells of and that were not told, the few it may name first."""
    found = _listed(rule, visits, known, now) if rule.kind == "listed" else []
    if rule.kind == "overstay":
        found = _overstays(rule, visits, now)
    new: dict[bytes, Named] = {}
    for visit, named in found:
        marked = mark(visit.id)
        if marked not in told:
            new.setdefault(marked, named)
    return [
        Noticed(marked, named if rule.plates and number < NAMED_MAX else None)
        for number, (marked, named) in enumerate(new.items())
    ]


def _listed(
    rule: Telling, visits: Iterable[Visit], known: Iterable[Known], now: int
) -> list[tuple[Visit, Named]]:
    """Return who came and is on a list that alarms, the same plates before the like ones."""
    since, listed = rule.since(now), [one for one in known if one.alarm]
    came = [one for one in visits if one.entered_at is not None and since < one.entered_at <= now]
    return [
        (hit.visit, Named(hit.visit.at, hit.visit.plate, perhaps, hit.known.list))
        for hit in hits(listed, came)
        for perhaps in [None if hit.likeness == "same" else hit.known.plate]
    ]


def _overstays(rule: Telling, visits: Iterable[Visit], now: int) -> list[tuple[Visit, Named]]:
    """Return who is inside for longer than a rule allows, the longest first."""
    most = (rule.hours or 0) * HOUR_US
    late = [one for one in visits if one.inside and now - one.at >= most]
    ordered = sorted(late, key=lambda one: (one.at, one.id))
    return [(one, Named(one.at, one.plate, None, None)) for one in ordered]
