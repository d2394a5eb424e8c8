"""How a replay went: counts for a program, and the same in words for a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import tzinfo
from pathlib import Path

from contract.event import Event
from edge.comparing import Row, compared, row_of
from edge.comparing import table as comparison_table
from edge.gate.values import Uncounted
from edge.replay.telling import tell_summary, uncounted_words


class Summary:
    """Grows by what there is to say, in the order in which a person reads it."""

    def __init__(self, events: Sequence[Event], table: Path, *, refused: int) -> None:
        self._events = events
        self._counts: dict[str, object] = {"events": len(events), "refused": refused}
        self._words = [f"{len(events)} {'event' if len(events) == 1 else 'events'} in {table}"]

    def add(self, counts: Mapping[str, object], words: Sequence[str]) -> None:
        self._counts |= counts
        self._words += words

    def add_uncounted(self, uncounted: Mapping[Uncounted, int]) -> None:
        """Say what was seen and made no event."""
        if uncounted:
            self.add({"uncounted": dict(uncounted)}, uncounted_words(uncounted))

    def add_comparison(self, old: list[Row] | None, zone: tzinfo) -> None:
        """Say what changed against an older table, if one was named."""
        if old is not None:
            comparison = compared(old, [row_of(event) for event in self._events])
            self.add({"compared": comparison.summary()}, [*comparison_table(comparison, zone)])

    def tell(self, *, as_json: bool) -> None:
        tell_summary(self._counts, self._words, as_json=as_json)
