"""One plate forgotten before its time: what was seen of it, said about that, and written of it.

Single records go with rows, files and index; their part keys die with the day. That they went
together is seen for ever, so the person who asks is told what can still be read off.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select

from contract.audit import Act
from contract.plates import normalise
from lot.times import local_text, moment, zone
from server.access.ledger import Ledger
from server.api.parts import Parts
from server.backup.taking import DATA_DAYS
from server.exports import subject
from server.exports.exporting import Patient, Wish
from server.exports.opening import OF_A_PLATE, Finding, Opening
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.private.belongings import Belongings, Found, Seen
from server.private.rows import Private
from server.records.sealed import Kept, Shelf
from server.refusals import Changed, NotThere
from server.retention.plan import DAY, held_events, one_by_one
from server.retention.retaining import Retaining, retaining
from server.retention.running import Gone
from server.store import lots
from server.store.database import Database
from server.store.lots import Lot
from server.store.tables import records

EDGE_DAYS = 7  # of what an edge keeps though it was delivered

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Meant:
    """Whose records are to go, on what ground, and which doubtful ones a person said are theirs."""

    by: calls.Caller
    lot: bytes
    plate: str
    ground: str
    theirs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sight:
    """What would go of a plate, and what of it can still be read off afterwards."""

    events: tuple[str, ...]
    statements: tuple[str, ...]
    records: int  # revisions and all
    first: int | None  # µs UTC
    last: int | None
    doubtful: tuple[str, ...]  # may be theirs: a person says which are
    held: tuple[str, ...]  # a person holds them: they stay until the hold ends
    written: Found  # what people wrote down of it
    traces: Traces
    still: tuple[str, ...]  # the traces in words

    @property
    def is_empty(self) -> bool:
        """Say whether nothing would go."""
        return not (self.events or self.written.going)


@dataclass(frozen=True, slots=True)
class Traces:
    """For how long what was erased can still be met, and where."""

    keys_go: int | None  # µs UTC: when the last day's keys die; None where no event goes
    audit_days: int
    backup_days: int = DATA_DAYS
    edge_days: int = EDGE_DAYS


@dataclass(frozen=True, slots=True)
class Erasing:
    """Erases plates for who may."""

    database: Database
    keyholder: Keyholder
    pictures: Kept
    wraps: Kept
    retaining: Retaining
    belongings: Belongings
    ledger: Ledger

    def sight(self, meant: Meant) -> Sight:
        """Return what would go; nothing is changed, and the look is written down."""
        detail = {"plate": meant.plate, "of": "erase", "reason": meant.ground}
        self._written(meant, "search", detail)
        return self._sight(meant)

    def erase(self, meant: Meant) -> Sight:
        """Forget it under a fresh code; return what went."""
        granted = calls.Range(meant.lot, None, None)
        self.keyholder.check_grant(calls.CheckGrant(meant.by, "erase", granted))
        found = self._sight(meant)
        gone = self._gone(meant.lot, [*found.events, *found.statements])
        rows = found.written.going
        detail = {
            "plate": meant.plate,
            "ground": meant.ground,
            "records": found.records,
            "rows": len(rows),
        }
        self._written(meant, "plate_erased", detail)
        # Before the records: a ticket that bears no plate is found by its event alone.
        self.belongings.forget(meant.by, meant.lot, rows, normalise(meant.plate))
        if gone:
            self.retaining.erased(lambda: self._unheld(meant.lot, found, gone))
        return found

    def _unheld(self, lot: bytes, found: Sight, gone: list[Gone]) -> list[Gone]:
        """Return what goes, unless somebody holds one of the events since they were looked for."""
        with self.database.read() as read:
            held = held_events(read, lot)
        if held.intersection(found.events):
            raise Changed(
                "somebody holds an event of it since it was looked for; no record of it went",
                then="look again at what would go",
            )
        return gone

    def _sight(self, meant: Meant) -> Sight:
        wish = Wish(meant.by, meant.lot, None, None, meant.ground)
        patient = Patient(self.keyholder)
        finding = Finding(patient, meant.by, meant.ground, at_once=OF_A_PLATE)
        with self.database.read() as read:
            shelf = Shelf(read, self.pictures, self.wraps)
            opening = Opening(read, shelf, patient, meant.by, meant.ground)
            sought = subject.sought(opening, finding, wish.query, meant.plate)
            theirs = subject.settled(sought, meant.theirs)
            held = held_events(read, meant.lot)
            goes = [one for one in theirs if one.id not in held]
            ids = [one.id for one in goes]
            said = [one.id for one in finding.statements(meant.lot, ids)] if ids else []
            rows = sum(len(some) for some in _places(read, meant.lot, [*ids, *said]).values())
            known = _known(read, meant.lot)
        seen = Seen(normalise(meant.plate), ids, [one.id for one in theirs if one.id in held])
        written = self.belongings.found(meant.by, meant.lot, seen, meant.ground)
        traces = _traces(known, goes[-1].at if goes else None)
        return Sight(
            events=tuple(ids),
            statements=tuple(said),
            records=rows,
            first=goes[0].at if goes else None,
            last=goes[-1].at if goes else None,
            doubtful=tuple(one.id for one in sought.doubtful if one.id not in meant.theirs),
            held=tuple(seen.held),
            written=written,
            traces=traces,
            still=tuple(_still(traces, known, written)) if goes or written.rows else (),
        )

    def _gone(self, lot: bytes, ids: Sequence[str]) -> list[Gone]:
        with self.database.read() as read:
            return [
                Gone(lot, gap.erased(writer))
                for writer, sequences in sorted(_places(read, lot, ids).items())
                for gap in one_by_one(read, lot, writer, sequences)
            ]

    def _written(self, meant: Meant, act: Act, detail: Mapping[str, object]) -> None:
        actor = bodies.session(meant.by.session.body).account
        self.database.write(
            lambda write: self.ledger.line(write, act, detail, lot=meant.lot, actor=actor)
        )


def erasing(of: Parts) -> Erasing:
    """Return what erases plates in this process."""
    belongings = Belongings(Private(of.database, of.keyholder, of))
    return Erasing(of.database, of.keyholder, of.pictures, of.wraps, retaining(of), belongings, of)


def _places(read: Connection, lot: bytes, ids: Sequence[str]) -> dict[bytes, list[int]]:
    """Return the records of these ids, every revision: their sequences, by writer."""
    found: dict[bytes, list[int]] = {}
    c = records.c
    for at in range(0, len(ids), _AT_ONCE):
        wanted = select(c.writer, c.sequence).where(c.lot == lot, c.id.in_(ids[at : at + _AT_ONCE]))
        for writer, sequence in read.execute(wanted):
            found.setdefault(writer, []).append(sequence)
    return found


def _known(read: Connection, lot: bytes) -> Lot:
    known = lots.found(read, lot)
    if known is None:
        raise NotThere("there is no such lot", then="look at the list of lots")
    return known


def _traces(known: Lot, last: int | None) -> Traces:
    keys_go = None if last is None else last + (known.text_days + 1) * DAY
    return Traces(keys_go, audit_days=known.text_days)


def _still(traces: Traces, known: Lot, written: Found) -> Iterator[str]:
    """Say what stays readable, and until when."""
    backups = f"a backup's data parts are kept for {traces.backup_days} days"
    copies = "copies taken elsewhere until their owner destroys them"
    if traces.keys_go is not None:
        day = local_text(moment(traces.keys_go), zone(known.timezone))[:10]
        yield (
            "that these records went together: the times of their erasures and the gaps they leave "
            "stay readable as one car's, for ever"
        )
        yield (
            f"whoever has an old copy of the rows and an open vault reads them until the keys of "
            f"the last day go, on {day}; {backups}, {copies}"
        )
        yield f"the edge keeps what it delivered, sealed, for up to {traces.edge_days} days"
    if written.going:
        yield (
            f"an old copy of what people wrote down of it opens with the vault: {backups}, {copies}"
        )
    yield (
        f"searches for the plate, and this erasure, stand sealed in the audit for "
        f"{traces.audit_days} days"
    )
    yield "notes that name the plate but are another car's: nobody looks for it in those"
