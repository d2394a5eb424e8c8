"""Who holds a credential: found by its hash here, judged by the keyholder.

The keyholder has no database, so each question brings the rows that vouch for the session; a row
written behind its back is refused there, whatever its columns say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from contract import tokens as contract_tokens
from contract.digest import H
from contract.head import ID_BYTES
from lot.errors import Damaged
from server.api.callers import Device, Edge, Person
from server.api.problems import Problem
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.store import tokens, vouched
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Holders:
    """The people, browsers and edges that the database and the keyholder know."""

    database: Database
    keyholder: Keyholder
    now: Callable[[], int]  # µs UTC

    def person(self, token: str, device: str | None) -> Person:
        by = self._caller(token, device)
        identity = self.keyholder.who_am_i(by)
        return Person(
            account=identity.account,
            name=identity.name,
            role=identity.role,
            lots=frozenset(identity.lots) or None,
            session=identity.session,
            ends=identity.ends,
            unlocked=identity.unlocked,
            by=by,
        )

    def device(self, text: str) -> Device:
        id_, key = _parted(text)
        with self.database.read() as connection:
            row = vouched.found(connection, "devices", id_)
        if row is None:
            raise Problem("device_unknown", "this browser is not approved: ask to be")
        known = bodies.device(row.body)
        if known.closed or known.key_hash != H(key.encode()):
            raise Problem("device_unknown", "this browser is approved no more: ask again")
        return Device(id_, calls.Device(row, key))

    def edge(self, token: str) -> Edge:
        try:
            given = contract_tokens.token(token)
        except Damaged:
            raise Problem("unauthenticated", "this is no token of an edge") from None
        with self.database.read() as connection:
            holder = tokens.holder(connection, given, self.now())
        if holder is None:
            raise Problem("unauthenticated", "the token is not known: enrol the edge anew")
        if holder.used is None:
            self.database.write(lambda connection: tokens.note_use(connection, holder, self.now()))
        return Edge(holder.writer, holder.lot)

    def _caller(self, token: str, device: str | None) -> calls.Caller:
        session_id = H(token.encode())[:ID_BYTES]
        with self.database.read() as connection:
            session = vouched.found(connection, "sessions", session_id)
            if session is None:
                raise Problem("session_ended", "sign in again")
            said = bodies.session(session.body)
            account = vouched.found(connection, "accounts", said.account)
        if account is None:
            raise Problem("session_ended", "sign in again")
        if said.device is None:
            return calls.Caller(token, session, account)
        if device is None:
            raise Problem("device_unknown", "the session belongs to another browser")
        return calls.Caller(token, session, account, self.device(device).by)


def _parted(text: str) -> tuple[bytes, str]:
    name, _, key = text.partition(".")
    try:
        id_ = bytes.fromhex(name)
    except ValueError:
        id_ = b""
    if len(id_) != ID_BYTES or not key:
        raise Problem("device_unknown", "this browser is not approved: ask to be")
    return id_, key
