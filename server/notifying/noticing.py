"""Looks for what rules tell of, and hands it to what sends.

Alarms and counts stand in clear and are looked for every few seconds, locked or not. Who is on a
list, or stays for long, only an open vault tells: the keyholder is asked by each rule whenever its
index learned something, and once a minute, whoever looks at a page. It answers what the rule lets
be said, so a plate comes here only to leave.
"""

from __future__ import annotations

import logging
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from time import monotonic

from lot import times
from lot.errors import Damaged, LotError, RolledBack
from server.access.ledger import Ledger
from server.access.rows import KNOWN, RULE
from server.desk.matching import MINUTE_US
from server.desk.noticing import Noticed
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway, Locked
from server.notifying import deciding
from server.notifying.deciding import Place
from server.notifying.message import Message
from server.notifying.outgoing import Outgoing
from server.notifying.presence import Presence
from server.records import counting
from server.store import alarms, lots, notify_rules, private_rows, writers
from server.store.alarms import Alarm
from server.store.database import Database
from server.store.lots import Lot
from server.store.notify_rules import Rule
from server.store.private_rows import PrivateRow

_log = logging.getLogger("lotkeeper.notifying")

_LOOKS_S = 5.0
_COUNTS_US = MINUTE_US  # counting a million rows takes a Pi seconds
_TOLD_MAX = 5000
_ASKS_S = 60.0  # time alone makes an overstay, and a list may have been changed
_REST = 10  # times as long as the last round of questions took, so that a Pi has time for people
_KNOWN_MAX = 5000
_KNOWN_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class _News:
    """A message, and up to when its rule has told with it."""

    rule: Rule
    message: Message
    until: int


