"""Delivery as the daemon sees it: what is put is on the disk, and the rest happens by itself."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import tzinfo
from threading import Event as Flag
from threading import Thread

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from contract.blind import Blind
from contract.event import Event
from contract.tokens import Token
from contract.trust import Statement
from contract.wire import Ack, Started
from contract.wrap import rsa_public
from edge.delivery.acknowledging import Alarm
from edge.delivery.identity import Identity, Places, statement_in
from edge.delivery.journal import Journal
from edge.delivery.outbox import Counts, Newest, Outbox
from edge.delivery.room import Room
from edge.delivery.sender import IDLE_START_S, Heard, Sender
from edge.delivery.server import Server, pinned
from edge.delivery.turn import Turn
from edge.delivery.writing import Moment, Writer
from lot.addresses import Address
from lot.clock import now_us
from lot.files import write_private
from lot.times import moment

TURN_S = 2.0  # between two looks whether the process that sends has ended


@dataclass(frozen=True, slots=True)
class Asked:
    """What one delivery goes by."""

    places: Places
    server: Address
    token: Token = field(repr=False)
    outbox_bytes_max: int
    zone: tzinfo
    api_port: int | None = None  # of the recognition API, where one is to be asked


def _nobody(_: object) -> None:
    """Be told, and do nothing."""


class Keys:
    """The vault's current RSA key, as the newest statement that was believed names it."""

    def __init__(self, places: Places, identity: Identity) -> None:
        self._places = places
        self._believe(statement_in(places, identity))

    def current(self) -> RSAPublicKey:
        return self._current

    def renew(self, pack: bytes, statement: Statement) -> None:
        """Go over to a newer statement, which was checked; the next day key lies under its key."""
        write_private(self._places.pack, pack)
        self._believe(statement)

    def _believe(self, statement: Statement) -> None:
        self.statement = statement
        self._current = rsa_public(statement.current.spki)


def writer_of(
    identity: Identity, keys: Keys, zone: tzinfo, now: Callable[[], int] = now_us
) -> Writer:
    """Return what seals and signs for this edge, with day keys of this process's own."""

    def here() -> Moment:
        at = now()
        return Moment(at, moment(at).astimezone(zone).date())

    return Writer(identity.key, edge=identity.edge, lot=identity.lot, under=keys.current, now=here)


class Delivery:
    """Seals, keeps and sends. `put` may be called by any thread, also of several processes."""

    def __init__(
        self,
        asked: Asked,
        identity: Identity,
        *,
        now: Callable[[], int] = now_us,
        started: Callable[[Started], None] = _nobody,
        acknowledged: Callable[[Ack], None] = _nobody,
        journal: Journal | None = None,
    ) -> None:
        """The sender's thread calls `started` with the state key, `acknowledged` with each ack."""
        self._started, self._journal = started, journal
        self._stopping, self._turn = Flag(), Turn(asked.places.folder / "sending.lock")
        self._keys = keys = Keys(asked.places, identity)
        writer = writer_of(identity, keys, asked.zone, now)
        room = Room(asked.places.outbox, asked.outbox_bytes_max)
        self._outbox = Outbox(room, writer, identity.public, journal)
        self._senders_outbox = Outbox(room, writer, identity.public)
        self._server = Server(
            asked.server, pinned(identity.root), asked.token, api_port=asked.api_port
        )
        self._sender = Sender(
            self._senders_outbox,
            self._server,
            identity.key,
            identity.edge,
            statement=keys.statement,
            vault_sign=identity.vault_sign,
            heard=Heard(self._begun, acknowledged, keys.renew),
            now=now,
        )
        self._thread = Thread(target=self._run, name="delivery", daemon=True)

    def start(self) -> None:
        """Begin to send; where another process of this edge does, as soon as that one ends."""
        self._thread.start()

    def blind_from(self, names: Callable[[], Iterable[str]]) -> None:
        """Have the server told, at least each minute, which cameras see nothing just now."""
        self._server.blind_from(names)

    def put(self, said: Event, pictures: Mapping[str, bytes]) -> int:
        """Keep one revision of an event; when this returns its number, no power cut undoes it.

        `said` names its pictures by their hashes; the bytes of those that an earlier revision
        brought need not be given again. Edge and number of `said` are filled in.
        """
        sequence = self._outbox.add(said, pictures)
        self._sender.wake()
        return sequence

    def put_blind(self, said: Blind) -> int:
        """Keep blind time, as durably."""
        sequence = self._outbox.add_blind(said)
        self._sender.wake()
        return sequence

    def newest_of(self, event_id: str) -> Newest | None:
        """Return the last revision that was kept of an event."""
        return self._outbox.newest_of(event_id)

    def still_known(self, event_id: str, pictures: Mapping[str, str]) -> dict[str, str]:
        """Return those of an event's pictures that it may name again without bringing them."""
        return self._outbox.still_known(event_id, pictures)

    @property
    def is_sending(self) -> bool:
        """Say whether the sender lives: not once the chain is closed, nor after a bug in it."""
        return self._thread.is_alive()

    def counts(self) -> Counts:
        return self._outbox.counts()

    def alarms(self) -> list[Alarm]:
        return self._outbox.alarms()

    def close(self) -> None:
        """Stop sending and let go of the outbox; what waits is sent after the next start."""
        self._stopping.set()
        self._sender.stop()
        if self._thread.is_alive():
            self._thread.join()
        self._server.close()
        self._senders_outbox.close()
        self._outbox.close()
        self._turn.let_go()

    def _run(self) -> None:
        due_s = 0.0
        while not self._turn.taken():
            if time.monotonic() >= due_s:
                heard = self._sender.ask()
                due_s = time.monotonic() + (IDLE_START_S if heard else TURN_S)
            if self._stopping.wait(TURN_S):
                return
        self._sender.run()

    def _begun(self, started: Started) -> None:
        if self._journal is not None:
            self._journal.opened_by(started.state_key)
        self._started(started)
