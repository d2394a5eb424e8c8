"""The app as it is served: every room, joined to what does its work."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask

from lot.clock import WallClock
from server import chores
from server.access.pacing import Pacing
from server.api import (
    counts_room,
    exports_room,
    finding,
    itself,
    live_room,
    looking_room,
    lots_room,
    people_room,
    private_room,
    standing,
    statements_room,
    statistics_room,
    trust,
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
from server.exporting import Exporting
from server.indexing import Indexing
from server.keys.holder.client import Keyholder
from server.live import Live
from server.looking import Looking
from server.people import People
from server.private import Private
from server.settings import ServerSettings
from server.store.database import Database


def parts(settings: ServerSettings) -> Parts:
    """Return the parts that settings name; nothing is opened yet."""
    database = Database.open(settings.database)
    return Parts(settings, database, Keyholder(settings.places.socket), WallClock())


def rooms(of: Parts, taking: Taking, watch: Watch) -> Sequence[Room]:
    """Return every room but the one that tells of them."""
    database, keyholder, now = of.database, of.keyholder, of.wall.now_us
    return (
        *ways_in.rooms(of, taking, watch),
        standing.room(Standing(database, keyholder, now, of.clock)),
        trust.room(of.trust),
        finding.room(keyholder, database, of),
        looking_room.room(Looking(database, keyholder, of.pictures, of.wraps, of)),
        statements_room.room(statements_room.Desk(database, keyholder, of, of, now)),
        people_room.room(People(database, keyholder, of, of.settings.places.pepper)),
        private_room.room(Private(database, keyholder, of), keyholder),
        exports_room.room(_exporting(of)),
        live_room.room(Live(database, of.is_locked)),
        lots_room.room(database, of, now),
        counts_room.room(database, now),
        statistics_room.room(keyholder, now),
    )


def _exporting(of: Parts) -> Exporting:
    def server() -> bytes:
        return of.trust.pack().server

    return Exporting(
        of.database, of.keyholder, of.pictures, of.wraps, lambda: of.audit, server, of.wall.now_us
    )


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
    indexing = Indexing(of.database, of.keyholder, of.pictures, of.wraps)
    taking = Taking(of, indexing.wake)
    others = rooms(of, taking, watch)
    first = itself.room(others, watch, of.unready)
    indexing.start()
    chores.start(_chores(of, taking))
    holders = Holders(of.database, of.keyholder, of.wall.now_us)
    frame = Frame(holders, Pacing(of.database, of.wall.now_us), watch, problem_of)
    return create(frame, [first, *others])
