"""All of Now in one answer: what its parts say alone, to each as far as they may see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update

from contract import audit
from contract.ids import uuid7
from lot.clock import now_us
from server.access.roles import Role
from server.api.holders import Holders, Shown
from server.api.now_room import Alike, Looking
from server.api.standing import Standing
from server.desk.service import Service
from server.index.asked import LIMIT_MAX, Query
from server.indexing.feeding import Indexing
from server.keys.holder import bodies, calls
from server.keys.holder.pace import PARTS_A_MINUTE
from server.private.rows import Private
from server.store import alarms, lots
from server.store.alarms import Alarm
from server.store.lots import Lot
from server.store.tables import audit_lines, sessions
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import Vaulted

HERE = f"/lots/{LOT.hex()}"
DAY_US = 86_400_000_000
AT_ONCE = 6
ELSEWHERE = b"another lot's id"


class Watched:
    """A lot with a car of today and one of the day before yesterday, whom many watch."""

    def __init__(self, vault: Vaulted) -> None:
        self.vault = vault
        self.indexing: Indexing = vault.indexing
        vault.serve()
        vault.database.write(
            lambda write: lots.add(write, Lot(ELSEWHERE, "south", "UTC", 9, 90, 30, now_us()))
        )
        alarm = Alarm(LOT, b"a" * 16, "blind", None, "gate", "the camera is blind", now_us())
        vault.database.write(lambda write: alarms.add(write, alarm))
        known = {"list": "blocked", "plate": AN_EVENT.plate, "note": "owes a month", "alarm": True}
        row = {**dict.fromkeys(("holder", "begins", "ends")), **known}
        assert vault.ask("POST", f"{HERE}/known", json=row).status_code == 201
        self.come(2 * DAY_US)
        self.come(0)

    def come(self, ago: int) -> None:
        at = now_us() - ago
        self.vault.keep(self.vault.edge.an_event(id=uuid7(at, 1), at=at))
        self.indexing.feed()

    def everybody(self) -> dict[str, calls.Caller]:
        roles = {role.value: self.vault.person(role.value, role) for role in Role}
        stranger = self.vault.person("stranger", Role.MANAGER, ELSEWHERE)
        return {**roles, "of another lot": stranger}

    def looking(self) -> Looking:
        of, hold, database = self.vault.parts, self.vault.home.keyholder, self.vault.database
        private = Private(database, hold, of)
        desk = Service(private, hold, of, of.shelf, of.said, of.typed, now_us)
        return Looking(Standing(database, hold, now_us, of.clock), desk, of)

    def people(self, *by: calls.Caller) -> list[Any]:
        holders = Holders(self.vault.database, self.vault.home.keyholder, now_us)
        return [holders.person(one.token, None, acts=False) for one in by]


_SEQ = audit_lines.c.seq
ALIKE = Alike(Role.ATTENDANT, None, None, None, 20)


@pytest.fixture
def watched(vault: Vaulted) -> Watched:
    return Watched(vault)


def _seen(said: Any) -> Any:
    """Return an answer without the times at which it was made."""
    for lot in said["lots"]:
        del lot["occupancy"]["at"]
    for name in ("time", "locks_in_s"):
        del said["status"][name]
    return said


def _alone(vault: Vaulted, by: calls.Caller) -> Any:
    """Return the same of the single operations."""

    def part(path: str) -> Any:
        return {"rows": vault.said(path, by)["rows"], "problem": None}

    status = vault.said("/status", by)
    of_lots = [
        {
            "lot": one["lot"],
            "occupancy": vault.said(f"/lots/{one['lot']}/occupancy", by),
            "counts": vault.said(f"/lots/{one['lot']}/counts", by),
            "alarms": vault.said(f"/lots/{one['lot']}/alarms?which=standing", by),
            "hits": part(f"/lots/{one['lot']}/hits"),
        }
        for one in status["lots"]
    ]
    return _seen({"status": status, "lots": of_lots, "events": part("/events?limit=20")})


def test_each_part_is_what_its_own_operation_answers_whoever_asks(watched: Watched) -> None:
    vault, everybody = watched.vault, watched.everybody()
    said = {name: _seen(vault.said("/now", by)) for name, by in everybody.items()}
    assert said == {name: _alone(vault, by) for name, by in everybody.items()}
    assert [len(said[name]["events"]["rows"]) for name in ("owner", "attendant")] == [2, 1]
    hits = {name: len(one["lots"][0]["hits"]["rows"]) for name, one in said.items()}
    assert hits["attendant"] >= 1
    assert hits["auditor"] == hits["viewer"] == hits["of another lot"] == 0


def test_who_looks_while_others_do_sees_no_more_than_alone(watched: Watched) -> None:
    vault, everybody = watched.vault, watched.everybody()
    alone = {name: _alone(vault, by) for name, by in everybody.items()}
    names = [*everybody] * AT_ONCE
    with ThreadPoolExecutor(len(names)) as pool:
        answers = [*pool.map(lambda name: _seen(vault.said("/now", everybody[name])), names)]
    for name, said in zip(names, answers, strict=True):
        assert said == alone[name], name
    assert [one["lot"] for one in alone["of another lot"]["lots"]] == [ELSEWHERE.hex()]
    assert alone["of another lot"]["events"]["rows"] == []


def test_every_look_is_written_down_as_if_it_were_alone(watched: Watched) -> None:
    vault = watched.vault
    booths = [vault.person(f"booth {number}", Role.ATTENDANT) for number in range(3)]
    before = len(vault.acts())
    for one in watched.looking().looks(ALIKE, watched.people(*booths)):
        assert _events(one) == 1
    assert vault.acts()[before:] == ["search", "search"] * len(booths)  # events, and a hit
    lines = [one for one in vault.said("/audit")["rows"] if one["act"] == "search"]
    assert len({one["actor"] for one in lines}) == len(booths)
    with vault.database.read() as read:
        rows = read.execute(select(audit_lines.c.line, audit_lines.c.head).order_by(_SEQ)).all()
    for line, after in pairwise(rows):
        assert line.head == audit.chain_next(line.line) == audit.decoded(after.line).prev


def test_a_session_altered_behind_our_back_is_nobodys_and_spoils_none(watched: Watched) -> None:
    vault = watched.vault
    altered, there = (vault.person(name, Role.ATTENDANT) for name in ("altered", "there"))
    id_ = bodies.session(altered.session.body).id
    torn = update(sessions).where(sessions.c.id == id_).values(body=b"{")
    vault.database.write(lambda write: write.execute(torn))
    shown = [Shown(session=bodies.session(one.session.body).id) for one in (altered, there)]
    first, second = Holders(vault.database, vault.home.keyholder, now_us).rows(shown)
    assert (first.session, first.account) == (None, None)
    assert (second.session, second.account) == (there.session, there.account)
    assert vault.ask("GET", "/now", altered).status_code == 401
    assert vault.ask("GET", "/now", there).status_code == 200


def test_whom_the_keyholder_refuses_for_themselves_is_refused_alone(watched: Watched) -> None:
    vault, hold = watched.vault, watched.vault.home.keyholder
    gone, hasty, there = (vault.person(name, Role.ATTENDANT) for name in ("gone", "hasty", "there"))
    people = watched.people(gone, hasty, there)
    hold.sign_out(gone)
    for _ in range(PARTS_A_MINUTE // 200):
        hold.search_events(calls.SearchEvents(hasty, Query(limit=200)))
    much = replace(ALIKE, limit=LIMIT_MAX)  # ten seconds fill the bucket for so many again
    first, second, third = watched.looking().looks(much, people)
    assert _why(first, "events") == _why(first, "hits") == "session_ended"
    assert _why(second, "events") == "too_fast"
    assert _why(third, "events") == _why(third, "hits") == ""
    assert third.refused == ()
    assert _events(third) == 1


def test_locked_it_is_counts_alone_and_nobody_looked_at_a_plate(watched: Watched) -> None:
    vault = watched.vault
    opened = _seen(vault.said("/now"))
    before = len(vault.acts())
    vault.home.keyholder.lock(vault.owner)
    said = _seen(vault.said("/now"))
    assert said["status"]["locked"]
    for part in (said["events"], *(lot["hits"] for lot in said["lots"])):
        assert part["rows"] is None
        assert part["problem"]["type"].endswith(":locked")
    for lot, was in zip(said["lots"], opened["lots"], strict=True):
        assert {**lot, "hits": None} == {**was, "hits": None}
    assert vault.acts()[before:] == []


def test_more_than_a_month_of_counts_is_refused_as_alone(watched: Watched) -> None:
    asked = f"/now?first=0&last={40 * DAY_US}"
    assert watched.vault.ask("GET", asked).get_json()["field"] == "first"


def _events(look: Any) -> int:
    return len(look.said["events"]["rows"])


def _why(look: Any, part: str) -> str:
    """Return the code for which a part is refused, nothing where it is not."""
    said = look.said["events"] if part == "events" else look.said["lots"][0][part]
    assert (said["rows"] is None) == (said["problem"] is not None)
    return str((said["problem"] or {}).get("type", "")).rpartition(":")[2]
