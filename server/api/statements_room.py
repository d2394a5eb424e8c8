"""What people say: corrections, joins, notes, cars typed in by hand, one more or one less inside.

All of it can be said while the vault is locked, since the server's own writer seals it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import tzinfo
from typing import Literal, Protocol, TypeVar, get_args

from sqlalchemy import Connection

from contract.canonical import Malformed
from contract.plates import normalise
from lot.times import midnight
from lot.web.problems import Problem
from lot.web.shapes import (
    TIME,
    Anything,
    Given,
    Many,
    Matching,
    Maybe,
    Named,
    Object,
    Octets,
    Shape,
    Text,
    Word,
    fields,
)
from server.access.ledger import Ledger
from server.access.reach import check_reach
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.spoken import EVENT_ID, LOT, PLATE, REASON
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.records.statements import (
    CheckedOut,
    Joined,
    KindCorrected,
    Noted,
    PlateCorrected,
    SaidKind,
    SaidSide,
    Saying,
    Settled,
    Split,
    Statement,
    Voided,
    Withdrawn,
    decoded,
)
from server.records.statements import word as word_of
from server.records.writing import Typed
from server.store import counts, vouched
from server.store.database import Database

T = TypeVar("T", bound=str)

_FUTURE_US = 60_000_000  # a browser's clock may be a little ahead of ours
_STATEMENTS_MAX = 1000
_KIND, _SIDE = Word(get_args(SaidKind)), Word(get_args(SaidSide))
_REGION = Matching("[a-z0-9-]{1,16}", "a region, as us-ca")
_SAID = fields(id=EVENT_ID, at=TIME)


class Writes(Protocol):
    """The server as a writer."""

    def said(
        self, lot: bytes, by: bytes, says: Saying, *, reason: str | None = None
    ) -> Statement: ...

    def typed(self, lot: bytes, by: bytes, car: Typed) -> str: ...


@dataclass(frozen=True, slots=True)
class Form:
    """One thing that can be said over HTTP."""

    what: str
    summary: str
    body: Mapping[str, Shape]
    of: Callable[[Given], Saying]
    events: tuple[str, ...] = ("event",)  # which fields name events


_EVENT = {"event": EVENT_ID}
_PAIR = {"entry": EVENT_ID, "exit": EVENT_ID}

FORMS: tuple[Form, ...] = (
    Form(
        "plate",
        "Say what the car of an event bore; null where nobody can tell.",
        {**_EVENT, "plate": Maybe(PLATE), "region": Maybe(_REGION)},
        lambda body: PlateCorrected(body.text("event"), _spelt(body), body.text_or_none("region")),
    ),
    Form(
        "kind",
        "Say what the car of an event did.",
        {**_EVENT, "kind": _KIND},
        lambda body: KindCorrected(
            body.text("event"), _one_of(get_args(SaidKind), body.text("kind"))
        ),
    ),
    Form("void", "Say that no car passed there.", _EVENT, lambda body: Voided(body.text("event"))),
    Form(
        "join",
        "Say that an entry and an exit are of one visit.",
        _PAIR,
        lambda body: Joined(body.text("entry"), body.text("exit")),
        events=("entry", "exit"),
    ),
    Form(
        "split",
        "Say that an entry and an exit are not of one visit.",
        _PAIR,
        lambda body: Split(body.text("entry"), body.text("exit")),
        events=("entry", "exit"),
    ),
    Form(
        "settle",
        "Say where the car of an event is now: in or out.",
        {**_EVENT, "side": _SIDE},
        lambda body: Settled(body.text("event"), _one_of(get_args(SaidSide), body.text("side"))),
    ),
    Form(
        "checked_out",
        "Say when the visit of an event was ended at the desk.",
        {**_EVENT, "left_at": TIME},
        lambda body: CheckedOut(body.text("event"), body.whole("left_at")),
    ),
    Form(
        "note",
        "Write a note to an event.",
        {**_EVENT, "text": Text(2000, lines=True)},
        lambda body: Noted(body.text("event"), body.text("text")),
    ),
    Form(
        "withdraw",
        "Take a statement back; it stays where it is and counts no more.",
        {"statement": EVENT_ID},
        lambda body: Withdrawn(body.text("statement")),
        events=("statement",),
    ),
)

_STATEMENT = Named(
    "Statement",
    fields(
        id=EVENT_ID,
        at=TIME,
        by=Octets(16),
        name=Maybe(Text(64)),
        reason=Maybe(Text(200)),
        what=Word(tuple(one.what for one in FORMS)),
        says=Anything("The fields of what was said, as the operation of its kind takes them."),
    ),
)


@dataclass(frozen=True, slots=True)
class Desk:
    """What the views stand on."""

    database: Database
    keyholder: Keyholder
    writing: Writes
    ledger: Ledger
    now: Callable[[], int]  # µs UTC
    zone: tzinfo  # the keyholder's own, so that what is seen today is corrected today

    def check(self, asked: Asked, lot: bytes, events: Sequence[str]) -> None:
        """Refuse what is none of the lot's events, or beyond the caller's limit."""
        person, limit = asked.person, asked.person.may(Right.CORRECT)
        assert limit is not None  # the operation's right says so
        since = midnight(self.now(), self.zone)
        check_reach(
            self.database, self.keyholder, person.by, lot, events, limit=limit, midnight=since
        )


def room(desk: Desk) -> Room:
    """Return the room."""
    here = Room("statements", "What people say and type in")
    for form in FORMS:
        _bind(here, form, desk)
    _bind_history(here, desk)
    _bind_typing(here, desk)
    _bind_counting(here, desk)
    return here


def _bind(here: Room, form: Form, desk: Desk) -> None:
    @here.answers(
        Operation(
            f"say_{form.what}",
            "POST",
            f"/lots/{{lot}}/statements/{form.what}",
            Right.CORRECT,
            f"{form.summary} Nothing is rewritten: the later statement counts.",
            answer=_SAID,
            path_shapes={"lot": LOT},
            body=Object({**form.body, "reason": Maybe(REASON)}, frozenset(("reason", "region"))),
            problems=("locked",),
            status=201,
        )
    )
    def say(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        desk.check(asked, lot, [asked.body.text(name) for name in form.events])
        try:
            says = form.of(asked.body)
        except Malformed as fault:
            raise Problem("wrong_field", str(fault)) from None
        reason = asked.body.text_or_none("reason")
        told = desk.writing.said(lot, asked.person.account, says, reason=reason)
        return {"id": told.id, "at": told.at}


def _bind_history(here: Room, desk: Desk) -> None:
    @here.answers(
        Operation(
            "read_history",
            "GET",
            "/lots/{lot}/visits/{visit}/statements",
            Right.SEE_VISITS,
            "What people said about a visit's events, the earliest first.",
            answer=fields(rows=Many(_STATEMENT, _STATEMENTS_MAX)),
            path_shapes={"lot": LOT, "visit": EVENT_ID},
            query={"reason": REASON},
            problems=("locked", "too_fast"),
        )
    )
    def history(asked: Asked) -> Mapping[str, object]:
        lot, id_ = own_lot(asked.person, asked.path.octets("lot")), asked.path.text("visit")
        by, reason = asked.person.by, asked.query.text_or_none("reason")
        found = desk.keyholder.visit(calls.OneVisit(by, lot, id_, reason)).rows
        if not found:
            raise Problem("not_found", "there is no such visit, or you may not see it")
        visit = found[0].visit
        events = tuple(one for one in (visit.entry, visit.exit, *visit.during) if one)
        told = desk.keyholder.said_about(calls.SaidAbout(by, lot, events, reason))
        detail = {"visit": id_, "history": True, "reason": reason}
        desk.database.write(
            lambda write: desk.ledger.line(
                write, "look", detail, lot=lot, actor=asked.person.account
            )
        )
        with desk.database.read() as read:
            names = {one.id: one.name for one in vouched.accounts_known(read)}
        return {"rows": [_said(decoded(one), names) for one in told[-_STATEMENTS_MAX:]]}


def _bind_typing(here: Room, desk: Desk) -> None:
    @here.answers(
        Operation(
            "type_event",
            "POST",
            "/lots/{lot}/events",
            Right.CORRECT,
            "Type in a car that no camera saw: an event of the camera `desk`.",
            answer=fields(id=EVENT_ID),
            path_shapes={"lot": LOT},
            body=fields(
                optional=["at", "region"],
                kind=_KIND,
                plate=Maybe(PLATE),
                region=Maybe(_REGION),
                at=Maybe(TIME),
            ),
            status=201,
        )
    )
    def typed(asked: Asked) -> Mapping[str, object]:
        lot, now = own_lot(asked.person, asked.path.octets("lot")), desk.now()
        at = asked.body.whole_or_none("at")
        if at is not None and at > now + _FUTURE_US:
            raise Problem("wrong_field", "at must not lie ahead of the server's clock", field="at")
        car = Typed(
            _one_of(get_args(SaidKind), asked.body.text("kind")),
            now if at is None else at,
            _spelt(asked.body),
            asked.body.text_or_none("region"),
        )
        desk.check(asked, lot, [])
        return {"id": desk.writing.typed(lot, asked.person.account, car)}


def _bind_counting(here: Room, desk: Desk) -> None:
    @here.answers(
        Operation(
            "count_by_hand",
            "POST",
            "/lots/{lot}/counts/hand",
            Right.CORRECT,
            "One more inside, or one less, than entries and exits say.",
            path_shapes={"lot": LOT},
            body=fields(more=Word(("one_more", "one_less"))),
            status=204,
        )
    )
    def count(asked: Asked) -> None:
        lot, id_ = own_lot(asked.person, asked.path.octets("lot")), secrets.token_bytes(16)
        more: Literal[1, -1] = 1 if asked.body.text("more") == "one_more" else -1
        desk.check(asked, lot, [])
        now = desk.now()

        def work(write: Connection) -> None:
            counts.add(write, lot, id_, more, now)
            actor = asked.person.account
            desk.ledger.line(write, "count", {"more": more}, lot=lot, actor=actor)

        desk.database.write(work)


def _said(told: Statement, names: Mapping[bytes, str]) -> dict[str, object]:
    return {
        "id": told.id,
        "at": told.at,
        "by": told.by,
        "name": names.get(told.by),
        "reason": told.reason,
        "what": word_of(told.says),
        "says": asdict(told.says),
    }


def _spelt(body: Given) -> str | None:
    plate = body.text_or_none("plate")
    return None if plate is None else normalise(plate)


def _one_of(words: tuple[T, ...], text: str) -> T:
    return next(word for word in words if word == text)
