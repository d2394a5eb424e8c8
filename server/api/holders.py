"""Who holds a credential: found by its hash here, judged by the keyholder.

The keyholder has no database, so each question brings the rows that vouch for the session; a row
written behind its back is refused there, whatever its columns say. The rows of those who call at
once are read at once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from contract import tokens as contract_tokens
from contract.digest import H
from contract.head import ID_BYTES
from lot.errors import Damaged
from lot.web.problems import Problem
from server.api.callers import Device, Edge, Person
from server.api.together import Together
from server.keys.holder import bodies, calls
from server.keys.holder.calls import Vouched
from server.keys.holder.client import Keyholder
from server.store import tokens, vouched
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Shown:
    """What somebody shows: ids, by what they hold."""

    session: bytes | None = None
    device: bytes | None = None


@dataclass(frozen=True, slots=True)
class Rows:
    """The rows that vouch for somebody, those that are there."""

    session: Vouched | None
    account: Vouched | None
    device: Vouched | None


class Holders:
    """The people, browsers and edges that the database and the keyholder know."""

    def __init__(
        self,
        database: Database,
        keyholder: Keyholder,
        now: Callable[[], int],  # µs UTC
    ) -> None:
        self.database = database
        self.keyholder = keyholder
        self.now = now
        self._together: Together[None, Shown, Rows] = Together(lambda _, shown: self.rows(shown))

    def person(self, token: str, device: str | None, *, acts: bool) -> Person:
        by = self._caller(token, device)
        identity = self.keyholder.who_am_i(by, acts=acts)
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
        return _device(id_, key, self._together.answer(None, Shown(device=id_)).device)

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
        rows = self._together.answer(None, Shown(session=H(token.encode())[:ID_BYTES]))
        session, account = rows.session, rows.account
        if session is None or account is None:
            raise Problem("session_ended", "sign in again")
        bound = bodies.session(session.body).device
        if bound is None:
            return calls.Caller(token, session, account)
        if device is None:
            raise Problem("device_unknown", "the session belongs to another browser")
        id_, key = _parted(device)
        if id_ != bound:  # the keyholder refuses it, by a row of its own
            return calls.Caller(token, session, account, self.device(device).by)
        return calls.Caller(token, session, account, _device(id_, key, rows.device).by)

    def rows(self, shown: Sequence[Shown]) -> list[Rows]:
        """Return for each who shows something at once the rows that vouch for them."""
        with self.database.read() as read:
            sessions = vouched.some(read, "sessions", {s.session for s in shown if s.session})
            said: dict[bytes, bodies.Session] = {}
            for id_, row in sessions.items():
                with suppress(Damaged):  # altered behind our back: it is nobody's, and spoils none
                    said[id_] = bodies.session(row.body)
            accounts = vouched.some(read, "accounts", {one.account for one in said.values()})
            bound = {one.device for one in said.values() if one.device}
            asked = {one.device for one in shown if one.device}
            devices = vouched.some(read, "devices", bound | asked)
        found = []
        for one in shown:
            session = said.get(one.session or b"")
            if session is None:
                found.append(Rows(None, None, devices.get(one.device or b"")))
                continue
            account, device = accounts.get(session.account), devices.get(session.device or b"")
            found.append(Rows(sessions[one.session or b""], account, device))
        return found


def _device(id_: bytes, key: str, row: Vouched | None) -> Device:
    if row is None:
        raise Problem("device_unknown", "this browser is not approved: ask to be")
    known = bodies.device(row.body)
    if known.closed or known.key_hash != H(key.encode()):
        raise Problem("device_unknown", "this browser is approved no more: ask again")
    return Device(id_, calls.Device(row, key))


def _parted(text: str) -> tuple[bytes, str]:
    name, _, key = text.partition(".")
    try:
        id_ = bytes.fromhex(name)
    except ValueError:
        id_ = b""
    if len(id_) != ID_BYTES or not key:
        raise Problem("device_unknown", "this browser is not approved: ask to be")
    return id_, key
