"""Rows in, values out: an event or a visit as whoever asked is shown it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from server.index import search
from server.index.asked import FoundEvent, FoundVisit
from server.index.columns import (
    BY_WORDS,
    DIRECTION_WORDS,
    ENTRY,
    EXIT,
    KIND,
    NO_CONFIDENCE,
    REASON_WORDS,
    SEEN,
    VEHICLE_WORDS,
    Columns,
    kind_of,
    word_of,
)
from server.index.lot import Lot
from server.visits.values import VISIT_FLAGS, SightedKind, Visit

_DECIDED: Mapping[int, SightedKind] = {ENTRY: "entry", EXIT: "exit", SEEN: "seen"}
assert KIND.code("entry") == ENTRY  # the codes of what is decided are those of kinds


@dataclass(frozen=True, slots=True)
class Showing:
    """Reads events and visits off the columns."""

    columns: Columns
    lots: Mapping[bytes, Lot]

    def event(self, row: int) -> FoundEvent:
        columns = self.columns
        words, value = columns.words, columns.value
        visit, confidence = value("visit", row), value("confidence", row)
        flags = words["flags"].word(value("flags", row))
        lot = words["lot"].word(value("lot", row))
        assert lot is not None  # every row is of a lot
        return FoundEvent(
            lot=bytes.fromhex(lot),
            id=columns.id(row),
            edge=words["edge"].word(value("edge", row)) or "",
            revision=value("revision", row),
            final=bool(value("final", row)),
            kind=kind_of(value("kind", row)),
            kind_by=word_of(BY_WORDS, value("by", row)),
            decided=_DECIDED.get(value("decided", row)),
            visit=columns.id(visit - 1) if visit else None,
            plate=columns.plate(value("plate", row)),
            confidence=None if confidence == NO_CONFIDENCE else confidence,
            at=columns.at(row),
            first_seen=value("first", row),
            last_seen=value("last", row),
            camera=words["camera"].word(value("camera", row)) or "",
            lane=words["lane"].word(value("lane", row)),
            vehicle=word_of(VEHICLE_WORDS, value("vehicle", row)),
            direction=word_of(DIRECTION_WORDS, value("direction", row)),
            reason=word_of(REASON_WORDS, value("reason", row)),
            flags=tuple(flags.split(",")) if flags else (),
        )

    def visits(self, rows: Sequence[int]) -> Iterator[FoundVisit]:
        columns = self.columns
        decided = columns.column("decided")
        members = search.scanned(columns, lambda some: decided[some] == SEEN)
        of_these = np.isin(columns.column("visit")[members], np.array(rows, np.uint32) + 1)
        members = members[of_these]
        during: dict[int, list[int]] = {}
        for row in members:
            during.setdefault(columns.value("visit", int(row)) - 1, []).append(int(row))
        for row in rows:
            yield self._visit(row, during.get(row, []))

    def _visit(self, row: int, during: list[int]) -> FoundVisit:
        columns = self.columns
        partner = columns.value("partner", row)
        entered = columns.value("decided", row) == ENTRY
        entry = self.event(row) if entered else None
        exit_row = row if not entered else partner - 1
        exit_ = self.event(exit_row) if exit_row >= 0 else None
        any_end = entry or exit_
        assert any_end is not None  # a visit has one end at least
        flags = columns.value("said", row)
        left_at = exit_.last_seen if exit_ else None
        if left_at is None:
            words = self.lots[any_end.lot].words
            ids = (columns.id(n) for n in (row, *during))
            left_at = next((words.left[one] for one in ids if one in words.left), None)
        visit = Visit(
            plate=columns.plate(columns.value("told", row)),
            entry=entry.id if entry else None,
            exit=exit_.id if exit_ else None,
            entered_at=entry.first_seen if entry else None,
            left_at=left_at,
            probability=columns.value("chance", row),
            flags=tuple(sorted(f for n, f in enumerate(VISIT_FLAGS) if flags & (1 << n))),
            during=tuple(columns.id(n) for n in sorted(during, key=columns.at)),
        )
        return FoundVisit(any_end.lot, visit, entry, exit_)
