"""What of a lot is no row, and what of it is to be told or written anew.

What people said, and how dark it was, is put together when it is asked for: segments come a few
at a time, and each of a year's would put together all that came before it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo

from contract.blind import Blind
from server.index.days import bounds
from server.records.statements import Statement
from server.visits.corrections import Said, said
from server.visits.darkness import Darkness, darkness
from server.visits.lessons import Lessons, plain


@dataclass(slots=True)
class Lot:
    """A lot beside its rows."""

    id: bytes
    zone: tzinfo
    lessons: Lessons = field(default_factory=plain)
    statements: dict[str, Statement] = field(default_factory=dict)
    blind: dict[str, tuple[int, Blind]] = field(default_factory=dict)  # by record id, its `at`
    touched: set[str] = field(default_factory=set)  # plates whose visits are to be told anew
    unread: bool = False  # whether the visits of unread vehicles are
    changed: set[int] = field(default_factory=set)  # days whose segment is older than the rows
    _words: Said | None = None
    _darkness: Darkness | None = None

    @property
    def words(self) -> Said:
        """Return what counts of all that people said."""
        if self._words is None:
            self._words = said(self.statements.values())
        return self._words

    @property
    def darkness(self) -> Darkness:
        """Return when the lot's cameras saw nothing."""
        if self._darkness is None:
            self._darkness = darkness(one for _, one in self.blind.values())
        return self._darkness

    def keep(self, statements: dict[str, Statement], blind: dict[str, tuple[int, Blind]]) -> None:
        """Keep more of what stands beside the rows."""
        self.statements |= statements
        self.blind |= blind
        self._words = self._words if not statements else None
        self._darkness = self._darkness if not blind else None

    def forget(self, ids: frozenset[str]) -> None:
        """Forget statements and blind time."""
        self.statements = {n: one for n, one in self.statements.items() if n not in ids}
        self.blind = {n: one for n, one in self.blind.items() if n not in ids}
        self._words = self._darkness = None

    def statements_of(self, day: int) -> list[Statement]:
        """Return what was said on a day."""
        first, last = bounds(day, self.zone)
        return [one for one in self.statements.values() if first <= one.at < last]

    def blind_of(self, day: int) -> list[tuple[str, int, Blind]]:
        """Return a day's blind time, with its record's id and at."""
        first, last = bounds(day, self.zone)
        return [(i, at, one) for i, (at, one) in self.blind.items() if first <= at < last]
