"""A question becomes rows: masks over columns, then one page of them in their order.

A page ends at a mark (the last row's place in the order) and the next one begins after it. So
what comes in between moves no row to another page and shows none twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from server.index.asked import Mark, Order, PlateAsked, Query, Scope, cursor_text, mark_of
from server.index.columns import (
    ENTRY,
    KIND,
    NO_CONFIDENCE,
    UNOPENED,
    VEHICLE,
    VOID,
    Columns,
    Mask,
    Numbers,
    at_of,
)
from server.index.keys import halves
from server.index.matching import UNLIKE, matched
from server.visits.values import CERTAIN, LIKELY, VISIT_FLAGS, Sureness

Ranks = NDArray[np.uint8]

_BLOCK_ROWS = 65_536

MISSED_EXIT = 1 << VISIT_FLAGS.index("missed_exit")
CHECKED_OUT = 1 << VISIT_FLAGS.index("checked_out")
_BANDS: dict[Sureness, tuple[int, int]] = {
    "certain": (CERTAIN, 1001),
    "likely": (LIKELY, CERTAIN),
    "open": (0, LIKELY),
}


class Sorted(NamedTuple):
    """Rows that were found, with what they are sorted by."""

    rows: NDArray[np.int64]
    at: Numbers
    ranks: Ranks | None  # near plates come first, whatever the order


class Rows(NamedTuple):
    """One page of rows."""

    rows: list[int]
    cursor: str | None
    total: int


@dataclass(frozen=True, slots=True)
class Stays:
    """The visits as columns of their own: a row of each, and its two ends."""

    rows: NDArray[np.int64]  # of the first event
    entry: NDArray[np.int64]  # -1: unseen
    exit: NDArray[np.int64]

    def of(self, columns: Columns, name: str, which: str) -> tuple[Numbers, Mask]:
        """Return a column at one end, and where there is such an end."""
        ends = self.entry if which == "entry" else self.exit
        return columns.column(name)[ends], ends >= 0

    def kept(self, mask: Mask) -> Stays:
        if mask.all():
            return self
        return Stays(self.rows[mask], self.entry[mask], self.exit[mask])


def stays(columns: Columns, rows: NDArray[np.int64]) -> Stays:
    """Return the visits whose first events these rows are."""
    partner = columns.column("partner")[rows].astype(np.int64) - 1
    entered = columns.column("decided")[rows] == ENTRY
    return Stays(rows, np.where(entered, rows, -1), np.where(entered, partner, rows))


def scanned(columns: Columns, mask_of: Callable[[slice], Mask]) -> NDArray[np.int64]:
    """Return the rows of a mask that is made block by block.

    So what lies between a column and its few rows stays in the processor's cache, and asks the
    system for no memory: with masks of a million rows that took longer than the looking.
    """
    found = [
        np.flatnonzero(mask_of(slice(begin, begin + _BLOCK_ROWS))) + begin
        for begin in range(0, len(columns), _BLOCK_ROWS)
    ]
    return np.concatenate(found) if found else np.zeros(0, np.int64)


def inside_rows(columns: Columns) -> NDArray[np.int64]:
    """Return the first events of the visits of cars that are still there."""
    decided, partner = columns.column("decided"), columns.column("partner")
    rows = scanned(columns, lambda some: (decided[some] == ENTRY) & (partner[some] == 0))
    rows = rows[columns.column("said")[rows] & (MISSED_EXIT | CHECKED_OUT) == 0]
    return _where(rows, columns.column("visit")[rows] == rows + 1)


def _every_first_row(columns: Columns) -> NDArray[np.int64]:
    """Return the first rows of all visits."""
    visit, number = columns.column("visit"), np.arange(1, _BLOCK_ROWS + 1)
    return scanned(columns, lambda some: visit[some] == number[: len(visit[some])] + some.start)


def _where(rows: NDArray[np.int64], mask: Mask) -> NDArray[np.int64]:
    """Return the rows of a mask: a million of which all are kept are not copied."""
    kept: NDArray[np.int64] = rows if mask.all() else rows[mask]
    return kept


def seen_between(columns: Columns, first: int | None, last: int | None) -> NDArray[np.int64]:
    """Return the rows whose car was in sight at any time of [first, last).

    Two columns are read whole, and everything after it looks at what is left: so a page of a day
    does not cost what a year of rows does.
    """
    if first is None and last is None:
        return np.arange(len(columns))
    low, high = (-(2**62) if first is None else first), (2**62 if last is None else last)
    begins, ends = columns.column("first"), columns.column("last")
    return scanned(columns, lambda some: (ends[some] >= low) & (begins[some] < high))


def met_since(columns: Columns, first: int) -> NDArray[np.int64]:
    """Return the first events of the visits that were there at any time from `first` on.

    Each of them was in sight since, or is still inside; so a year of visits that ended before is
    not gone through. Who was checked out without being seen leave is not among them.
    """
    met = np.zeros(len(columns) + 1, np.bool_)  # by the number of a visit; 0 is none
    met[columns.column("visit")[seen_between(columns, first, None)]] = True
    met[inside_rows(columns) + 1] = True
    return np.flatnonzero(met[1:])


def scoped(columns: Columns, scope: Scope, rows: NDArray[np.int64]) -> Mask:
    """Return which of these rows a session may see."""
    lots = columns.words["lot"].numbers(lot.hex() for lot in scope.lots)
    if len(lots) == len(columns.words["lot"].all()) - 1:  # every lot that there is
        seen: Mask = np.ones(len(rows), np.bool_)
    else:
        seen = np.isin(columns.column("lot")[rows], np.array(lots, np.uint16))
    if scope.since is not None:
        recent = seen_between(columns, scope.since, None)
        recent = recent[at_of(columns, recent) >= scope.since]
        visit = columns.column("visit")
        # Of a visit that ended today its entry is seen too, though it was yesterday.
        there = np.union1d(inside_rows(columns) + 1, visit[recent])
        of_visit = visit[rows]
        seen &= np.isin(rows, recent) | (np.isin(of_visit, there) & (of_visit > 0))
    return seen


def event_rows(columns: Columns, scope: Scope, query: Query) -> Rows:
    """Return a page of events."""
    meant = None if query.plate is None else _ranks(columns, query.plate)
    rows = _events(columns, query, meant)
    rows = _where(rows, scoped(columns, scope, rows))
    rows = _where(rows, _matches(columns, query, rows))
    rows = _where(rows, _of_side(columns, query, rows))
    if query.flagged is not None:
        rows = rows[(columns.column("flags")[rows] != 0) == query.flagged]
    for flag in query.flags:
        rows = rows[_has_flag(columns, rows, flag)]
    ranks = None if meant is None else meant[columns.column("plate")[rows]]
    return page(columns, Sorted(rows, at_of(columns, rows), ranks), query)


def _events(columns: Columns, query: Query, meant: Ranks | None) -> NDArray[np.int64]:
    """Return the rows of the range and the plates that are asked for, those that are events."""
    kind, plate = columns.column("kind"), columns.column("plate")
    hidden = UNOPENED if query.kinds else VOID  # who names kinds may ask for voids

    def shown(some: slice | NDArray[np.int64]) -> Mask:
        mask: Mask = (kind[some] != UNOPENED) & (kind[some] != hidden)
        return mask

    if meant is not None:
        rows = scanned(columns, lambda some: (meant[plate[some]] < UNLIKE) & shown(some))
    elif query.first is None and query.last is None:
        return scanned(columns, shown)
    else:
        rows = seen_between(columns, query.first, query.last)
        rows = _where(rows, shown(rows))
    at = at_of(columns, rows)
    if query.first is not None:
        rows, at = rows[at >= query.first], at[at >= query.first]
    return rows if query.last is None else rows[at < query.last]


def visit_rows(columns: Columns, scope: Scope, query: Query) -> Rows:
    """Return a page of visits, each by the row of its first event."""
    meant = None if query.plate is None else _ranks(columns, query.plate)
    first = _first_rows(columns, query) if meant is None else _first_rows_of(columns, meant)
    found = stays(columns, first)
    found = found.kept(_in_range(columns, query, found))
    found = found.kept(scoped(columns, scope, found.rows))
    found = found.kept(_either(columns, query, found))
    found = found.kept(_of_visit(columns, query, found))
    ranks = None if meant is None else _visit_ranks(columns, meant, found.rows)
    return page(columns, Sorted(found.rows, _began(columns, found), ranks), query)


def _first_rows(columns: Columns, query: Query) -> NDArray[np.int64]:
    """Return the first rows of the visits that can lie in the range that is asked for."""
    visit = columns.column("visit")
    if query.side == "in":
        return inside_rows(columns)
    if query.first is None and query.last is None and query.when != "left":
        return _every_first_row(columns)
    if query.when == "there" and query.first is not None:
        return met_since(columns, query.first)
    if query.when == "there":  # it may have come before and left after
        rows = seen_between(columns, None, query.last)
    else:
        rows = seen_between(columns, query.first, query.last)
    if query.when == "left":
        rows = np.unique(visit[rows]).astype(np.int64) - 1
        return rows[rows >= 0]
    return _where(rows, visit[rows] == rows + 1)


def _first_rows_of(columns: Columns, meant: Ranks) -> NDArray[np.int64]:
    """Return the first rows of the visits that any of the plates is of."""
    plate, told, visit = (columns.column(name) for name in ("plate", "told", "visit"))
    of_these = scanned(
        columns, lambda some: (meant[plate[some]] < UNLIKE) | (meant[told[some]] < UNLIKE)
    )
    rows = np.unique(visit[of_these]).astype(np.int64) - 1
    rows = rows[rows >= 0]
    rows = _where(rows, visit[rows] == rows + 1)
    return _where(rows, _visit_ranks(columns, meant, rows) < UNLIKE)


def page(columns: Columns, found: Sorted, query: Query) -> Rows:
    """Return the page that begins after the query's cursor."""
    order, rows = query.order, found.rows
    keys = _keys(columns, rows, found.at, query)
    ranks = np.zeros(len(rows), np.uint8) if found.ranks is None else found.ranks
    total = len(rows)
    if query.cursor is not None:
        after = _after(columns, rows, keys, ranks, mark_of(query.cursor, order), order)
        rows, keys, ranks = rows[after], keys[after], ranks[after]
    taken = _first(columns, rows, keys, ranks, query.limit, order)
    page_rows = [int(row) for row in rows[taken]]
    cursor = None
    if len(rows) > len(page_rows) and page_rows:
        last = taken[-1]
        value = keys[last]
        mark = Mark(
            value.decode("utf-8") if isinstance(value, bytes) else int(value),
            columns.ids.key(page_rows[-1]),
            int(ranks[last]),
        )
        cursor = cursor_text(order, mark)
    return Rows(page_rows, cursor, total)


