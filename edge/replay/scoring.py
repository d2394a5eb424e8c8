"""The run held against a truth file: whose row was found, missed, misread, and what was false."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from contract.event import Event
from edge.replay.origins import Origins
from edge.replay.watchers import Watchers
from edge.scoring import Claim, Row, Score, TimeOf, of_inputs, score, truth_rows
from edge.sources.choosing import Input


class Scoring:
    """A truth file laid beside the recordings of a run; it is read before any work is done."""

    def __init__(self, path: Path, items: Sequence[Input]) -> None:
        self._items = items
        self._rows, self.absent = of_inputs(truth_rows(path), [item.path for item in items])

    def score(
        self, events: Iterable[Event], origins: Origins, watchers: Watchers, seen: Sequence[int]
    ) -> Score:
        """Score what was told; recordings of which nothing was seen have all their rows missed."""
        rows = [
            Row(str(path), row.plate, row.first_frame, row.last_frame)
            for path, its in self._rows.items()
            for row in its
        ]
        return score(rows, claims(events, origins, self._items), times(self._items, watchers, seen))


def claims(events: Iterable[Event], origins: Origins, items: Sequence[Input]) -> list[Claim]:
    """Return what final events say, their videos by the paths of the recordings."""
    return [
        Claim(
            event.id,
            frozenset(str(items[number].path) for number in origins.files_of(event.id)),
            event.plate,
            event.first_seen,
            event.last_seen,
        )
        for event in events
    ]


def times(items: Sequence[Input], watchers: Watchers, seen: Sequence[int]) -> TimeOf:
    """Return when the frames of the recordings were; a recording not seen has none."""
    of_video = {str(items[number].path): watchers.watched(number) for number in seen}

    def time_of(video: str, frame: int) -> int:
        watched = of_video.get(video)
        return (watched.times.of(frame) if watched else None) or 0

    return time_of
