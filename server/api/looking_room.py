"""One event and its pictures, opened by the keyholder for who may see them; looks are audited."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from flask import Response

from contract.event import (
    PICTURE_NAME,
    Border,
    ClockState,
    Direction,
    Event,
    Kind,
    KindBy,
    Reason,
    Spelling,
    Vehicle,
)
from lot.web.shapes import TIME, Many, Matching, Maybe, Named, Octets, Text, Truth, Whole, Word
from lot.web.shapes import fields as object_of
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Bytes, Operation, Room
from server.api.spoken import EVENT_ID, FLAG, LOT, REASON, THOUSANDTHS
from server.records.looking import Looked, Looking

JPEG = "image/jpeg"
CLIP, MP4 = "clip", "video/mp4"
_PICTURE = Matching(PICTURE_NAME.pattern, "a picture's name")
_SHA256 = Octets(32)
_PROBLEMS = ("locked", "too_fast")
_REVISIONS_MAX = 1000


def _word(literal: object) -> Word:
    return Word(get_args(literal))


_SPELLINGS = Many(object_of(plate=Text(16), confidence=THOUSANDTHS), 16)
_BORDER = Maybe(_word(Border))
_SAYS = Named(
    "EventRecord",
    object_of(
        id=EVENT_ID,
        edge=Octets(16),
        camera=Text(64),
        lane=Maybe(Text(64)),
        sequence=Whole(1),
        revision=Whole(1),
        final=Truth(),
        kind=_word(Kind),
        kind_by=Maybe(_word(KindBy)),
        refers=Maybe(EVENT_ID),
        plate=Maybe(Text(16)),
        confidence=Maybe(THOUSANDTHS),
        characters=Many(THOUSANDTHS, 16),
        alternatives=_SPELLINGS,
        others=_SPELLINGS,
        region=Maybe(Text(16)),
        vehicle=Maybe(_word(Vehicle)),
        direction=Maybe(_word(Direction)),
        ways=Many(object_of(camera=Text(64), came=_BORDER, left=_BORDER), 16),
        first_seen=TIME,
        best_at=TIME,
        last_seen=TIME,
        frame=Maybe(Whole()),
        timecode=Maybe(Text(24)),
        flags=Many(FLAG, 16),
        reason=Maybe(_word(Reason)),
        models=Many(object_of(name=Text(24), hash=_SHA256), 8),
        clock=object_of(state=_word(ClockState), error=Maybe(Whole())),
    ),
)
_LOOKED = object_of(
    event=Maybe(_SAYS),
    fault=Maybe(Text(500)),
    pictures=Many(object_of(name=_PICTURE, there=Truth()), 32),
    revisions=Many(
        object_of(revision=Whole(1), final=Truth(), kind=_word(Kind), at=TIME, edge=Octets(16)),
        _REVISIONS_MAX,
    ),
)


def room(looking: Looking) -> Room:
    """Return the room."""
    here = Room("looking", "One event and its pictures")

    @here.answers(
        Operation(
            "read_event",
            "GET",
            "/lots/{lot}/events/{event}",
            Right.SEE_VISITS,
            "One event whole, as its highest revision says it; `fault` says why it cannot be read.",
            answer=_LOOKED,
            path_shapes={"lot": LOT, "event": EVENT_ID},
            query={"reason": REASON},
            problems=_PROBLEMS,
        )
    )
    def one(asked: Asked) -> Mapping[str, object]:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        reason = asked.query.text_or_none("reason")
        return _said(looking.event(asked.person.by, lot, asked.path.text("event"), reason))

    @here.answers(
        Operation(
            "read_picture",
            "GET",
            "/lots/{lot}/events/{event}/pictures/{name}",
            Right.SEE_PICTURES,
            "A picture of an event, as it was taken; `clip` is a short film.",
            answer=Bytes(JPEG, or_else=MP4),
            path_shapes={"lot": LOT, "event": EVENT_ID, "name": _PICTURE},
            query={"reason": REASON},
            problems=_PROBLEMS,
        )
    )
    def picture(asked: Asked) -> Response:
        lot = own_lot(asked.person, asked.path.octets("lot"))
        event, name = asked.path.text("event"), asked.path.text("name")
        reason = asked.query.text_or_none("reason")
        return Response(
            looking.picture(asked.person.by, lot, event, name, reason),
            content_type=MP4 if name == CLIP else JPEG,
        )

    return here


def _said(found: Looked) -> dict[str, object]:
    return {
        "event": None if found.says is None else _event(found.says),
        "fault": found.fault,
        "pictures": [{"name": one.name, "there": one.there} for one in found.pictures],
        "revisions": [
            {name: getattr(one, name) for name in ("revision", "final", "kind", "at", "edge")}
            for one in found.revisions
        ],
    }


def _event(says: Event) -> dict[str, object]:
    plain = {name: getattr(says, name) for name in Event.__dataclass_fields__ if name in _PLAIN}
    return {
        **plain,
        "alternatives": _spelt(says.alternatives),
        "others": _spelt(says.others),
        "ways": [{"camera": w.camera, "came": w.came, "left": w.left} for w in says.ways],
        "models": [{"name": name, "hash": hash_} for name, hash_ in sorted(says.models.items())],
        "clock": {"state": says.clock.state, "error": says.clock.error},
    }


def _spelt(these: tuple[Spelling, ...]) -> list[dict[str, object]]:
    return [{"plate": one.plate, "confidence": one.confidence} for one in these]


_PLAIN = frozenset(Event.__dataclass_fields__) - {
    *("alternatives", "others", "ways", "models", "clock", "pictures")
}
