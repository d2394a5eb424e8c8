"""An outbox on a disk that loses what was not synced, and what must be left of it."""

from __future__ import annotations

import shutil
from contextlib import closing
from dataclasses import dataclass
from datetime import timezone
from pathlib import Path
from random import Random

from contract import record, signature
from contract.digest import H
from edge.delivery.delivering import Keys, writer_of
from edge.delivery.outbox import Outbox
from edge.delivery.room import Room
from tests.edge.delivery import lot, power
from tests.edge.delivery.power import Said, Step

# Enough for two checkpoints of SQLite's log, which is where a lost write would hurt most.
EVENTS = 40
PICTURE_BYTES = 250_000


def an_outbox(folder: Path) -> Outbox:
    places, identity = lot.enrolled(folder)
    writer = writer_of(identity, Keys(places, identity), timezone.utc, lambda: lot.NOON)
    return Outbox(Room(places.outbox, 1 << 30), writer, identity.public)


def recorded(folder: Path, *, synchronous: str | None = None) -> list[Step]:
    """Put events, and return all that SQLite did; `synchronous` is another level than ours."""
    folder.mkdir(mode=0o700, parents=True)
    with power.watched(folder) as steps, closing(an_outbox(folder)) as outbox:
        if synchronous is not None:
            outbox._connection._connection.execute(f"PRAGMA synchronous = {synchronous}")
        for number in range(1, EVENTS + 1):
            picture = lot.picture(number, PICTURE_BYTES)
            said = lot.an_event(number, {"plate": picture})
            steps.append(Said(outbox.add(said, {"plate": picture})))
        return list(steps)  # as it is before closing: that is no power cut


@dataclass(frozen=True, slots=True)
class Left:
    """What a power cut left of what was said."""

    said: int
    kept: int

    @property
    def is_lost(self) -> bool:
        return self.kept < self.said


def after_cut(steps: list[Step], at: int, random: Random, folder: Path) -> Left:
    """Cut the power after `at` steps, start anew, and look; what is there must be whole."""
    if folder.exists():
        shutil.rmtree(folder)
    said = power.cut(steps[:at], random, folder)
    with closing(an_outbox(folder)) as outbox:
        kept = outbox.counts().last
        check_whole(outbox)
        assert outbox.add(lot.an_event(EVENTS + 1), {}) == kept + 1
    return Left(max(said, default=0), kept)


def check_whole(outbox: Outbox) -> None:
    """Refuse an outbox whose chain does not hold, or that lacks bytes it should have."""
    with outbox._connection.reading() as db:
        assert db.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        rows = db.execute("SELECT sequence, signed FROM records ORDER BY sequence").fetchall()
        parts = dict(db.execute("SELECT hash, sealed FROM parts"))
    c = signature.chain_start(lot.PUBLIC)
    for number, (sequence, signed) in enumerate(rows, start=1):
        assert sequence == number
        one = record.opened(signed, lot.PUBLIC, prev=c)
        assert all(H(parts[part.hash]) == part.hash for part in one.envelope.parts)
        c = one.c
