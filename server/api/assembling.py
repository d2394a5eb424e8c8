"""The app as it is served: every room, joined to what does its work."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Flask

from contract.audit import ServerClock
from lot.clock import WallClock
from lot.errors import LotError
from server.access.pacing import Pacing
from server.api import counts_room, finding, itself, lots_room, standing, trust
from server.api.app import Frame, create
from server.api.holders import Holders
from server.api.operations import Room
from server.api.refused import problem_of
from server.api.standing import Standing
from server.api.watching import Watch
from server.keys.holder.client import Keyholder
from server.settings import ServerSettings
from server.store import audit_lines
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Parts:
    """What the rooms stand on."""

    settings: ServerSettings
    database: Database
    keyholder: Keyholder
    wall: WallClock

    def clock(self) -> ServerClock:
        """Say what the server's clock stands on."""
        with self.database.read() as connection:
            return self.wall.state(audit_lines.newest_time(connection))

    def unready(self) -> str | None:
        """Say in a line what does not answer."""
        try:
            with self.database.read() as connection:
                audit_lines.newest_time(connection)
            state = self.keyholder.status().state
        except LotError as error:
            return error.what
        return "the vault is not set up" if state == "unfounded" else None


def parts(settings: ServerSettings) -> Parts:
    """Return the parts that settings name; nothing is opened yet."""
    database = Database.open(settings.database)
    return Parts(settings, database, Keyholder(settings.places.socket), WallClock())


def rooms(of: Parts) -> Sequence[Room]:
    """Return every room but the one that tells of them."""
    return (
        standing.room(Standing(of.database, of.keyholder, of.wall.now_us, of.clock)),
        trust.room(of.settings.places.trust_pack),
        finding.room(of.keyholder),
        lots_room.room(of.database),
        counts_room.room(of.database, of.wall.now_us),
    )


def app(settings: ServerSettings) -> Flask:
    """Return the whole app."""
    of, watch = parts(settings), Watch()
    others = rooms(of)
    first = itself.room(others, watch, of.unready)
    holders = Holders(of.database, of.keyholder, of.wall.now_us)
    frame = Frame(holders, Pacing(of.database, of.wall.now_us), watch, problem_of)
    return create(frame, [first, *others])