def _matches(columns: Columns, query: Query, rows: NDArray[np.int64]) -> Mask:
    """Return which rows have what the query asks of one event."""
    mask = np.ones(len(rows), np.bool_)
    for name, words in (
        ("edge", query.edges),
        ("camera", query.cameras),
        ("lane", query.lanes),
        ("lot", {lot.hex() for lot in query.lots}),
    ):
        if words:
            mask &= np.isin(columns.column(name)[rows], columns.words[name].numbers(words))
    for name, codes in (
        ("kind", KIND.codes(query.kinds)),
        ("vehicle", VEHICLE.codes(query.vehicles)),
    ):
        if codes:
            mask &= np.isin(columns.column(name)[rows], codes)
    if query.confidence_min is None and query.confidence_max is None and query.unread is None:
        return mask
    confidence = columns.column("confidence")[rows]
    if query.confidence_min is not None:
        mask &= (confidence >= query.confidence_min) & (confidence != NO_CONFIDENCE)
    if query.confidence_max is not None:
        mask &= confidence <= query.confidence_max
    if query.unread is not None:
        mask &= (columns.column("plate")[rows] == 0) == query.unread
    return mask


def _asks_of_an_event(query: Query) -> bool:
    """Say whether `_matches` leaves any event out."""
    words = (query.edges, query.cameras, query.lanes, query.lots, query.kinds, query.vehicles)
    bounds = (query.confidence_min, query.confidence_max, query.unread)
    return any(words) or any(one is not None for one in bounds)


