"""Known plates, customers and bookings: three kinds of row, kept and answered alike."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass

from contract.digest import H
from contract.head import ID_BYTES
from contract.plates import normalise
from lot.web.problems import Problem
from lot.web.shapes import (
    TIME,
    Given,
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
from server.access.roles import Limit, Right
from server.access.rows import ROWS
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.spoken import EVENT_ID, LOT, PLATE, REASON
from server.desk.values import BOOKING_STATES
from server.private.rows import Kept, Place, Private

PAGE_MAX = 200
MANY_MAX = 100  # so many of the longest fit into a body of JSON
_ID = Octets(ID_BYTES)
_LINE, _LINES = Text(200), Text(2000, lines=True)
_MAYBE_TIME = Maybe(TIME)
_NOTE = Maybe(_LINES)
_SPAN = ("begins", "ends")


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of row: what it says, and who may read and change it."""

    name: str  # as rows and audit lines bear it
    plural: str  # as addresses do
    says: str
    content: Object

    @property
    def reads(self) -> Right:
        return _named(ROWS[self.name].reads)

    @property
    def writes(self) -> Right:
        return _named(ROWS[self.name].writes)


def _named(right: Right | None) -> Right:
    assert right is not None  # a kind with a room is one that somebody reads and changes
    return right


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
    ),
    Kind(
        "customer",
        "customers",
        "Customers, with their plates and how they are reached.",
        fields(
            name=_LINE, phone=Maybe(_LINE), mail=Maybe(_LINE), plates=Many(PLATE, 16), note=_NOTE
        ),
    ),
    Kind(
        "booking",
        "bookings",
        "Bookings: who comes, from when to when.",
        fields(
            name=_LINE,
            phone=Maybe(_LINE),
            mail=Maybe(_LINE),
            plate=Maybe(PLATE),
            begins=TIME,
            ends=TIME,
            bay=Maybe(Text(64)),
            state=Word(BOOKING_STATES),
            event=Maybe(EVENT_ID),  # where the desk said which car came
            note=_NOTE,
        ),
    ),
)


def _shape(kind: Kind) -> Named:
    content = Maybe(kind.content)  # null: damaged, or an older one was put back
    return Named(kind.name.capitalize(), fields(id=_ID, version=Whole(1), content=content))


KNOWN, CUSTOMER, BOOKING = map(_shape, KINDS)
_SHAPES = {kind.name: shape for kind, shape in zip(KINDS, (KNOWN, CUSTOMER, BOOKING), strict=True)}


def room(private: Private) -> Room:
    """Return the room of all kinds."""
    here = Room("private", "Known plates, customers, bookings")
    for kind in KINDS:
        _bind_reading(here, kind, private)
        _bind_changing(here, kind, private)
    return here


def _bind_reading(here: Room, kind: Kind, private: Private) -> None:
    path, row = f"/lots/{{lot}}/{kind.plural}", _SHAPES[kind.name]

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
        at, after = _place(asked, kind), asked.query.octets_or_none("after") or b""
        found = private.page(asked.person.by, at, after, PAGE_MAX, _reason(asked, kind))
        return {"rows": [kept_said(one) for one in found.rows], "after": found.after}

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
        id_, reason = asked.path.octets("id"), _reason(asked, kind)
        return kept_said(private.one(asked.person.by, _place(asked, kind), id_, reason))


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
            answer=Object(made),
            path_shapes={"lot": LOT},
            body=kind.content,
            problems=("locked", "conflict"),
            status=201,
        )
    )
    def add(asked: Asked) -> Mapping[str, object]:
        at, id_ = _place(asked, kind), secrets.token_bytes(ID_BYTES)
        content = _checked(kind, asked.body)
        return {"id": id_, "version": private.put(asked.person.by, at, id_, 0, content)}

    @here.answers(
        Operation(
            f"add_many_{kind.plural}",
            "POST",
            f"{path}/many",
            kind.writes,
            f"Add several, all or none; the same `once` adds them once. {kind.says}",
            answer=fields(added=Whole()),
            path_shapes={"lot": LOT},
            body=fields(once=Octets(16), rows=Many(kind.content, MANY_MAX, least=1)),
            problems=("locked", "conflict"),
            status=201,
        )
    )
    def add_all(asked: Asked) -> Mapping[str, object]:
        once, given = asked.body.octets("once"), asked.body.objects("rows")
        rows = {
            H(once + number.to_bytes(4, "big"))[:ID_BYTES]: _checked(kind, one)
            for number, one in enumerate(given)
        }
        return {"added": private.add_all(asked.person.by, _place(asked, kind), rows)}

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
        at, id_ = _place(asked, kind), asked.path.octets("id")
        was, content = asked.body.whole("version"), _checked(kind, asked.body.inside("content"))
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
        at = _place(asked, kind)
        private.drop(asked.person.by, at, asked.path.octets("id"), asked.body.whole("version"))


def _place(asked: Asked, kind: Kind) -> Place:
    return Place(own_lot(asked.person, asked.path.octets("lot")), kind.name)


def _checked(kind: Kind, given: Given) -> dict[str, object]:
    """Return a row's content, its plate as plates are spelt; Problem where it ends too early."""
    begins, ends = (given.whole_or_none(name) if name in given else None for name in _SPAN)
    if begins is not None and ends is not None and ends <= begins:
        raise Problem("wrong_field", f"ends must be after begins of a {kind.name}", field="ends")
    content, plate = given.plain(), given.text_or_none("plate") if "plate" in given else None
    return content if plate is None else {**content, "plate": normalise(plate)}


def kept_said(one: Kept) -> dict[str, object]:
    """Return a row as the API says it."""
    return {"id": one.id, "version": one.version, "content": one.content}


def _reason(asked: Asked, kind: Kind) -> str | None:
    reason = asked.query.text_or_none("reason")
    if reason is None and asked.person.may(kind.reads) is Limit.WITH_A_REASON:
        raise Problem("reason_needed", "say in `reason` why these are looked at")
    return reason
