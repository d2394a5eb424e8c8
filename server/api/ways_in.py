"""The rooms by which people, browsers and edges come in, joined to what does their work."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property

from server.access.approving import Approving
from server.access.signing_in import Door
from server.api import delivering, devices, door, enrolling_room
from server.api.operations import Room
from server.api.parts import Parts
from server.api.watching import Watch
from server.edges.enrolling import Enrolling
from server.ingest.taking import House, Ingest
from server.keys.holder import calls
from server.keys.keeper_link import KeeperLink
from server.running.opened import AfterOpening


@dataclass(frozen=True)
class Taking:
    """The ingest, made when an edge first brings something; what came is then indexed."""

    parts: Parts
    wake: Callable[[], None]

    @cached_property
    def ingest(self) -> Ingest:
        of = self.parts
        return Ingest(House(of.database, of.wraps, of.pictures, of.trust, of.audit, of.wall))

    def batch(self, writer: bytes, data: bytes) -> bytes:
        ack = self.ingest.batch(writer, data)
        self.wake()
        return ack

    def start(self, writer: bytes, data: bytes) -> bytes:
        return self.ingest.start(writer, data)


def after_opening(of: Parts) -> AfterOpening:
    """Return what is done at every opening, and can be done while the vault is open."""
    return AfterOpening(of.settings, of.database, of.keyholder, lambda: of.audit, of.wall.now_us)


def way_in(of: Parts, then: Callable[[], None]) -> Door:
    """Return the door; `then` is called after what is done at every opening."""
    after = after_opening(of)

    def opened(by: calls.Caller) -> None:
        after(by)
        then()

    places = of.settings.places
    link = KeeperLink(of.keyholder, places.keeper)
    return Door(of.database, of.keyholder, of, link, places.pepper, of.clock, opened, of.refusals)


def rooms(of: Parts, taking: Taking, watch: Watch) -> Sequence[Room]:
    """Return the rooms."""
    now = of.wall.now_us
    enrolling = Enrolling(of.database, of.keyholder, of, lambda: of.audit, now)
    return (
        door.room(way_in(of, taking.wake)),
        devices.room(Approving(of.database, of.keyholder, of, now)),
        delivering.room(taking, watch, of.whereabouts, of.presence),
        enrolling_room.room(enrolling),
    )
