"""Values that several rooms speak of: how an event and a visit look, and how they are found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar, get_args

from contract.event import Direction, Kind, KindBy, Reason, Vehicle
from lot.web.shapes import (
    TIME,
    Given,
    Many,
    Matching,
    Maybe,
    Named,
    Octets,
    Shape,
    Text,
    Truth,
    Whole,
    Word,
    fields,
)
from server.index.asked import (
    LIMIT_MAX,
    SORTS,
    FoundEvent,
    FoundVisit,
    How,
    Order,
    PlateAsked,
    Query,
    When,
)
from server.visits.values import VISIT_FLAGS, Side, SightedKind, Sureness

T = TypeVar("T", bound=str)

LOT = Octets(16)
EVENT_ID = Matching(
    "[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "an event's id"
)
PLATE = Matching("[A-Za-z0-9][A-Za-z0-9 .-]{0,22}", "a plate: letters and digits, 1 to 16 of them")
REASON = Text(200)
FLAG = Matching("[a-z_]{1,24}", "a flag")
THOUSANDTHS = Whole(0, 1000, "Thousandths.")


def _words(literal: object) -> Word:
    return Word(get_args(literal))


EVENT = Named(
    "Event",
    fields(
        lot=LOT,
        id=EVENT_ID,
        edge=Octets(16),
        revision=Whole(1),
        final=Truth(),
        kind=_words(Kind),
        kind_by=Maybe(_words(KindBy)),
        decided=Maybe(_words(SightedKind)),
        visit=Maybe(EVENT_ID),
        plate=Maybe(Text(16)),
        confidence=Maybe(THOUSANDTHS),
        at=TIME,
        first_seen=TIME,
        last_seen=TIME,
        camera=Text(64),
        lane=Maybe(Text(64)),
        vehicle=Maybe(_words(Vehicle)),
        direction=Maybe(_words(Direction)),
        reason=Maybe(_words(Reason)),
        flags=Many(FLAG, 16),
    ),
)
VISIT = Named(
    "Visit",
    fields(
        lot=LOT,
        id=EVENT_ID,
        plate=Maybe(Text(16)),
        entered_at=Maybe(TIME),
        left_at=Maybe(TIME),
        inside=Truth(),
        stay=Maybe(Whole(meaning="Microseconds.")),
        probability=THOUSANDTHS,
        sureness=_words(Sureness),
        flags=Many(Word(VISIT_FLAGS), len(VISIT_FLAGS)),
        during=Many(EVENT_ID, 1000),
        entry=Maybe(EVENT),
        exit=Maybe(EVENT),
    ),
)


def page_of(shape: Shape) -> Shape:
    """Return the shape of one page of many rows."""
    return fields(rows=Many(shape, LIMIT_MAX), cursor=Maybe(Text(1000)), total=Whole())


_BOTH: Mapping[str, Shape] = {
    "first": TIME,
    "last": TIME,
    "lot": Many(LOT, 32),
    "edge": Many(Octets(16), 32),
    "camera": Many(Text(64), 32),
    "lane": Many(Text(64), 32),
    "kind": Many(_words(Kind), 8),
    "vehicle": Many(_words(Vehicle), 8),
    "confidence_min": THOUSANDTHS,
    "confidence_max": THOUSANDTHS,
    "flag": Many(FLAG, 16),
    "flagged": Truth(),
    "unread": Truth(),
    "plate": PLATE,
    "how": _words(How),
    "side": _words(Side),
    "sort": Word(SORTS),
    "rising": Truth(),
    "cursor": Text(1000),
    "limit": Whole(1, LIMIT_MAX),
    "reason": REASON,
}
EVENTS_ASKED = {name: shape for name, shape in _BOTH.items() if name != "side"}
VISITS_ASKED: Mapping[str, Shape] = {
    **_BOTH,
    "when": _words(When),
    "sureness": Many(_words(Sureness), 3),
    "stay_min": Whole(meaning="Microseconds."),
    "stay_max": Whole(meaning="Microseconds."),
}


def query_of(given: Given) -> Query:
    """Return what the parameters of an address ask of the index."""
    typed = given.text_or_none("plate")
    how = _one(given, "how", get_args(How), "exact")
    return Query(
        first=given.whole_or_none("first"),
        last=given.whole_or_none("last"),
        when=_one(given, "when", get_args(When), "came"),
        lots=frozenset(given.several("lot")),
        edges=frozenset(one.hex() for one in given.several("edge")),
        cameras=frozenset(given.texts("camera")),
        lanes=frozenset(given.texts("lane")),
        kinds=_all(given, "kind", get_args(Kind)),
        vehicles=_all(given, "vehicle", get_args(Vehicle)),
        confidence_min=given.whole_or_none("confidence_min"),
        confidence_max=given.whole_or_none("confidence_max"),
        flags=frozenset(given.texts("flag")),
        flagged=given.truth_or_none("flagged"),
        unread=given.truth_or_none("unread"),
        plate=None if typed is None else PlateAsked(typed, how),
        side=next((side for side in get_args(Side) if side == given.text_or_none("side")), None),
        sureness=_all(given, "sureness", get_args(Sureness)),
        stay_min=given.whole_or_none("stay_min"),
        stay_max=given.whole_or_none("stay_max"),
        order=_order(given),
        cursor=given.text_or_none("cursor"),
        limit=given.whole("limit") if "limit" in given else 50,
    )


def event_said(event: FoundEvent) -> dict[str, object]:
    """Return an event as JSON."""
    return {name: getattr(event, name) for name in FoundEvent.__dataclass_fields__}


def visit_said(found: FoundVisit) -> dict[str, object]:
    """Return a visit as JSON."""
    visit = found.visit
    return {
        "lot": found.lot,
        "id": visit.id,
        "plate": visit.plate,
        "entered_at": visit.entered_at,
        "left_at": visit.left_at,
        "inside": visit.inside,
        "stay": visit.stay,
        "probability": visit.probability,
        "sureness": visit.sureness,
        "flags": visit.flags,
        "during": visit.during,
        "entry": found.entry and event_said(found.entry),
        "exit": found.exit and event_said(found.exit),
    }


def _one(given: Given, name: str, words: tuple[T, ...], default: T) -> T:
    text = given.text_or_none(name)
    return next((word for word in words if word == text), default)


def _all(given: Given, name: str, words: tuple[T, ...]) -> frozenset[T]:
    texts = given.texts(name)
    return frozenset(word for word in words if word in texts)


def _order(given: Given) -> Order:
    return Order(_one(given, "sort", SORTS, "at"), descending=not given.truth_or_none("rising"))
