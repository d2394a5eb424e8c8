"""Known plates, customers, bookings and tickets: four kinds of row, kept and answered alike."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract.digest import H
from contract.head import ID_BYTES
from contract.plates import normalise
from server.access.roles import Limit, Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.problems import Problem
from server.api.shapes import (
    TIME,
    Many,
    Maybe,
    Named,
    Object,
    Octets,
    Shape,
    Text,
    Truth,
    Whole,
    Word,
    fields,
)
from server.api.spoken import EVENT_ID, LOT, PLATE, REASON
from server.index.asked import LIMIT_MAX, Query
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.private import Kept, Place, Private

PAGE_MAX = 200
TOKEN_BYTES = 16  # 128 bits of a ticket's link
_ID = Octets(ID_BYTES)
_LINE, _LINES = Text(200), Text(2000, lines=True)
_MAYBE_TIME = Maybe(TIME)
_NOTE = Maybe(_LINES)


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: what it says, and who may read and change it."""

    name: str  # as rows and audit lines bear it
    plural: str  # as addresses do
    says: str
    content: Object
    reads: Right
    writes: Right
    has_link: bool = False  # the row's id is the first half of the hash of its link's token


KINDS: tuple[Kind, ...] = (
    Kind(
        "known",
        "known",
        "Known plates: who they are, on which list, from when to when.",
        fields(
            list=Text(64),
            plate=PLATE,
            holder=Maybe(_LINE),
            begins=_MAYBE_TIME,
            ends=_MAYBE_TIME,
            alarm=Truth(),
            note=_NOTE,
        ),
        reads=Right.SEE_LISTS,
        writes=Right.MANAGE,
    ),
    Kind(
        "customer",
        "customers",
        "Customers, with their plates and how they are reached.",
        fields(
            name=_LINE, phone=Maybe(_LINE), mail=Maybe(_LINE), plates=Many(PLATE, 16), note=_NOTE
        ),
        reads=Right.CORRECT,
        writes=Right.CORRECT,
    ),
    Kind(
        "booking",
        "bookings",
        "Bookings: who comes, from when to when.",
        fields(
            customer=Maybe(_ID),
            name=_LINE,
            plate=Maybe(PLATE),
            begins=TIME,
            ends=TIME,
            bay=Maybe(Text(64)),
            state=Word(("expected", "came", "left", "cancelled")),
            note=_NOTE,
        ),
        reads=Right.CORRECT,
        writes=Right.CORRECT,
    ),
    Kind(
        "ticket",
        "tickets",
        "Tickets of the desk; the link's token is shown once, and kept as its hash.",
        fields(
            event=EVENT_ID,
            customer=Maybe(_ID),
            name=Maybe(_LINE),
            bay=Maybe(Text(64)),
            key=Maybe(Text(64)),
            called=_MAYBE_TIME,
            ends=Maybe(TIME),
            note=_NOTE,
        ),
        reads=Right.CORRECT,
        writes=Right.CORRECT,
        has_link=True,
    ),
)


def room(private: Private, keyholder: Keyholder) -> Room:
    """Return the room of all kinds."""
    here = Room("private", "Known plates, customers, bookings, tickets")
    for kind in KINDS:
        _bind_reading(here, kind, private, keyholder)
        _bind_changing(here, kind, private)
    return here


