"""The audit log: who did what and when, also while locked; what it was about while unlocked."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from dataclasses import asdict
from typing import get_args

from contract.audit import SERVER_CLOCKS
from contract.head import ID_BYTES
from lot.web.problems import Problem
from lot.web.shapes import TIME, Anything, Many, Matching, Maybe, Named, Octets, Text, Whole, Word
from lot.web.shapes import fields as object_of
from server.access.roles import Right
from server.api.app import Asked
from server.api.operations import Operation, Room
from server.api.spoken import LOT
from server.audit.reading import AuditLog, Reader, State, Told
from server.store.audit_lines import Mark, Wanted

PAGE_MAX = 200
_PAGE = 50
_PEOPLE_MAX = 1000
_ID, _HASH = Octets(ID_BYTES), Octets(32)
_ACT = Matching("[a-z_]{1,24}", "an act, as lines name it")
_CURSOR = re.compile(r"([0-9]{1,16})\.([0-9a-f]{32})\.([0-9]{1,16})")

_LINE = Named(
    "AuditLine",
    object_of(
        node=_ID,
        seq=Whole(1),
        time=TIME,
        clock=Word(SERVER_CLOCKS),
        lot=Maybe(LOT),
        actor=_ID,
        who=Maybe(Text(64)),
        act=_ACT,
        head=_HASH,
        state=Word(get_args(State)),
        detail=Maybe(Anything("What it was about; its fields are those of its act.")),
        fault=Maybe(Text(500)),
    ),
)


def room(log: AuditLog) -> Room:
    """Return the room."""
    here = Room("audit", "The audit log")

    @here.answers(
        Operation(
            "read_audit",
            "GET",
            "/audit",
            Right.AUDIT,
            "Audit lines, the newest first. `state` says of a detail: none, in clear, opened, "
            "sealed (unlock the vault), or unreadable. Reading is a line too.",
            answer=object_of(
                rows=Many(_LINE, PAGE_MAX),
                cursor=Maybe(Text(80)),
                people=Many(object_of(actor=_ID, who=Text(64)), _PEOPLE_MAX),
            ),
            query={
                "first": TIME,
                "last": TIME,
                "lot": LOT,
                "actor": _ID,
                "act": _ACT,
                "cursor": Text(80),
                "limit": Whole(1, PAGE_MAX, f"Lines a page; else {_PAGE}."),
            },
            problems=("too_fast",),
        )
    )
    def lines(asked: Asked) -> Mapping[str, object]:
        query = asked.query
        lot = query.octets_or_none("lot")
        wanted = Wanted(
            None if lot is None else (lot,),
            query.whole_or_none("first"),
            query.whole_or_none("last"),
            query.octets_or_none("actor"),
            query.text_or_none("act"),
        )
        before = _mark(query.text_or_none("cursor"))
        most = query.whole_or_none("limit") or _PAGE
        reader = _reader(asked)
        rows, after = log.page(reader, wanted, before, most)
        people = [asdict(one) for one in log.people(reader)]
        return {
            "rows": [_said(one) for one in rows],
            "cursor": _cursor(after),
            "people": people[:_PEOPLE_MAX],
        }

    return here


def _reader(asked: Asked) -> Reader:
    person, far = asked.person, asked.person.may(Right.AUDIT)
    assert far is not None  # the operation's right says so
    return Reader(person.by, person.account, far, person.lots or frozenset())


def _said(told: Told) -> dict[str, object]:
    line, detail = told.line, told.detail
    names = ("node", "seq", "time", "clock", "lot", "actor", "act")
    return {
        **{name: getattr(line, name) for name in names},
        "who": told.who,
        "head": told.head,
        "state": detail.state,
        "detail": detail.says,
        "fault": detail.fault,
    }


def _cursor(mark: Mark | None) -> str | None:
    if mark is None:
        return None
    spelt = f"{mark.time}.{mark.node.hex()}.{mark.seq}"
    return base64.urlsafe_b64encode(spelt.encode()).decode().rstrip("=")


def _mark(cursor: str | None) -> Mark | None:
    if cursor is None:
        return None
    try:
        spelt = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)).decode("ascii")
    except (binascii.Error, ValueError):
        spelt = ""
    found = _CURSOR.fullmatch(spelt)
    if found is None:
        raise Problem("wrong_field", "the cursor is none of ours", field="cursor")
    return Mark(int(found[1]), bytes.fromhex(found[2]), int(found[3]))
