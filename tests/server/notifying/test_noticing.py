"""From what happens at the lot to what arrives: on a real vault, and a web service on loopback."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from contract import tokens
from contract.ids import uuid7
from lot.clock import now_us
from lot.errors import Damaged, RolledBack
from server.access.rows import KNOWN, RULE
from server.api import delivering
from server.api.watching import Watch
from server.api.ways_in import Taking
from server.indexing.feeding import Indexing
from server.keys.holder import calls
from server.notifying.channels import channels
from server.notifying.noticing import Noticing
from server.notifying.outgoing import Outgoing
from server.notifying.presence import SILENT_S, Presence
from server.notifying.rules import Rules, Wanted
from server.private.rows import Place, Private
from server.store import alarms, lots, notify_rules, private_rows
from server.store.alarms import Alarm
from server.store.notify_rules import Kind, Rule
from server.store.tokens import add as add_token
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import Vaulted
from tests.server.notifying.receivers import Web

MINUTE_US = 60_000_000


@dataclass
class Watched:
    """A vault that tells; the test moves both clocks."""

    vault: Vaulted
    web: Web
    later_us: int = 0
    steady_s: float = 0.0
    outgoing: Outgoing = field(init=False)
    presence: Presence = field(init=False)
    noticing: Noticing = field(init=False)
    indexing: Indexing = field(init=False)

    def __post_init__(self) -> None:
        known = channels({"hook": self.web.address})
        self.outgoing = Outgoing(known, self.vault.parts.is_locked, self.now)
        self.begin()

    def begin(self) -> None:
        """Start as a process does, which remembers nothing."""
        self.presence = Presence(lambda: self.steady_s)
        vault = self.vault
        self.noticing = Noticing(
            vault.database,
            vault.home.keyholder,
            vault.ledger,
            self.outgoing,
            self.presence,
            self.now,
            lambda: self.steady_s,
        )
        self.indexing = Indexing(vault.shelves, vault.home.keyholder, now_us, self.noticing.fed)

    def now(self) -> int:
        return now_us() + self.later_us

    def rule(self, kind: Kind, **more: Any) -> Rule:
        wanted = Wanted(kind, "hook", None, 30, plates=False)
        vault = self.vault
        rules = Rules(vault.database, self.private, vault.ledger, self.outgoing.channels, self.now)
        return rules.add(vault.owner, LOT, replace(wanted, **more))

    @property
    def private(self) -> Private:
        return Private(self.vault.database, self.vault.home.keyholder, self.vault.ledger)

    def list_(self, plate: str, name: str = "blocked") -> None:
        """Put a plate on a list that alarms."""
        content = {"list": name, "plate": plate, "alarm": True}
        content |= dict.fromkeys(("holder", "begins", "ends", "note"))
        self.private.put(self.vault.owner, Place(LOT, KNOWN), secrets.token_bytes(16), 0, content)

    def comes(self, at: int) -> None:
        """Let the car of the tests come, and the index learn of it."""
        self.vault.keep(self.vault.edge.an_event(id=uuid7(at, 1), at=at))
        self.indexing.feed()

    def alarm(self, kind: str, said: str) -> None:
        one = Alarm(LOT, said.encode().ljust(16)[:16], kind, None, None, said, self.now())
        self.vault.database.write(lambda write: alarms.add(write, one))

    def look(self) -> list[str]:
        """Look and send; return what arrived by that."""
        before = len(self.web.came)
        self.noticing.look()
        self.noticing.look_inside()
        self.outgoing.turn()
        return self.web.bodies[before:]

    def standing(self) -> list[tuple[str, str | None]]:
        with self.vault.database.read() as read:
            return [(one.kind, one.camera) for one in alarms.standing(read, LOT)]


@pytest.fixture
def watched(vault: Vaulted, web: Web) -> Watched:
    return Watched(vault, web)


def test_an_alarm_arrives_once_and_what_comes_in_quiet_time_comes_together(
    watched: Watched,
) -> None:
    watched.rule("alarm")
    watched.alarm("fork", "a chain was forked")
    (told,) = watched.look()
    assert told.endswith("a chain was forked")
    assert watched.look() == []

    watched.later_us = 5 * MINUTE_US
    watched.alarm("retention", "more is due than goes by itself")
    watched.alarm("audit_fork", "this edge was told another audit line than is here")
    assert watched.look() == []
    watched.begin()
    assert watched.look() == []  # a restart floods nobody
    watched.later_us = 31 * MINUTE_US
    (told,) = watched.look()
    assert "more is due" in told
    assert "another audit line" in told
    watched.later_us = 120 * MINUTE_US
    assert watched.look() == []


def test_alarms_are_told_while_the_vault_is_locked(watched: Watched) -> None:
    watched.rule("alarm")
    watched.vault.home.keyholder.lock(watched.vault.owner)
    watched.alarm("fork", "a chain was forked")
    assert len(watched.look()) == 1


def test_a_full_lot_is_told_when_the_last_place_goes_and_again_after_one_was_free(
    watched: Watched,
) -> None:
    def holds(cars: int) -> None:
        def work(write: Any) -> None:
            here = lots.found(write, LOT)
            assert here is not None
            lots.change(write, replace(here, capacity=cars))

        watched.vault.database.write(work)

    watched.rule("full", quiet_minutes=1)
    watched.vault.keep(watched.vault.edge.an_event())
    holds(2)
    assert watched.look() == []
    holds(1)
    assert watched.look() == ["Cars inside: 1. Places: 1."]
    watched.later_us += 2 * MINUTE_US
    assert watched.look() == []
    holds(2)
    assert watched.look() == []
    holds(1)
    assert len(watched.look()) == 1


def test_a_silent_edge_and_a_blind_camera_are_alarms_that_end_by_themselves(
    watched: Watched,
) -> None:
    edge, vault = watched.vault.edge.id, watched.vault
    token = tokens.drawn(edge)
    vault.database.write(lambda write: add_token(write, LOT, token, now_us()))
    watched.rule("silent", quiet_minutes=1)
    watched.rule("blind", quiet_minutes=1)
    assert watched.look() == []
    assert watched.standing() == []

    watched.steady_s = SILENT_S
    (told,) = watched.look()
    assert "has not been heard from" in told
    assert watched.standing() == [("edge_silent", None)]
    watched.begin()  # who is not heard from yet after a restart is not back
    watched.look()
    assert watched.standing() == [("edge_silent", None)]

    vault.serve(
        delivering.room(
            Taking(vault.parts, _nothing), Watch(), vault.parts.whereabouts, watched.presence
        )
    )
    assert vault.app is not None

    def calls(blind: str) -> None:
        assert vault.app is not None
        headers = {
            "Authorization": f"Bearer {token.text}",
            "Content-Type": "application/octet-stream",
            "Lot-Blind": blind,
        }
        vault.app.test_client().post("/api/v1/start", headers=headers, data=b"not a start")

    watched.later_us = 10 * MINUTE_US
    calls("north%20gate")
    (told,) = watched.look()
    assert told.endswith("the camera north gate sees nothing")
    assert watched.standing() == [("blind", "north gate")]
    calls("")
    watched.look()
    assert watched.standing() == []


def test_an_alarm_that_somebody_ended_does_not_come_again_while_it_lasts(watched: Watched) -> None:
    vault = watched.vault
    token = tokens.drawn(vault.edge.id)
    vault.database.write(lambda write: add_token(write, LOT, token, now_us()))
    watched.presence.heard(vault.edge.id, ("gate",))
    watched.look()
    with vault.database.read() as read:
        (one,) = alarms.standing(read, LOT)
    vault.database.write(lambda write: alarms.end(write, LOT, one.id, now_us()))
    watched.look()
    assert watched.standing() == []


def test_an_edge_that_was_sent_away_is_not_missed(watched: Watched) -> None:
    watched.steady_s = SILENT_S
    watched.look()
    assert watched.standing() == []  # it has no token


def test_a_listed_car_is_told_while_nobody_looks_and_once(watched: Watched) -> None:
    assert AN_EVENT.plate is not None
    watched.list_(AN_EVENT.plate)
    watched.rule("listed", plates=True, quiet_minutes=1)
    watched.indexing.feed()
    assert watched.look() == []
    watched.comes(now_us())
    (told,) = watched.look()
    assert told.endswith(f"{AN_EVENT.plate} (blocked)")
    assert watched.vault.acts()[-1] == "notify_told"

    watched.later_us, watched.steady_s = 2 * MINUTE_US, 120.0
    assert watched.look() == []


def test_who_stays_for_long_is_told_without_a_plate_unless_the_rule_lets_it(
    watched: Watched,
) -> None:
    watched.rule("overstay", hours=24)
    watched.comes(now_us() - 25 * 60 * MINUTE_US)
    assert watched.look() == ["A car has been inside for more than 24 hours."]
    watched.rule("overstay", hours=25, plates=True)
    watched.steady_s = 61.0  # no record came: the minute alone makes it look again
    (told,) = watched.look()
    assert told.startswith(f"{AN_EVENT.plate}, since ")


def test_nothing_of_cars_is_told_while_the_vault_is_locked_or_its_index_is_not_whole(
    watched: Watched,
) -> None:
    vault = watched.vault
    watched.rule("overstay", hours=1)
    vault.home.keyholder.lock(vault.owner)
    came = now_us() - 120 * MINUTE_US
    vault.keep(vault.edge.an_event(id=uuid7(came, 1), at=came))
    watched.steady_s = 100.0
    assert watched.look() == []
    vault.home.unlock(vault.home.code(1))
    watched.steady_s = 200.0
    assert watched.look() == []
    watched.indexing.feed()
    assert len(watched.look()) == 1


def test_a_rule_that_no_owner_made_is_told_nothing(watched: Watched) -> None:
    vault, hold = watched.vault, watched.vault.home.keyholder
    rule = watched.rule("overstay", hours=48)
    watched.comes(now_us() - 25 * 60 * MINUTE_US)
    with vault.database.read() as read:
        row = private_rows.found(read, LOT, RULE, rule.id)
    assert row is not None
    true = calls.SealedRow(row.kind, row.id, row.version, row.box)
    assert hold.notice(calls.Notice(LOT, true, (), ())) == ()
    other = replace(true, id=b"x" * 16)
    flipped = replace(true, box=row.box[:-1] + bytes([row.box[-1] ^ 1]))
    for forged in (other, flipped, replace(true, version=2)):
        with pytest.raises((Damaged, RolledBack)):
            hold.notice(calls.Notice(LOT, forged, (), ()))
    with pytest.raises(Damaged):
        hold.notice(calls.Notice(b"o" * 16, true, (), ()))
    # What the database says in clear beside it, anybody who has the card could write there.
    vault.database.write(lambda write: notify_rules.change(write, replace(rule, hours=1)))
    assert watched.look() == []
    Rules(vault.database, watched.private, vault.ledger, watched.outgoing.channels, now_us).drop(
        vault.owner, LOT, rule.id
    )
    with pytest.raises(RolledBack):
        hold.notice(calls.Notice(LOT, true, (), ()))


def _nothing() -> None:
    return None
