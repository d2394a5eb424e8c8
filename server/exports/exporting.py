"""What leaves the server opened: asked for under a fresh code, written down, then streamed signed.

Each export is a ZIP whose last file is the manifest. One that broke off has none, so nobody takes
it for whole.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import tzinfo
from threading import Event
from typing import Protocol, TypeVar

from sqlalchemy import Connection

from contract import manifest
from contract.audit import Act, AuditHead
from contract.manifest import Manifest
from lot.times import zone
from server.api.parts import Parts
from server.exports import crops, subject
from server.exports.opening import OF_A_PLATE, Finding, Opening
from server.exports.package import Asked, Piece, packed
from server.exports.tables import NOTE_ON_CELLS, event_lines, visit_lines
from server.index.asked import LIMIT_MAX, PlateAsked, Query
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import TooFast
from server.records.sealed import Kept, Shelf
from server.refusals import NotThere
from server.store import lots
from server.store.database import Database

T = TypeVar("T")

_AGAIN_S = 2.0  # the pace of a session fills up a hundred parts meanwhile


@dataclass(frozen=True, slots=True)
class Patient:
    """The keyholder, waited for where an export runs ahead of a session's pace."""

    keyholder: Keyholder

    def open(self, asked: calls.Open) -> tuple[calls.OpenedRecord, ...]:
        return _waited(lambda: self.keyholder.open(asked))

    def search_visits(self, asked: calls.SearchVisits) -> calls.VisitsFound:
        return _waited(lambda: self.keyholder.search_visits(asked))

    def search_events(self, asked: calls.SearchEvents) -> calls.EventsFound:
        return _waited(lambda: self.keyholder.search_events(asked))

    def said_about(self, asked: calls.SaidAbout) -> tuple[bytes, ...]:
        return _waited(lambda: self.keyholder.said_about(asked))


def _waited(ask: Callable[[], T]) -> T:
    pause = Event()
    while True:
        try:
            return ask()
        except TooFast:
            pause.wait(_AGAIN_S)


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody wants to have."""

    by: calls.Caller
    lot: bytes
    first: int | None
    last: int | None
    reason: str | None

    @property
    def range(self) -> calls.Range:
        return calls.Range(self.lot, self.first, self.last)

    @property
    def query(self) -> Query:
        return Query(first=self.first, last=self.last, lots=frozenset([self.lot]))


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose pack it is, on what ground, and which doubtful events a person said are theirs."""

    plate: str
    ground: str
    theirs: tuple[str, ...]


