"""The audit log as somebody may read it: lines page by page, their details while the vault is open.

That somebody read it is a line too, written before anything is shown.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from sqlalchemy import Connection

from contract import audit, sealing
from contract.audit import CLEAR_ACTS, Line
from lot.errors import Damaged
from server.access.ledger import Ledger
from server.access.roles import Limit, reads_lines_of
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import Locked
from server.records.sealed import Kept
from server.store import audit_lines, lots, vouched, writers
from server.store.audit_lines import Mark, Wanted
from server.store.database import Database
from server.store.tables import SERVER

State = Literal["none", "clear", "opened", "sealed", "unreadable"]

_PART = "audit"


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and how far their right goes; `lots` are theirs, none for all."""

    by: calls.Caller
    account: bytes
    far: Limit
    lots: frozenset[bytes]

    def sees(self, lot: bytes) -> bool:
        return reads_lines_of(self.far, self.lots, None if lot == SERVER else lot)


@dataclass(frozen=True, slots=True)
class Detail:
    """What a line is about, as far as that can be said now."""

    state: State
    says: Mapping[str, object] | None = field(default=None, repr=False)
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A line, with the name of who did it."""

    line: Line
    head: bytes
    who: str | None
    detail: Detail


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody whom lines may be narrowed to."""

    actor: bytes
    who: str


@dataclass(frozen=True, slots=True)
class AuditLog:
    """Reads the log."""

    database: Database
    keyholder: Keyholder
    wraps: Kept
    ledger: Ledger

    def page(
        self, reader: Reader, wanted: Wanted, before: Mark | None, most: int
    ) -> tuple[list[Told], Mark | None]:
        """Return lines, the newest first, and where the next page begins."""
        self._written(reader, wanted)
        with self.database.read() as read:
            within = replace(wanted, lots=_lots(read, reader, wanted.lots))
            kept = audit_lines.page(read, within, before=before, most=most)
            names = _names(read)
        lines = [audit.decoded(one.line) for one in kept]
        details = self._details(reader, lines, kept)
        told = [
            Told(line, one.head, names.get(line.actor), details[one.head])
            for line, one in zip(lines, kept, strict=True)
        ]
        last = lines[-1] if len(lines) == most else None
        return told, None if last is None else Mark(last.time, last.node, last.seq)

    def people(self, reader: Reader) -> list[Person]:
        """Return who may have done what a reader is shown, by name."""
        with self.database.read() as read:
            known = vouched.accounts_known(read)
        mine = reader.lots
        seen = [one for one in known if not mine or not one.lots or mine & frozenset(one.lots)]
        return sorted((Person(one.id, one.name) for one in seen), key=lambda one: one.who)

    def _details(
        self, reader: Reader, lines: Sequence[Line], kept: Sequence[audit_lines.Kept]
    ) -> dict[bytes, Detail]:
        """Return what the lines' details say, by the heads of their lines."""
        found: dict[bytes, Detail] = {}
        asked: dict[bytes, calls.SealedDetail] = {}
        for line, one in zip(lines, kept, strict=True):
            if one.detail is None:
                found[one.head] = Detail("none")
            elif line.act in CLEAR_ACTS:
                found[one.head] = Detail("clear", _fields(one.detail))
            elif (wrap := self._wrap(one.detail)) is None:
                found[one.head] = Detail("unreadable", fault="the key of it is not here")
            else:
                found[one.head] = Detail("sealed")
                asked[one.head] = calls.SealedDetail(one.line, one.detail, wrap)
        try:
            opened = self.keyholder.details(calls.OpenDetails(reader.by, tuple(asked.values())))
        except Locked:
            return found
        return found | {head: _said(one) for head, one in zip(asked, opened, strict=True)}

    def _wrap(self, detail: bytes) -> bytes | None:
        try:
            return self.wraps.get(SERVER, sealing.read(detail, name=_PART).key_id)
        except Damaged:
            return None

    def _written(self, reader: Reader, wanted: Wanted) -> None:
        asked = {name: getattr(wanted, name) for name in ("first", "last", "actor", "act")}
        self.database.write(
            lambda write: self.ledger.line(write, "audit_read", asked, actor=reader.account)
        )


def _lots(
    read: Connection, reader: Reader, asked: Collection[bytes] | None
) -> Collection[bytes] | None:
    """Return of which lots lines are shown; None for all, and for what is of none."""
    if asked is not None:
        return [lot for lot in asked if reader.sees(lot)]
    if reader.sees(SERVER):
        return None
    return [one.lot for one in lots.every(read) if reader.sees(one.lot)]


def _said(opened: calls.OpenedDetail) -> Detail:
    if opened.content is None:
        return Detail("unreadable", fault=opened.fault)
    return Detail("opened", _fields(opened.content))


def _fields(content: bytes) -> Mapping[str, object]:
    said: dict[str, object] = json.loads(content)
    return {name: value for name, value in said.items() if name != "v"}


def _names(read: Connection) -> dict[bytes, str]:
    people = {one.id: one.name for one in vouched.accounts_known(read)}
    edges = {one.writer: one.name for one in writers.every(read) if one.role == "edge"}
    return edges | people  # the server's own lines are nobody's
