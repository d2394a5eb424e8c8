"""The edges there are: invited, given cameras, given a new token, sent away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sqlalchemy import Connection, select

from contract import signature, tokens, trust
from contract.audit import Act
from contract.chain import Point
from contract.tokens import Token
from contract.trust import Certificate
from lot.errors import WrongUsage
from server.access.ledger import Ledger
from server.access.roles import Role
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import NotAllowed
from server.refusals import Changed
from server.store import tokens as kept_tokens
from server.store import writers
from server.store.database import Database
from server.store.tables import records
from server.store.writers import WriterRow
from server.trust_file import TrustFile

_TRIES_MAX = 5  # a batch takes a few hundredths of a second, and comes once in a while


class _CameMeanwhile(Changed):
    """An edge brought a record after it was looked which is its last."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One edge, as its newest certificate says it."""

    row: WriterRow
    rights: Certificate


@dataclass(frozen=True, slots=True)
class Edges:
    """Knows the edges; each change is a line of the audit."""

    database: Database
    keyholder: Keyholder
    trust: TrustFile
    ledger: Ledger
    now: Callable[[], int]  # µs UTC

    def every(self) -> list[Edge]:
        """Return all edges, the oldest first; also those that were sent away."""
        with self.database.read() as read:
            rows = [one for one in writers.every(read) if one.role == "edge"]
        return [Edge(row, self._rights(row)) for row in rows]

    def brought(self, edge: Edge) -> int | None:
        """Return when a record of an edge last came, µs UTC; None where none is here."""
        c = records.c
        mine = (c.lot == edge.row.lot, c.writer == edge.row.writer)
        newest = select(c.received).where(*mine).order_by(c.sequence.desc()).limit(1)
        with self.database.read() as read:
            return read.scalar(newest)

    def named(self, text: str) -> Edge:
        """Return the edge of a name, or of the beginning of an id."""
        found = [one for one in self.every() if one.row.name == text]
        if not found and text:
            found = [one for one in self.every() if one.row.writer.hex().startswith(text)]
        if len(found) != 1:
            raise WrongUsage(
                f"{len(found)} edges are called {text}", then="see python -m server edge list"
            )
        return found[0]

    def invite(self, by: calls.Caller, lot: bytes, cameras: Sequence[str]) -> calls.Invited:
        """Return a code for a new edge of a lot."""
        made = self.keyholder.invite(calls.Invite(by, lot, tuple(cameras)))
        self._line(by, "edge_invited", lot, {"cameras": list(cameras)})
        return made

    def add_cameras(self, by: calls.Caller, edge: Edge, cameras: Sequence[str]) -> None:
        """Let an edge testify for more cameras."""
        more = [one for one in cameras if one not in edge.rights.cameras]
        self._certify(by, edge, (*edge.rights.cameras, *more), edge.rights.until, "edge_cameras")

    def revoke(self, by: calls.Caller, edge: Edge) -> None:
        """Send an edge away: what it delivered so far counts, and nothing after it.

        Said again it is confirmed again: what was lost with a process may have been just that.
        """
        if edge.rights.until is not None:
            self.keyholder.confirm_versions((edge.row.as_version,))
            return
        for _ in range(_TRIES_MAX):
            with self.database.read() as read:
                until = _last(read, edge)
            with suppress(_CameMeanwhile):
                self._certify(by, edge, edge.rights.cameras, until, "edge_revoked")
                return
        raise Changed("this edge brings records at this moment", then="send it away again")

    def rotate_token(self, by: calls.Caller, edge: Edge) -> Token:
        """Return a new token; the old one holds until the new is used, seven days at most."""
        self._check_owner(by)
        token, now = tokens.drawn(edge.row.writer), self.now()

        def keep(write: Connection) -> None:
            if kept_tokens.add(write, edge.row.lot, token, now):
                self._told(write, by, "token_rotated", edge)

        self.database.write(keep)
        return token

    def revoke_tokens(self, by: calls.Caller, edge: Edge) -> None:
        """Let every token of an edge go; it comes back by enrolling or with a new token."""
        self._check_owner(by)

        def drop(write: Connection) -> None:
            kept_tokens.revoke(write, edge.row.lot, edge.row.writer)
            self._told(write, by, "token_revoked", edge)

        self.database.write(drop)

    def _certify(
        self,
        by: calls.Caller,
        edge: Edge,
        cameras: tuple[str, ...],
        until: Point | None,
        act: Act,
    ) -> None:
        asked = calls.Certify(by, edge.row.certificate, cameras, until)
        made = self.keyholder.certify(asked)

        def keep(write: Connection) -> None:
            known = writers.found(write, edge.row.writer)
            if known is not None and known.certificate == made.certificate:
                return  # a commit whose answer was lost
            if not writers.certify(write, edge.row.lot, edge.row.writer, made.certificate, made.n):
                raise Changed("somebody changed this edge meanwhile", then="look at it again")
            if until is not None:
                if _last(write, edge) != until:  # it was acknowledged, so it counts
                    raise _CameMeanwhile("a record came", then="take it for the last")
                kept_tokens.revoke(write, edge.row.lot, edge.row.writer)
            self._told(write, by, act, edge)

        self.database.write(keep)
        self.keyholder.confirm_versions((made.version,))

    def _check_owner(self, by: calls.Caller) -> None:
        """A token is no key of the vault, so that nobody but us asks who wants it."""
        if self.keyholder.who_am_i(by).role is not Role.OWNER:
            raise NotAllowed("tokens are the owner's", then="sign in as the owner")

    def _rights(self, row: WriterRow) -> Certificate:
        pack = self.trust.pack()
        return trust.certificate_decoded(
            row.certificate, vault_sign=pack.vault_sign, server=pack.server
        )

    def _line(self, by: calls.Caller, act: Act, lot: bytes, detail: dict[str, object]) -> None:
        actor = bodies.session(by.session.body).account
        self.database.write(
            lambda write: self.ledger.line(write, act, detail, lot=lot, actor=actor)
        )

    def _told(self, write: Connection, by: calls.Caller, act: Act, edge: Edge) -> None:
        actor = bodies.session(by.session.body).account
        self.ledger.line(write, act, {"edge": edge.row.writer}, lot=edge.row.lot, actor=actor)


def _last(read: Connection, edge: Edge) -> Point:
    """Return where an edge's chain stands here."""
    c = records.c
    mine = (c.lot == edge.row.lot, c.writer == edge.row.writer)
    newest = select(c.sequence, c.c).where(*mine).order_by(c.sequence.desc()).limit(1)
    found = read.execute(newest).first()
    if found is None:
        return Point(0, signature.chain_start(edge.rights.public))
    return Point(found.sequence, found.c)
