"""Rules are added, changed and dropped, each change with its line in the audit.

What a rule lets be told lies sealed beside it: nobody is signed in when it is told, so the
keyholder must know what an owner wanted. Only an open vault seals, so rules change while it is.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace

from sqlalchemy import Connection

from contract.head import ID_BYTES
from lot.errors import WrongUsage
from lot.words import LANGUAGES
from server.access.ledger import Ledger
from server.access.rows import RULE
from server.keys.holder import bodies, calls
from server.notifying.channels import Channels
from server.private.rows import Place, Private
from server.refusals import NotThere, TooMany
from server.store import lots, notify_rules, private_rows
from server.store.database import Database
from server.store.notify_rules import Kind, Rule

QUIET_MINUTES_MAX = 1440
HOURS_MAX = 8760
RULES_MAX = 50  # of a lot; each is looked at every few seconds


@dataclass(frozen=True, slots=True)
class Wanted:
    """A rule as somebody wants it."""

    kind: Kind
    channel: str
    hours: int | None
    quiet_minutes: int
    plates: bool
    language: str = LANGUAGES[0]  # of the page on which it was made


@dataclass(frozen=True, slots=True)
class Rules:
    """Keeps rules for who may; asking that is the caller's."""

    database: Database
    private: Private
    ledger: Ledger
    channels: Channels
    now: Callable[[], int]  # µs UTC

    def of_lot(self, lot: bytes) -> list[Rule]:
        """Return a lot's rules, the oldest first."""
        with self.database.read() as read:
            return notify_rules.of_lot(read, lot)

    def add(self, by: calls.Caller, lot: bytes, wanted: Wanted) -> Rule:
        """Add a rule; what stands when it is made is no news to it."""
        self._check(wanted)
        id_ = secrets.token_bytes(ID_BYTES)
        made = Rule(lot, id_, **asdict(wanted), told=None, made=self.now())

        def keep(write: Connection) -> None:
            if lots.found(write, lot) is None:
                raise NotThere("there is no such lot", then="look at the list of lots")
            if len(notify_rules.of_lot(write, lot)) >= RULES_MAX:
                raise TooMany(f"a lot has {RULES_MAX} rules at most", then="drop one first")
            notify_rules.add(write, made)
            self.ledger.line(write, "notify_added", asdict(wanted), lot=lot, actor=_actor(by))

        self.private.put(by, Place(lot, RULE), id_, 0, _allowed(wanted), also=keep)
        return made

    def change(self, by: calls.Caller, lot: bytes, id_: bytes, wanted: Wanted) -> Rule:
        """Give a rule other values."""
        self._check(wanted)
        known, version = self._known(lot, id_)
        new = replace(known, **asdict(wanted))

        def keep(write: Connection) -> None:
            notify_rules.change(write, new)
            self.ledger.line(write, "notify_changed", asdict(wanted), lot=lot, actor=_actor(by))

        self.private.put(by, Place(lot, RULE), id_, version, _allowed(wanted), also=keep)
        return new

    def drop(self, by: calls.Caller, lot: bytes, id_: bytes) -> None:
        """Let a rule go."""
        known, version = self._known(lot, id_)

        def forget(write: Connection) -> None:
            notify_rules.drop(write, lot, id_)
            detail = {"kind": known.kind, "channel": known.channel}
            self.ledger.line(write, "notify_dropped", detail, lot=lot, actor=_actor(by))

        self.private.drop(by, Place(lot, RULE), id_, version, also=forget)

    def note_test(self, by: calls.Caller, channel: str) -> None:
        """Write down that somebody tries a channel."""
        detail = {"channel": channel}
        self.database.write(
            lambda write: self.ledger.line(write, "notify_tested", detail, actor=_actor(by))
        )

    def _check(self, wanted: Wanted) -> None:
        self.channels.for_rules(wanted.channel)
        if (wanted.hours is None) == (wanted.kind == "overstay"):
            raise WrongUsage(
                "hours are those of an overstay", then="give them there, and nowhere else"
            )
        if wanted.plates and wanted.kind not in ("listed", "overstay"):
            raise WrongUsage(
                "only listed cars and overstays have plates", then="leave plates off elsewhere"
            )

    def _known(self, lot: bytes, id_: bytes) -> tuple[Rule, int]:
        """Return a rule, and the version of its sealed half: 0 where there is none."""
        with self.database.read() as read:
            found = notify_rules.found(read, lot, id_)
            row = private_rows.found(read, lot, RULE, id_)
        if found is None:
            raise NotThere("there is no such rule", then="look at the list again")
        return found, 0 if row is None else row.version


def _allowed(wanted: Wanted) -> Mapping[str, object]:
    return {
        "kind": wanted.kind,
        "hours": wanted.hours,
        "quiet_minutes": wanted.quiet_minutes,
        "plates": wanted.plates,
    }


def _actor(by: calls.Caller) -> bytes:
    return bodies.session(by.session.body).account