class Noticing:
    """Notices for all lots; safe to share between threads."""

    def __init__(
        self,
        database: Database,
        keyholder: Keyholder,
        ledger: Ledger,
        outgoing: Outgoing,
        presence: Presence,
        now: Callable[[], int],
        steady: Callable[[], float] = monotonic,
    ) -> None:
        self._database = database
        self._keyholder = keyholder
        self._ledger = ledger
        self._steady = steady
        self._outgoing = outgoing
        self._presence = presence
        self._now = now
        self._lock = threading.Lock()
        self._sent: dict[bytes, int] = {}  # when each rule last spoke
        self._told: OrderedDict[tuple[bytes, bytes], None] = OrderedDict()  # by rule and mark
        self._hopeless: set[bytes] = set()  # rules that the keyholder does not take, told once
        self._woken = threading.Event()
        self._fed: int | None = None  # when the vault was opened whose index is whole
        self._asks_s = 0.0  # when it is asked next, news or not
        self._rests_s = 0.0  # until when it is not
        self._has_news = False
        self._full: set[bytes] = set()
        self._counted: dict[bytes, tuple[int, int]] = {}  # by lot: when, and how many

    def start(self) -> None:
        """Look in a thread of this process, until it ends."""
        threading.Thread(target=self._run, name="noticing", daemon=True).start()

    def look(self) -> None:
        """Look at what stands in clear, and hand on what is new."""
        now = self._now()
        self._presence.look(self._database, now)
        if not self._outgoing.channels.every:
            return
        with self._lock:
            for one in self._news(now):
                self._tell(one, now)

    def fed(self, unlocked_at: int | None, told: int) -> None:
        """Note that the index has all that is stored, and whether it learned something by that."""
        is_first = unlocked_at != self._fed
        self._fed = unlocked_at
        if told or is_first:
            self._has_news = True
            self._woken.set()

    def look_inside(self) -> None:
        """Ask an open vault what its rules tell, where it may know something new; hand that on."""
        now_s = self._steady()
        is_due = self._has_news or now_s >= self._asks_s
        if not is_due or now_s < self._rests_s or not self._outgoing.channels.every:
            return
        condition = self._keyholder.status()
        if condition.state != "unlocked" or condition.unlocked_at != self._fed:
            return  # an index that is not whole yet would miss who left
        self._has_news, self._asks_s = False, now_s + _ASKS_S
        with self._lock:
            for lot, rule in self._rules_of_cars():
                self._ask(lot, rule)
        self._rests_s = now_s + _REST * (self._steady() - now_s)

    def _run(self) -> None:
        while True:
            self._woken.clear()
            for look in (self.look, self.look_inside):
                try:
                    look()
                except (Locked, KeyholderAway):
                    continue
                except LotError as error:  # the next look tells what this one could not see
                    _log.warning("noticing=waits why=%r", error.what)
            self._woken.wait(_LOOKS_S)

    def _news(self, now: int) -> list[_News]:
        with self._database.read() as read:
            stands = [
                (lot, rule, alarms.standing(read, lot.lot))
                for lot in lots.every(read)
                for rule in notify_rules.of_lot(read, lot.lot)
            ]
            edges = {one.writer: one.name for one in writers.every(read)} if stands else {}
        found = [
            self._new(lot, _place(lot, edges), rule, standing, now)
            for lot, rule, standing in stands
        ]
        return [one for one in found if one is not None]

    def _new(
        self, lot: Lot, place: Place, rule: Rule, standing: Iterable[Alarm], now: int
    ) -> _News | None:
        quiet = deciding.is_quiet(rule, self._sent.get(rule.id), now)
        if rule.kind == "full":
            return self._fullness(rule, lot, now, is_quiet=quiet)
        new = [] if quiet else deciding.new_alarms(rule, standing)
        return _News(rule, deciding.of_alarms(rule, place, new), new[0].at) if new else None

    def _inside(self, lot: Lot, now: int) -> int:
        at, number = self._counted.get(lot.lot, (None, 0))
        if at is None or abs(now - at) >= _COUNTS_US:
            with self._database.read() as read:
                number = counting.inside(read, lot.lot, now)
            self._counted[lot.lot] = (now, number)
        return number

    def _fullness(self, rule: Rule, lot: Lot, now: int, *, is_quiet: bool) -> _News | None:
        """Tell when the last place is taken, and again only after one was free."""
        inside = self._inside(lot, now)
        if not deciding.is_full(inside, lot.capacity):
            self._full.discard(rule.id)
            return None
        if rule.id in self._full or is_quiet:
            return None
        self._full.add(rule.id)
        message = deciding.of_fullness(rule, _place(lot), inside, lot.capacity or 0)
        return _News(rule, message, now)

    def _tell(self, one: _News, now: int) -> None:
        self._database.write(lambda write: notify_rules.told(write, one.rule, one.until))
        self._send(one.rule, one.message, now)

    def _rules_of_cars(self) -> list[tuple[Lot, Rule]]:
        with self._database.read() as read:
            return [
                (lot, rule)
                for lot in lots.every(read)
                for rule in notify_rules.of_lot(read, lot.lot)
                if rule.kind in ("listed", "overstay")
            ]

    def _ask(self, lot: Lot, rule: Rule) -> None:
        now = self._now()
        if deciding.is_quiet(rule, self._sent.get(rule.id), now):
            return
        try:
            new = self._noticed(rule)
        except (Damaged, RolledBack) as fault:
            if rule.id not in self._hopeless:
                _log.warning("rule=%s untold why=%r", rule.id.hex()[:8], fault.what)
            self._hopeless.add(rule.id)
            return
        if not new:
            return
        self._keep(rule, [one.mark for one in new])
        said = deciding.of_hits if rule.kind == "listed" else deciding.of_overstays
        self._write_down(rule, new)
        self._send(rule, said(rule, _place(lot), new), now)

    def _noticed(self, rule: Rule) -> list[Noticed]:
        """Return what the keyholder says by a rule; nothing where its sealed half is not there."""
        with self._database.read() as read:
            row = private_rows.found(read, rule.lot, RULE, rule.id)
            known = private_rows.page(read, rule.lot, KNOWN, most=_KNOWN_MAX)
        if row is None:
            return []
        sealed, told, new = _sealed(row), self._told_by(rule), list[Noticed]()
        chunks = [known[at : at + _KNOWN_AT_ONCE] for at in range(0, len(known), _KNOWN_AT_ONCE)]
        for some in chunks if rule.kind == "listed" else [[]]:
            marks = (*told, *(one.mark for one in new))
            listed = tuple(map(_sealed, some))
            new += self._keyholder.notice(calls.Notice(rule.lot, sealed, listed, marks))
        return new

    def _write_down(self, rule: Rule, new: Sequence[Noticed]) -> None:
        """Keep that cars were told of in nobody's name, and of how many the plate."""
        named = sum(one.named is not None for one in new)
        detail = {"rule": rule.id, "channel": rule.channel, "cars": len(new), "named": named}
        self._database.write(
            lambda write: self._ledger.line(write, "notify_told", detail, lot=rule.lot)
        )

    def _told_by(self, rule: Rule) -> list[bytes]:
        return [mark for id_, mark in self._told if id_ == rule.id]

    def _keep(self, rule: Rule, marks: Iterable[bytes]) -> None:
        for one in marks:
            self._told[rule.id, one] = None
        while len(self._told) > _TOLD_MAX:
            self._told.popitem(last=False)

    def _send(self, rule: Rule, message: Message, now: int) -> None:
        self._sent[rule.id] = now
        self._outgoing.put(message)


def _place(lot: Lot, edges: Mapping[bytes, str] | None = None) -> Place:
    zone = times.zone(lot.timezone)

    def clock(at: int) -> str:
        return f"{times.moment(at).astimezone(zone):%Y-%m-%d %H:%M}"

    return Place(lot.name, clock, edges or {})


def _sealed(row: PrivateRow) -> calls.SealedRow:
    return calls.SealedRow(row.kind, row.id, row.version, row.box)