def _either(columns: Columns, query: Query, found: Stays) -> Mask:
    """Return which visits have an end that the query asks for."""
    if not _asks_of_an_event(query):
        return np.ones(len(found.rows), np.bool_)
    entry = _matches(columns, query, np.maximum(found.entry, 0)) & (found.entry >= 0)
    exit_ = _matches(columns, query, np.maximum(found.exit, 0)) & (found.exit >= 0)
    return entry | exit_


def _asks_of_a_visit(query: Query) -> bool:
    """Say whether `_of_visit` leaves any visit out."""
    asked = (query.side, query.flagged, query.stay_min, query.stay_max)
    return bool(query.sureness or query.flags) or any(one is not None for one in asked)


def _of_visit(columns: Columns, query: Query, found: Stays) -> Mask:
    said, chance = (columns.column(name)[found.rows] for name in ("said", "chance"))
    mask = np.ones(len(found.rows), np.bool_)
    if query.side is not None:
        there = (found.exit < 0) & (said & (MISSED_EXIT | CHECKED_OUT) == 0)
        mask &= there == (query.side == "in")
    if query.sureness:
        bands = [_BANDS[word] for word in query.sureness]
        mask &= np.any([(chance >= low) & (chance < high) for low, high in bands], axis=0)
    if query.flagged is not None:
        mask &= (said != 0) == query.flagged
    for flag in query.flags:
        mask &= _visit_flag(said, flag) | _end_flag(columns, found, flag)
    if query.stay_min is not None or query.stay_max is not None:
        left, has_left = found.of(columns, "last", "exit")
        stay = left - columns.column("first")[found.rows]
        mask &= has_left & (found.entry >= 0)
        if query.stay_min is not None:
            mask &= stay >= query.stay_min
        if query.stay_max is not None:
            mask &= stay <= query.stay_max
    return mask


