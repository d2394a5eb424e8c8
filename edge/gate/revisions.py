"""What is said of an event while it may change, and its last word (rule 13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from edge.gate.sightings import Sighting
from edge.gate.state import Named, Provisional
from edge.gate.values import GateSettings, Ids, Part, PassageKey, Verdict
from edge.values import Passage
from edge.voting import Voted

APART = timedelta(seconds=2)
REVISIONS_MOST = 10  # of one event; the last is kept for the final one
SURER = 0.05  # confidence that is worth a revision

EventKey = tuple[PassageKey, Part]


@dataclass(frozen=True, slots=True)
class Draft:
    """A sighting and its events as they would be if nothing changed any more."""

    sighting: Sighting
    verdicts: tuple[Verdict, ...]

    def by_key(self) -> dict[EventKey, Verdict]:
        parts: tuple[Part, ...] = (1, 2)
        return {
            (self.sighting.key, part): verdict
            for part, verdict in zip(parts, self.verdicts, strict=False)
        }


class Revisions:
    """Remembers what was told of each event that is not final."""

    def __init__(self, settings: GateSettings, ids: Ids) -> None:
        self._settings = settings
        self._ids = ids
        self._told: dict[EventKey, Provisional] = {}
        self._names: dict[EventKey, str] = {}

    def restore(self, told: Iterable[Provisional], named: Iterable[Named]) -> None:
        """Go on where another gate's revisions left off."""
        self._told |= {(one.passage, one.part): one for one in told}
        self._names |= {(one.passage, one.part): one.id for one in named}

    @property
    def told(self) -> tuple[Provisional, ...]:
        return tuple(self._told.values())

    @property
    def named(self) -> tuple[Named, ...]:
        return tuple(Named(*key, id=name) for key, name in self._names.items())

    def name(self, first: Passage, part: Part, at: datetime) -> str:
        """Return an event's id, the same as long as its sighting begins with that passage."""
        key: EventKey = ((first.camera, first.id), part)
        if key not in self._names:
            self._names[key] = self._ids(first, part, at)
        return self._names[key]

    def due(self, draft: Draft, now: datetime) -> list[Verdict]:
        """Return the revisions that are due of a sighting that may still change."""
        current = draft.by_key()
        found = []
        for key, verdict in current.items():
            told = self._told.get(key)
            if told is None:
                if ready(draft.sighting, self._settings, now):
                    found.append(self._tell(key, replace(verdict, final=False), now))
            elif self._worth(verdict, told, now):
                revision = told.verdict.revision + 1
                found.append(self._tell(key, replace(verdict, revision=revision, final=False), now))
        for key, told in self._withdrawn(draft, current):
            void = _void(told, draft)
            if self._worth(void, told, now):
                found.append(self._tell(key, replace(void, final=False), now))
        return found

    def last(self, draft: Draft) -> list[Verdict]:
        """Return the final revisions of a sighting, and forget it."""
        current = draft.by_key()
        found = []
        for key, verdict in current.items():
            told = self._told.get(key)
            found.append(replace(verdict, revision=told.verdict.revision + 1 if told else 1))
        found += [
            replace(_void(told, draft), final=True) for _, told in self._withdrawn(draft, current)
        ]
        keys = {one.key for one in draft.sighting.members}
        for table in (self._told, self._names):
            for key in [key for key in table if key[0] in keys]:
                del table[key]
        return found

    def _tell(self, key: EventKey, verdict: Verdict, now: datetime) -> Verdict:
        self._told[key] = Provisional(*key, verdict, now)
        return verdict

    def _withdrawn(
        self, draft: Draft, current: dict[EventKey, Verdict]
    ) -> list[tuple[EventKey, Provisional]]:
        """Return what was told of the sighting's passages and is no event after all."""
        keys = {one.key for one in draft.sighting.members}
        return [
            (key, told) for key, told in self._told.items() if key[0] in keys and key not in current
        ]

    def _worth(self, verdict: Verdict, told: Provisional, now: datetime) -> bool:
        before = told.verdict
        if now - told.at < APART or before.revision >= REVISIONS_MOST - 1:
            return False
        return (verdict.plate, verdict.kind, verdict.flags) != (
            before.plate,
            before.kind,
            before.flags,
        ) or (verdict.confidence or 0.0) - (before.confidence or 0.0) >= SURER


def ready(s: Sighting, settings: GateSettings, now: datetime) -> bool:
    """Say whether a sighting's first revision is due."""
    if s.voted is None:
        return all(one.passage.ended for one in s.members) or now - s.first_seen >= settings.window
    return agreed(s.voted, settings.sure) or any(
        one.passage.ended and one.voted is not None for one in s.members
    )


def agreed(voted: Voted, sure: float) -> bool:
    """Say whether two readings agree, and surely enough to tell them."""
    return voted.agreeing >= 2 and voted.confidence >= sure


def _void(told: Provisional, draft: Draft) -> Verdict:
    """Withdraw an event: it is of another one's sighting, or of none (then it names itself)."""
    before = told.verdict
    stands_for = draft.verdicts[0].id if draft.verdicts else before.id
    return replace(
        before,
        kind="void",
        kind_by=None,
        refers=stands_for,
        flags=(),
        revision=before.revision + 1,
    )