def _bind_reading(here: Room, kind: Kind, private: Private, keyholder: Keyholder) -> None:
    path, row = f"/lots/{{lot}}/{kind.plural}", _shape(kind)

    @here.answers(
        Operation(
            f"list_{kind.plural}",
            "GET",
            path,
            kind.reads,
            f"{kind.says} By id; `after` is the last id of the page before.",
            answer=fields(rows=Many(row, PAGE_MAX), after=Maybe(_ID)),
            path_shapes={"lot": LOT},
            query={"after": _ID, "reason": REASON},
            problems=("locked", "reason_needed", "too_fast"),
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        at, after = _place(asked, kind, kind.reads), asked.query.octets_or_none("after") or b""
        found = private.page(asked.person.by, at, after, PAGE_MAX, _reason(asked, kind))
        last = found[-1].id if len(found) == PAGE_MAX else None
        shown = _within(asked, kind, at, found, keyholder)
        return {"rows": [_said(one) for one in shown], "after": last}

    @here.answers(
        Operation(
            f"read_{kind.name}",
            "GET",
            f"{path}/{{id}}",
            kind.reads,
            f"One of these. {kind.says}",
            answer=row,
            path_shapes={"lot": LOT, "id": _ID},
            query={"reason": REASON},
            problems=("locked", "reason_needed", "too_fast"),
        )
    )
    def one(asked: Asked) -> Mapping[str, object]:
        at = _place(asked, kind, kind.reads)
        found = private.one(asked.person.by, at, asked.path.octets("id"), _reason(asked, kind))
        if not _within(asked, kind, at, [found], keyholder):
            raise Problem("not_found", "it is not there, or you may not see it")
        return _said(found)


def _bind_changing(here: Room, kind: Kind, private: Private) -> None:
    path, version = f"/lots/{{lot}}/{kind.plural}", Whole(1, meaning="The version it is made from.")
    made: dict[str, Shape] = {"id": _ID, "version": Whole(1)}

    @here.answers(
        Operation(
            f"add_{kind.name}",
            "POST",
            path,
            kind.writes,
            f"Add one. {kind.says}",
            answer=Object({**made, "token": Text(64)} if kind.has_link else made),
            path_shapes={"lot": LOT},
            body=kind.content,
            problems=("locked", "conflict"),
            status=201,
        )
    )
    def add(asked: Asked) -> Mapping[str, object]:
        token = secrets.token_urlsafe(TOKEN_BYTES)
        id_ = H(token.encode())[:ID_BYTES] if kind.has_link else secrets.token_bytes(ID_BYTES)
        content = asked.body.plain()
        if kind.has_link:
            content = {**content, "token_hash": H(token.encode())}
        at = _place(asked, kind, kind.writes)
        number = private.put(asked.person.by, at, id_, 0, content)
        return {"id": id_, "version": number, **({"token": token} if kind.has_link else {})}

    @here.answers(
        Operation(
            f"change_{kind.name}",
            "PUT",
            f"{path}/{{id}}",
            kind.writes,
            f"Change one, by the version that was read. {kind.says}",
            answer=Object(made),
            path_shapes={"lot": LOT, "id": _ID},
            body=fields(version=version, content=kind.content),
            problems=("locked", "conflict"),
        )
    )
    def change(asked: Asked) -> Mapping[str, object]:
        at, id_ = _place(asked, kind, kind.writes), asked.path.octets("id")
        was, content = asked.body.whole("version"), asked.body.inside("content").plain()
        if kind.has_link:
            known = private.one(asked.person.by, at, id_).content or {}
            content = {**content, "token_hash": known.get("token_hash")}
        return {"id": id_, "version": private.put(asked.person.by, at, id_, was, content)}

    @here.answers(
        Operation(
            f"drop_{kind.name}",
            "DELETE",
            f"{path}/{{id}}",
            kind.writes,
            f"Delete one, by the version that was read. {kind.says}",
            path_shapes={"lot": LOT, "id": _ID},
            body=fields(version=version),
            problems=("locked", "conflict"),
            status=204,
        )
    )
    def drop(asked: Asked) -> None:
        at = _place(asked, kind, kind.writes)
        private.drop(asked.person.by, at, asked.path.octets("id"), asked.body.whole("version"))


def _shape(kind: Kind) -> Named:
    content = Maybe(kind.content)  # null: damaged, or an older one was put back
    return Named(kind.name.capitalize(), fields(id=_ID, version=Whole(1), content=content))


def _place(asked: Asked, kind: Kind, right: Right) -> Place:
    return Place(own_lot(asked.person, asked.path.octets("lot")), kind.name, right)


def _said(one: Kept) -> dict[str, object]:
    content = one.content
    if content is not None:
        content = {name: value for name, value in content.items() if name != "token_hash"}
    return {"id": one.id, "version": one.version, "content": content}


def _reason(asked: Asked, kind: Kind) -> str | None:
    reason = asked.query.text_or_none("reason")
    if reason is None and asked.person.may(kind.reads) is Limit.WITH_A_REASON:
        raise Problem("reason_needed", "say in `reason` why these are looked at")
    return reason


def _within(
    asked: Asked, kind: Kind, at: Place, rows: list[Kept], keyholder: Keyholder
) -> list[Kept]:
    """Leave out what the caller's right does not reach: those whose car is not inside."""
    if asked.person.may(kind.reads) is not Limit.INSIDE:
        return rows
    inside = _plates_inside(asked.person.by, at.lot, keyholder)
    return [
        one
        for one in rows
        if one.content is not None and normalise(str(one.content.get("plate"))) in inside
    ]


def _plates_inside(by: calls.Caller, lot: bytes, keyholder: Keyholder) -> set[str]:
    found: set[str] = set()
    query = Query(lots=frozenset([lot]), side="in", limit=LIMIT_MAX)
    while True:
        page = keyholder.search_visits(calls.SearchVisits(by, query))
        found |= {normalise(row.visit.plate) for row in page.rows if row.visit.plate}
        if page.cursor is None:
            return found
        query = replace(query, cursor=page.cursor)