def _began(columns: Columns, found: Stays) -> Numbers:
    """Return when each car came, or left where nobody saw it come."""
    came = columns.column("first")[found.rows]
    return np.where(found.entry >= 0, came, columns.column("last")[found.rows])


def _in_range(columns: Columns, query: Query, found: Stays) -> Mask:
    if query.first is None and query.last is None:
        return np.ones(len(found.rows), np.bool_)
    first = -(2**62) if query.first is None else query.first
    last = 2**62 if query.last is None else query.last
    began = _began(columns, found)
    left, has_left = found.of(columns, "last", "exit")
    mask: Mask
    if query.when == "came":
        mask = (began >= first) & (began < last)
    elif query.when == "left":
        mask = has_left & (left >= first) & (left < last)
    else:
        gone = columns.column("said")[found.rows] & (MISSED_EXIT | CHECKED_OUT) != 0
        ended = np.where(has_left, left, np.where(gone, began, 2**62))
        mask = (began < last) & (ended >= first)
    return mask


def _of_side(columns: Columns, query: Query, rows: NDArray[np.int64]) -> Mask:
    if query.side is None:
        return np.ones(len(rows), np.bool_)
    visit = columns.column("visit")[rows]
    there: Mask = np.isin(visit, inside_rows(columns) + 1)
    return there if query.side == "in" else (visit > 0) & ~there


def _ranks(columns: Columns, asked: PlateAsked) -> Ranks:
    """Return how far each plate is from the one asked for, by its number in a column."""
    found = matched(columns.plates, asked)
    ranks = np.full(len(columns.plates) + 1, UNLIKE, np.uint8)
    ranks[found.numbers + 1] = found.ranks
    return ranks


def _visit_ranks(columns: Columns, ranks: Ranks, first: NDArray[np.int64]) -> Ranks:
    """Return how far the nearest plate of each visit is: its own, or one read at an end."""
    plate = columns.column("plate")
    partner = columns.column("partner")[first].astype(np.int64)
    exits = np.where(partner > 0, ranks[plate[partner - 1]], UNLIKE)
    told = ranks[columns.column("told")[first]]
    nearest: Ranks = np.minimum(np.minimum(told, ranks[plate[first]]), exits)
    return nearest