class Chained(Protocol):
    """The audit: written to, and where it stands."""

    def line(
        self,
        write: Connection,
        act: Act,
        detail: Mapping[str, object] | None = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> AuditHead: ...


def exporting(of: Parts) -> Exporting:
    """Return what makes the exports of this process."""
    return Exporting(
        of.database,
        of.keyholder,
        of.pictures,
        of.wraps,
        lambda: of.audit,
        lambda: of.trust.pack().server,
        of.wall.now_us,
    )


@dataclass(frozen=True, slots=True)
class Exporting:
    """Makes exports for who asks."""

    database: Database
    keyholder: Keyholder
    pictures: Kept
    wraps: Kept
    audit: Callable[[], Chained]
    server: Callable[[], bytes]
    now: Callable[[], int]  # µs UTC

    def tables(self, wish: Wish) -> Iterator[bytes]:
        """Export a range's events and visits as CSV."""
        asked, query = self._begun(wish, {"what": "tables"}), wish.query

        def pieces(opening: Opening, here: tzinfo) -> Iterator[Piece]:
            events = (shot.event for shot in opening.range(wish.lot, wish.first, wish.last))
            yield Piece("events.csv", event_lines(events, here), is_table=True)
            yield Piece(
                "visits.csv", visit_lines(self._finding(wish).visits(query), here), is_table=True
            )

        return self._packed(wish, asked, pieces, (NOTE_ON_CELLS,))

    def film(self, wish: Wish) -> Iterator[bytes]:
        """Export a range's pictures and clips as one film."""
        from server.exports.film import film  # an encoder: 20 MB that serving needs not

        asked = self._begun(wish, {"what": "film"})

        def pieces(opening: Opening, here: tzinfo) -> Iterator[Piece]:
            names = ("frame", "vehicle", "plate", "clip")
            shots = opening.range(wish.lot, wish.first, wish.last, *names)
            yield Piece("film.mp4", film(shots, here))

        return self._packed(wish, asked, pieces, ())

    def crops(self, wish: Wish) -> Iterator[bytes]:
        """Export the plates of a range as they were photographed, with what they say."""
        asked = self._begun(wish, {"what": "crops"})

        def pieces(opening: Opening, here: tzinfo) -> Iterator[Piece]:
            yield from crops.pieces(
                opening.range(wish.lot, wish.first, wish.last, crops.PICTURE), here
            )

        return self._packed(wish, asked, pieces, crops.NOTES)

    def subject(self, wish: Wish, whose: Subject) -> Iterator[bytes]:
        """Export what is kept about one plate."""
        detail = {"what": "subject", "plate": whose.plate, "ground": whose.ground}
        asked = self._begun(wish, detail)

        def pieces(opening: Opening, here: tzinfo) -> Iterator[Piece]:
            finding = self._finding(wish, OF_A_PLATE)
            sought = subject.sought(opening, finding, wish.query, whose.plate)
            ids = [event.id for event in subject.settled(sought, whose.theirs)]
            shots = opening.named(wish.lot, ids, *subject.CUT_TO_THE_VEHICLE)
            told = finding.visits(replace(wish.query, plate=PlateAsked(whose.plate)))
            yield from subject.pieces(shots, told, here)

        return self._packed(wish, asked, pieces, subject.NOTES)

    def doubtful(self, wish: Wish, plate: str) -> Sequence[str]:
        """Return the events that only may be of a plate: a person says which are."""
        self._written(wish, "search", {"plate": plate, "of": "subject", "reason": wish.reason})
        with self.database.read() as read:
            opening = self._opening(read, wish)
            found = subject.sought(opening, self._finding(wish, OF_A_PLATE), wish.query, plate)
            return [event.id for event in found.doubtful]

    def _begun(self, wish: Wish, detail: Mapping[str, object]) -> Asked:
        """Refuse what no fresh code covers; write down what one does."""
        self.keyholder.check_grant(calls.CheckGrant(wish.by, "export", wish.range))
        times = {"first": wish.first, "last": wish.last, "reason": wish.reason}
        head = self._written(wish, "export", {**detail, **times})
        by = bodies.session(wish.by.session.body).account
        return Asked(self.server(), by, self.now(), wish.first, wish.last, head)

    def _written(self, wish: Wish, act: Act, detail: Mapping[str, object]) -> AuditHead:
        actor = bodies.session(wish.by.session.body).account
        return self.database.write(
            lambda write: self.audit().line(write, act, detail, lot=wish.lot, actor=actor)
        )

    def _packed(
        self,
        wish: Wish,
        asked: Asked,
        pieces: Callable[[Opening, tzinfo], Iterator[Piece]],
        notes: tuple[str, ...],
    ) -> Iterator[bytes]:
        def sign(made: Manifest) -> bytes:
            spelled = manifest.encoded(made)
            signed = calls.SignManifest(wish.by, spelled, wish.lot)
            return spelled + self.keyholder.sign_manifest(signed)

        with self.database.read() as read:
            known = lots.found(read, wish.lot)
            if known is None:
                raise NotThere("there is no such lot", then="look at the list of lots")
            opening = self._opening(read, wish)
            files = pieces(opening, zone(known.timezone))
            yield from packed(_with_untold(files, opening), asked, sign, notes)

    def _opening(self, read: Connection, wish: Wish) -> Opening:
        shelf = Shelf(read, self.pictures, self.wraps)
        return Opening(read, shelf, Patient(self.keyholder), wish.by, wish.reason)

    def _finding(self, wish: Wish, at_once: int = LIMIT_MAX) -> Finding:
        return Finding(Patient(self.keyholder), wish.by, wish.reason, at_once)


def _with_untold(files: Iterator[Piece], opening: Opening) -> Iterator[Piece]:
    """Yield the files, and at their end one that says what could not be opened."""
    yield from files
    told = opening.untold
    if told.faults:
        more = [f"and {told.more} more"] if told.more else []
        yield Piece("not_shown.txt", [f"{line}\n".encode() for line in (*told.faults, *more)])
