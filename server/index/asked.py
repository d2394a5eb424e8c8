"""What can be asked of the index, and what comes back: values only.

The keyholder makes the scope from the session that asks, never from the question: what a person
may not see, no question can bring up.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Generic, Literal, TypeVar, get_args

from contract import canonical
from contract.canonical import INTEGER_MAX, Fields
from contract.event import Direction, Kind, KindBy, Reason, Vehicle
from contract.plates import ALPHABET, LENGTH_MAX, normalise
from lot.errors import Damaged, WrongUsage
from server.visits.values import Side, SightedKind, Sureness, Visit

How = Literal["exact", "partial", "near"]
Sort = Literal["at", "plate", "confidence", "camera", "stay"]
When = Literal["came", "left", "there"]
SORTS: tuple[Sort, ...] = get_args(Sort)

LIMIT_MAX = 500  # rows of one page: what the page shows and what an export takes at a time

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Scope:
    """How far a session sees: its lots and, where limited, from when on.

    What is inside is always within `since`: an attendant sees today's and who is there, and with
    `since` beyond all times who is there alone.
    """

    lots: frozenset[bytes]
    since: int | None = None


INSIDE_ONLY = INTEGER_MAX  # a `since` after every event


@dataclass(frozen=True, slots=True)
class PlateAsked:
    """A plate as somebody typed it.

    `partial` is found anywhere in a plate; `near` finds it with one wrong character, those that
    cameras confuse before others.
    """

    text: str
    how: How = "exact"

    def __post_init__(self) -> None:
        spelt = normalise(self.text)
        if not spelt:
            raise WrongUsage(
                "a plate to search for has none of A-Z and 0-9",
                then=f"type 1 to {LENGTH_MAX} of {ALPHABET[10]}-{ALPHABET[-1]} and 0-9",
            )
        object.__setattr__(self, "text", spelt)


@dataclass(frozen=True, slots=True)
class Order:
    """By what a page is sorted; ids decide between equals, so that no row stands twice."""

    by: Sort = "at"
    descending: bool = True


NEWEST_FIRST = Order()


@dataclass(frozen=True, slots=True)
class Query:
    """What is asked of events or of visits; what is empty or None leaves nothing out.

    Of visits, `when` says which of their times lies in [first, last): that of coming (or of
    leaving, where nobody saw it come), that of leaving, or any time the car was there; cameras,
    lanes, kinds, vehicles, confidence and flags are those of any of their events.
    """

    first: int | None = None
    last: int | None = None
    when: When = "came"
    lots: frozenset[bytes] = frozenset()
    edges: frozenset[str] = frozenset()
    cameras: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()
    kinds: frozenset[Kind] = frozenset()
    vehicles: frozenset[Vehicle] = frozenset()
    confidence_min: int | None = None
    confidence_max: int | None = None
    flags: frozenset[str] = frozenset()  # each of these, an event's or a visit's
    flagged: bool | None = None  # whether there is any flag
    unread: bool | None = None
    plate: PlateAsked | None = None
    side: Side | None = None  # still inside, or left
    sureness: frozenset[Sureness] = frozenset()  # visits only
    stay_min: int | None = None  # visits only; microseconds
    stay_max: int | None = None
    order: Order = NEWEST_FIRST
    cursor: str | None = None
    limit: int = 50

    def __post_init__(self) -> None:
        if not 1 <= self.limit <= LIMIT_MAX:
            raise WrongUsage(
                f"a page of {self.limit} rows cannot be had", then=f"ask for 1 to {LIMIT_MAX}"
            )


@dataclass(frozen=True, slots=True)
class FoundEvent:
    """An event as the index knows it; its record says the rest."""

    lot: bytes
    id: str
    edge: str
    revision: int
    final: bool
    kind: Kind
    kind_by: KindBy | None
    decided: SightedKind | None  # by its visit's story, where it has one
    visit: str | None
    plate: str | None
    confidence: int | None
    at: int
    first_seen: int
    last_seen: int
    camera: str
    lane: str | None
    vehicle: Vehicle | None
    direction: Direction | None
    reason: Reason | None
    flags: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundVisit:
    """A visit with what its two events say of it."""

    lot: bytes
    visit: Visit
    entry: FoundEvent | None
    exit: FoundEvent | None


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """Rows in the order that was asked for, and what to send for those after them."""

    rows: tuple[T, ...]
    cursor: str | None  # None: there are no more
    total: int  # of all pages


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a page ended: the last row's place in the order."""

    value: int | str
    id: bytes
    rank: int = 0  # how far its plate is from the one that was searched for


def cursor_text(order: Order, mark: Mark) -> str:
    """Return a mark as the text that comes back with the question for the next page."""
    spelt = canonical.encoded(
        {
            "v": canonical.VERSION,
            "by": order.by,
            "descending": order.descending,
            "value": mark.value,
            "id": mark.id,
            "rank": mark.rank,
        }
    )
    return base64.urlsafe_b64encode(spelt).decode().rstrip("=")


def mark_of(cursor: str, order: Order) -> Mark:
    """Return the mark that a cursor spells; WrongUsage for one of another order, or of nothing."""
    try:
        spelt = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        mark, of_order = _read_mark(spelt)
    except (ValueError, binascii.Error, Damaged):
        raise WrongUsage(
            "the cursor is none of ours", then="ask for the first page again"
        ) from None
    if of_order != order:
        raise WrongUsage(
            "the cursor is of another order", then="ask for the first page in this order"
        )
    return mark


@canonical.reading("a cursor")
def _read_mark(spelt: bytes) -> tuple[Mark, Order]:
    read = Fields(
        canonical.decoded(spelt, bytes_max=1024), ("v", "by", "descending", "value", "id", "rank")
    )
    read.version()
    order = Order(read.word("by", SORTS), read.truth("descending"))
    mark_id = read.octets("id")
    canonical.sized("id", mark_id, 16)
    of_text = order.by in ("plate", "camera")
    value = read.text("value") if of_text else read.whole("value")
    return Mark(value, mark_id, read.whole("rank")), order
