"""The app as it is served: every room, joined to what does its work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from flask import Flask

from lot.clock import WallClock
from server.access.pacing import Pacing
from server.api import (
    audit_room,
    counts_room,
    desk_room,
    edge_room,
    edges_room,
    exports_room,
    find_room,
    finding,
    forgetting_room,
    itself,
    live_room,
    looking_room,
    lots_room,
    notifications_room,
    now_room,
    people_room,
    private_room,
    standing,
    statements_room,
    statistics_room,
    ticket_room,
    trust,
    verify_room,
    ways_in,
)
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.operations import Room
from server.api.parts import Parts
from server.api.refused import problem_of
from server.api.standing import Standing
from server.api.watching import Watch
from server.api.ways_in import Taking
from server.audit.reading import AuditLog
from server.desk.search import Search
from server.desk.service import Service
from server.edges.asking import Forwarding
from server.edges.register import Edges
from server.exports.exporting import exporting
from server.indexing.feeding import Indexing, Shelves
from server.indexing.segment_files import segment_files
from server.keys.holder.client import Keyholder
from server.notifying.customers import Customers
from server.notifying.rules import Rules
from server.people.accounts import People
from server.private.rows import Private
from server.records.looking import Looking
from server.records.statements import Saying, Statement
from server.records.writing import Typed
from server.running import chores, tls_leaf
from server.settings import ServerSettings
from server.store.database import Database
from server.verify.verifying import Verifying, walked_apart


@dataclass(frozen=True, slots=True)
class Telling:
    """The server as a writer; the index looks at once, so that the next page shows it."""

    parts: Parts
    wake: Callable[[], None]

    def said(self, lot: bytes, by: bytes, says: Saying, *, reason: str | None = None) -> Statement:
        told = self.parts.said(lot, by, says, reason=reason)
        self.wake()
        return told

    def typed(self, lot: bytes, by: bytes, car: Typed) -> str:
        event = self.parts.typed(lot, by, car)
        self.wake()
        return event


def parts(settings: ServerSettings) -> Parts:
    """Return the parts that settings name; nothing is opened yet."""
    database = Database.open(settings.database)
    return Parts(settings, database, Keyholder(settings.places.socket), WallClock())


def rooms(of: Parts, taking: Taking, watch: Watch) -> Sequence[Room]:
    """Return every room but the one that tells of them."""
    database, keyholder, now = of.database, of.keyholder, of.wall.now_us
    private, shelf = Private(database, keyholder, of), of.shelf
    telling = Telling(of, taking.wake)
    desk = Service(private, keyholder, of, shelf, telling.said, telling.typed, now)
    stands = Standing(database, keyholder, now, of.clock)
    return (
        *ways_in.rooms(of, taking, watch),
        standing.room(stands),
        now_room.room(stands, desk, of, of.refusals),
        trust.room(of.trust),
        finding.room(keyholder, database, of),
        looking_room.room(Looking(database, keyholder, of.pictures, of.wraps, of)),
        statements_room.room(_desk(of, telling)),
        audit_room.room(AuditLog(database, keyholder, of.wraps, of)),
        verify_room.room(Verifying(of.settings.places.reports, database, of, now, walked_apart)),
        people_room.room(People(database, keyholder, of, of.settings.places.pepper)),
        private_room.room(private),
        exports_room.room(exporting(of)),
        forgetting_room.room(of),
        live_room.room(of.live),
        lots_room.room(database, of, now),
        notifications_room.room(
            Rules(database, private, of, of.outgoing.channels, now),
            Customers(database, of, desk, of.outgoing),
        ),
        counts_room.room(database, now),
        statistics_room.room(keyholder, now),
        desk_room.room(desk),
        edge_room.room(Forwarding(database, keyholder, of.trust, of, of.whereabouts)),
        edges_room.room(_edges(of), lambda: tls_leaf.found_at(of.settings.names)),
        ticket_room.room(database, of.is_locked, now),
        find_room.room(Search(database, keyholder, of, desk, shelf, now)),
    )


def _desk(of: Parts, telling: Telling) -> statements_room.Desk:
    now, zone = of.wall.now_us, of.settings.zone
    return statements_room.Desk(of.database, of.keyholder, telling, of, now, zone)


def _edges(of: Parts) -> Edges:
    return Edges(of.database, of.keyholder, of.trust, of, of.wall.now_us)


def _chores(of: Parts, taking: Taking) -> chores.Ground:
    return chores.Ground(
        of.settings.places,
        of.database,
        of.keyholder,
        of.wraps,
        of.pictures,
        of.wall,
        lambda: taking.ingest,
        lambda: of.writing,
    )


def app(settings: ServerSettings) -> Flask:
    """Return the whole app."""
    of, watch = parts(settings), Watch()
    files = segment_files(of.settings.places)
    shelves = Shelves(of.database, of.pictures, of.wraps, files)

    def fed(unlocked_at: int | None, told: int) -> None:
        of.shelf.fed(told)  # before anybody is told to look
        of.noticing.fed(unlocked_at, told)
        of.live.fed(told)

    indexing = Indexing(shelves, of.keyholder, of.wall.now_us, fed)
    taking = Taking(of, indexing.wake)
    others = rooms(of, taking, watch)
    first = itself.room(others, watch, of.unready)
    indexing.start()
    of.shelf.start()
    of.outgoing.start()
    of.noticing.start()
    chores.start(_chores(of, taking))
    holders = Holders(of.database, of.keyholder, of.wall.now_us)
    of.refusals.start()
    pacing = Pacing(of.database, of.wall.now_us)
    frame = Frame(holders, pacing, watch, problem_of, of.refusals)
    return create(frame, [first, *others])
