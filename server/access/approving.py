"""Browsers that ask to be approved: a number on both screens, and a person who compares them."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from contract.audit import Act
from contract.digest import H
from contract.head import ID_BYTES
from lot.errors import Refused
from server.access.ledger import Ledger
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.refusals import Changed
from server.store import device_requests, vouched
from server.store.database import Database
from server.store.device_requests import DeviceRequest

KEY_BYTES = 32


class NotAsked(Refused):
    """No browser waits under this id, or it shows another number."""


@dataclass(frozen=True, slots=True)
class Asking:
    """What a browser keeps while it waits, and after it was approved."""

    id: bytes
    number: str
    key: str


@dataclass(frozen=True, slots=True)
class Approving:
    """Keeps who waits, and who was let in."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger
    now: Callable[[], int]  # µs UTC

    def ask(self, name: str, address: str) -> Asking:
        """Keep a browser's request; Refused where ten wait already."""
        asking = Asking(
            secrets.token_bytes(ID_BYTES),
            f"{secrets.randbelow(1_000_000):06d}",
            secrets.token_urlsafe(KEY_BYTES),
        )
        request = DeviceRequest(
            asking.id, asking.number, name, H(asking.key.encode()), address, self.now()
        )
        self.database.write(lambda connection: device_requests.add(connection, request))
        return asking

    def waiting(self) -> list[DeviceRequest]:
        """Return who waits."""
        with self.database.read() as connection:
            return device_requests.waiting(connection, self.now())

    def approve(self, by: calls.Caller, id_: bytes, number: str, *, is_desk: bool) -> bodies.Device:
        """Let a browser in whose number was compared; NotAsked where it is another."""
        now = self.now()
        with self.database.read() as connection:
            request = device_requests.found(connection, id_, now)
        if request is None or request.number != number:
            raise NotAsked(
                "no browser that waits shows this number", then="compare the number once more"
            )
        approver = bodies.session(by.session.body).account
        device = bodies.Device(
            id_,
            1,
            request.name,
            request.key_hash,
            approved_by=approver,
            made=now,
            is_desk=is_desk,
            closed=False,
        )
        self._kept(by, device, "device_approved", also=lambda c: device_requests.drop(c, id_))
        return device

    def refuse(self, by: calls.Caller, id_: bytes) -> None:
        """Let a request go."""
        actor = bodies.session(by.session.body).account

        def drop(connection: Connection) -> None:
            device_requests.drop(connection, id_)
            self.ledger.line(connection, "device_refused", actor=actor)

        self.database.write(drop)

    def devices(self) -> list[bodies.Device]:
        """Return every browser that was approved and is not closed."""
        with self.database.read() as connection:
            rows = vouched.every(connection, "devices")
        return [one for one in map(bodies.device, (row.body for row in rows)) if not one.closed]

    def revoke(self, by: calls.Caller, id_: bytes) -> None:
        """Close a browser: its sessions end with it."""
        with self.database.read() as connection:
            row = vouched.found(connection, "devices", id_)
        if row is None:
            raise NotAsked("there is no such browser", then="look at the list again")
        known = bodies.device(row.body)
        closed = replace(known, version=known.version + 1, closed=True)
        self._kept(by, closed, "device_revoked", also=lambda _: None)

    def _kept(
        self,
        by: calls.Caller,
        device: bodies.Device,
        act: Act,
        also: Callable[[Connection], None],
    ) -> None:
        """Vouch, commit, confirm: a power cut between two of them leaves the older version good."""
        body = bodies.encoded(device)
        row = calls.Vouched(body, self.keyholder.vouch(calls.Vouch(by, "devices", body)))
        actor = bodies.session(by.session.body).account

        def keep(connection: Connection) -> None:
            if vouched.found(connection, "devices", device.id) == row:
                return  # a commit whose answer was lost
            if not vouched.put(connection, "devices", row):
                raise Changed("somebody did so at the same moment", then="look at the list again")
            also(connection)
            self.ledger.line(
                connection, act, {"device": device.id, "name": device.name}, actor=actor
            )

        self.database.write(keep)
        version = calls.Version.of("devices", device.id, device.version, body)
        self.keyholder.confirm_versions((version,))
