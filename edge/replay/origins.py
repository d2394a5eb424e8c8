"""Which file a passage comes from, for an event's id, its place in the film, and its score."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import replace

from edge.gate.values import PassageKey, Verdict
from edge.replay.watchers import Watchers, prefixes
from edge.sources.choosing import Input
from edge.sources.files import Recording, digest
from edge.stamping import Origin
from lot.errors import LotError
from lot.times import moment


class Origins:
    """The recordings of one replay. Their hashes are made aside: a large file takes seconds."""

    def __init__(self, items: Sequence[Input], watchers: Watchers) -> None:
        self._items = items
        self._watchers = watchers
        self._prefixes = prefixes(items)
        self._run: dict[str, int] = {}
        self._hashes: list[Future[bytes]] = [Future() for _ in items]
        # A daemon: who ends the replay at once does not wait for a large file's hash.
        threading.Thread(target=self._hash, daemon=True).start()
        self._files: dict[str, frozenset[int]] = {}

    def _hash(self) -> None:
        for item, future in zip(self._items, self._hashes, strict=True):
            try:
                future.set_result(digest(item.path))
            except LotError:
                # It went away or bad since it was opened; its name must do for its events' ids.
                future.set_result(hashlib.sha256(str(item.path).encode()).digest())

    def enter(self, run: Sequence[int]) -> None:
        """Begin a run of recordings: undated ones name their passages alike, and stand alone."""
        self._run = {self._prefixes[number]: number for number in run}

    def of(self, passage: PassageKey) -> Origin:
        """Return the recording that a passage of this run was seen in."""
        number = self._number(passage)
        item = self._items[number]
        micros = self._watchers.times(number).micros if isinstance(item, Recording) else ()
        drawn = moment(micros[0]) if micros else None
        return Origin(self._hashes[number].result(), drawn, item.start.known)

    def at_its_frame(self, verdict: Verdict) -> Verdict:
        """Let an unread event's best moment be its frame's; a read one's is its reading's."""
        if verdict.best is not None or verdict.frame is None:
            return verdict
        shown = self._watchers.times(self._number(verdict.best_passage)).of(verdict.frame)
        if shown is None or not verdict.first_seen <= moment(shown) <= verdict.last_seen:
            return verdict
        return replace(verdict, best_at=moment(shown))

    def remember(self, verdict: Verdict) -> None:
        """Keep which files an event was seen in."""
        self._files[verdict.id] = frozenset(map(self._number, verdict.passages))

    def files_of(self, event: str) -> frozenset[int]:
        """Return the places of the recordings in which an event was seen."""
        return self._files[event]

    def _number(self, passage: PassageKey) -> int:
        start, dot, _ = passage[1].rpartition(".")
        return self._run[start + dot]