def _has_flag(columns: Columns, rows: NDArray[np.int64], flag: str) -> Mask:
    words = columns.words["flags"].all()
    numbers = [n for n, word in enumerate(words) if flag in word.split(",")]
    return np.isin(columns.column("flags")[rows], numbers)


def _visit_flag(said: Numbers, flag: str) -> Mask:
    for n, word in enumerate(VISIT_FLAGS):
        if word == flag:
            has: Mask = said & (1 << n) != 0
            return has
    return np.zeros(len(said), np.bool_)


def _end_flag(columns: Columns, found: Stays, flag: str) -> Mask:
    entry = (found.entry >= 0) & _has_flag(columns, np.maximum(found.entry, 0), flag)
    return entry | ((found.exit >= 0) & _has_flag(columns, np.maximum(found.exit, 0), flag))


def _keys(columns: Columns, rows: NDArray[np.int64], at: Numbers, query: Query) -> NDArray[Any]:
    """Return what each row is sorted by."""
    by = query.order.by
    if by == "at":
        return at
    if by == "confidence":
        return columns.column("confidence")[rows].astype(np.int64)
    if by == "stay":
        found = stays(columns, rows)
        left, has_left = found.of(columns, "last", "exit")
        known = has_left & (found.entry >= 0)
        return np.where(known, left - columns.column("first")[rows], -1)
    if by == "camera":
        words = np.array([word.encode() for word in columns.words["camera"].all()])
        return words[columns.column("camera")[rows]]
    told = columns.column("told")[rows]
    number = np.where(told > 0, told, columns.column("plate")[rows]).astype(np.int64)
    pairs = np.zeros((len(rows), 2), ">u8")
    known = number > 0
    pairs[known, 0] = columns.plates.high[number[known] - 1]
    pairs[known, 1] = columns.plates.low[number[known] - 1]
    return pairs.view("S16").reshape(len(rows))


def _after(
    columns: Columns,
    rows: NDArray[np.int64],
    keys: NDArray[Any],
    ranks: Ranks,
    mark: Mark,
    order: Order,
) -> Mask:
    value = mark.value.encode() if isinstance(mark.value, str) else mark.value
    high, low = (np.uint64(half) for half in halves(mark.id))
    highs, lows = columns.ids.high[rows], columns.ids.low[rows]
    beyond: Mask
    if order.descending:
        beyond = (highs < high) | ((highs == high) & (lows < low))
        beyond = (keys < value) | ((keys == value) & beyond)
    else:
        beyond = (highs > high) | ((highs == high) & (lows > low))
        beyond = (keys > value) | ((keys == value) & beyond)
    after: Mask = (ranks > mark.rank) | ((ranks == mark.rank) & beyond)
    return after


def _bound(keys: Numbers, limit: int) -> int:
    """Return the lowest of the highest keys, so many of them; there are more.

    Days come in order, so after the newest block hardly any key is left to be compared.
    """
    begins = range(0, len(keys), _BLOCK_ROWS)
    highest = keys[:0]
    for begin in reversed(begins):
        block = keys[begin : begin + _BLOCK_ROWS]
        if len(highest) == limit:
            block = block[block > highest[0]]
        highest = np.concatenate((highest, block))
        if len(highest) >= limit:
            highest = np.partition(highest, len(highest) - limit)[-limit:]
    return int(highest[0])


def _first(
    columns: Columns,
    rows: NDArray[np.int64],
    keys: NDArray[Any],
    ranks: Ranks,
    limit: int,
    order: Order,
) -> NDArray[np.int64]:
    """Return the places of the first rows in their order, without sorting all of them."""
    places: NDArray[np.int64] = np.arange(len(rows), dtype=np.int64)
    if len(rows) > limit and keys.dtype.kind == "i" and not ranks.any():
        bound = _bound(keys if order.descending else -keys, limit)
        places = np.flatnonzero(keys >= bound if order.descending else keys <= -bound)
    chosen, near = rows[places], ranks[places].astype(np.int16)
    if order.descending:
        near = -near  # the nearest first, also where the rest is turned
    ranked = np.lexsort((columns.ids.low[chosen], columns.ids.high[chosen], keys[places], near))
    if order.descending:
        ranked = ranked[::-1]
    first: NDArray[np.int64] = places[ranked[:limit]]
    return first
