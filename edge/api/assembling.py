"""The recognition API as it is served: every room, joined to what does its work."""

from __future__ import annotations

import logging
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import datetime, timezone
from pathlib import Path

from flask import Flask

from contract.wire import Ack, Started
from edge.api import gate_room, itself_room, plain_room, readings_room, snapshot_room
from edge.api.access import Doorkeeper
from edge.api.app import Room, create
from edge.api.desk import Desk
from edge.api.figures import Figures
from edge.api.grants import Grants
from edge.api.pictures import Decoding
from edge.api.reading import Readings
from edge.api.sent import Ground, Sent
from edge.api.settings import ApiSettings
from edge.daemon.clock import SteadyClock
from edge.daemon.gatehouse import Keeping
from edge.daemon.hatch import Hatch
from edge.daemon.running import Unkept
from edge.delivery.delivering import Delivery
from edge.delivery.journal import Journal
from edge.delivery.settings import asked_from
from edge.eyes import Eyes
from edge.settings import Settings
from edge.telling.running import Telling, telling_from
from lot.clock import WallClock

_log = logging.getLogger("lotkeeper.api")
_SPOKEN = {
    "upload_camera_image": plain_room.refused,
    "check_license_plate": plain_room.refused,
    "plate_reader": snapshot_room.refused,
    "snapshot_statistics": snapshot_room.refused,
    "snapshot_info": snapshot_room.refused,
}


class Served:
    """One process's parts, from its start to its end."""

    def __init__(self, settings: ApiSettings, open_eyes: Callable[[Settings], Eyes]) -> None:
        self._settings = settings
        self._stack = ExitStack()
        self.figures = Figures()
        eyes = open_eyes(settings.edge)
        clock = SteadyClock(WallClock(), time.monotonic())
        self.journal = self._journal()
        keeping = self._keeping()
        self.sent = Sent(Ground(settings, eyes, keeping, clock))
        self._telling: Telling | None = telling_from(
            settings.values, self.journal, settings.places, settings.edge.zone
        )
        decoding = Decoding()
        self._stack.callback(decoding.close)
        readings = Readings(
            eyes,
            decoding,
            settings.edge.plate_formats,
            lambda: clock.at(time.monotonic()),
        )
        self.desk = Desk(readings, self.sent, self.figures, settings.camera)
        self._hatch = Hatch(settings.places.folder)
        self.sent.start()
        self._stack.callback(self.sent.close)
        if isinstance(keeping, Delivery):
            keeping.start()
        if self._telling is not None:
            self._telling.start()
            self._stack.callback(self._telling.close)

    def app(self) -> Flask:
        """Return the app that answers."""
        others: tuple[Room, ...] = (
            snapshot_room.room(self.desk, datetime.now(timezone.utc)),
            plain_room.room(self.desk, self.journal, self._settings.edge.zone),
            readings_room.room(self.desk),
            gate_room.room(self._hatch),
        )
        grants = Grants(self._settings.identity)
        first = itself_room.room(others, self._unready, self._figures, grants)
        doorkeeper = Doorkeeper(self._settings.token_hashes, grants)
        return create([first, *others], doorkeeper, self.figures, _SPOKEN)

    def close(self) -> None:
        self._stack.close()

    def _journal(self) -> Journal:
        identity, keeps = self._settings.identity, self._settings.keeps
        if identity is not None:
            path, edge = self._settings.places.outbox, identity.edge
        else:
            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="lotkeeper-"))
            path, edge = Path(folder) / "journal.sqlite3", bytes(16)
        journal = Journal(path, edge, keeps)
        self._stack.callback(journal.close)
        return journal

    def _keeping(self) -> Keeping:
        identity = self._settings.identity
        if identity is None:
            _log.warning("enrolled=0 said='events are kept nowhere: python -m edge enrol'")
            return Unkept(self.journal)
        delivery = Delivery(
            asked_from(self._settings.values, identity),
            identity,
            started=self._begun,
            acknowledged=self._settled,
            journal=self.journal,
        )
        self._stack.callback(delivery.close)
        return delivery

    def _begun(self, started: Started) -> None:
        self.sent.unsealed(started.state_key)

    def _settled(self, ack: Ack) -> None:
        self.sent.settled(ack)

    def _unready(self) -> str | None:
        return None  # what it needs is there before it listens

    def _figures(self) -> bytes:
        told = self._telling.figures() if self._telling is not None else b""
        return self.figures.text() + told + self._hatch.figures()
