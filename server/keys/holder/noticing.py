"""What there is to tell of cars while nobody looks: as much as a rule says, and no more.

No session asks, so the rule itself stands for the owner who made it: it lies sealed under the
people key, and is the newest of its place. A web process that was taken over can ask by the rules
there are, and learns what these would tell anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from contract import canonical
from contract.canonical import Fields, Malformed
from lot.clock import now_us
from lot.errors import Damaged, RolledBack
from server.access.rows import KNOWN, RULE
from server.desk import noticing, values
from server.desk.noticing import Telling
from server.desk.values import Known
from server.index.asked import LIMIT_MAX, Query, Scope
from server.keys.holder import calls, reach, rows_held
from server.keys.holder.calls import SealedRow
from server.keys.holder.desk import Desk
from server.keys.rows import Place
from server.visits.values import Visit


def noticed(desk: Desk, asked: calls.Notice) -> calls.Noticed:
    """Return the cars that a rule tells of and that were not told."""
    rule, now = _rule(desk, asked.lot, asked.rule), now_us()
    query = Query(lots=frozenset([asked.lot]), limit=LIMIT_MAX)
    if rule.kind == "listed":
        query = replace(query, first=rule.since(now))
    elif rule.kind == "overstay":
        query = replace(query, side="in")
    else:
        raise Malformed("this rule tells of no cars")

    def mark(visit: str) -> bytes:
        return desk.voucher.mark(asked.rule.id + visit.encode())

    found = _visits(desk, asked.lot, query)
    known = _known(desk, asked.lot, asked.known)
    return calls.Noticed(
        tuple(noticing.noticed(rule, found, known, frozenset(asked.told), mark, now))
    )


def _rule(desk: Desk, lot: bytes, row: SealedRow) -> Telling:
    """Return what a rule says; RolledBack or Damaged where it is not the one an owner made."""
    if row.table != RULE:
        raise Malformed("that is no rule")
    content = _content(desk, lot, row)
    with canonical.reading("a rule"):
        read = Fields(content, ("v", "kind", "hours", "quiet_minutes", "plates"))
        read.version()
        return Telling(
            read.text("kind"),
            read.either("hours", read.whole),
            read.whole("quiet_minutes"),
            read.truth("plates"),
        )


def _known(desk: Desk, lot: bytes, rows: tuple[SealedRow, ...]) -> Iterator[Known]:
    """Yield known plates; a row that is damaged or was put back keeps none of the others out."""
    for row in rows:
        if row.table != KNOWN:
            raise Malformed("that is no known plate")
        try:
            yield values.known(row.id, row.version, _content(desk, lot, row))
        except (Damaged, RolledBack):
            continue


def _content(desk: Desk, lot: bytes, row: SealedRow) -> dict[str, object]:
    desk.newest.check(row.as_version)
    place = Place(row.table, row.id, row.version)
    return rows_held.content_of(row.box, desk.vault.vault.people, place, lot)


def _visits(desk: Desk, lot: bytes, query: Query) -> list[Visit]:
    scope, found = Scope(frozenset([lot])), list[Visit]()
    with reach.index(desk, lot) as index:
        while True:
            page = index.search_visits(scope, query)
            found += [row.visit for row in page.rows]
            if page.cursor is None:
                return found
            query = replace(query, cursor=page.cursor)
