"""Rows under the people key, sealed and opened for who may.

Which right a kind of row asks for stands in one table. A row's lot is sealed with its content, so
that nobody opens one lot's row in the name of another.
"""

from __future__ import annotations

from collections.abc import Iterable

from contract import canonical
from contract.canonical import Malformed
from contract.plates import normalise
from lot.errors import Damaged, RolledBack
from server.access.roles import Limit, Right
from server.access.rows import HOLD, ROWS, RULE, RowRights
from server.keys import rows
from server.keys.holder import calls, reach
from server.keys.holder.calls import BeyondReach, PlainRow, SealedRow
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import NotAllowed
from server.keys.holder.sessions import Present, allowed_in, may_let_in
from server.keys.rows import CONTENT_BYTES_MAX, Place

_LOT = "lot"  # in the content of every row; from no caller


def sealed(desk: Desk, asked: calls.RowsSeal) -> calls.RowsSealed:
    """Seal rows and note their versions; nothing is sealed where one may not be."""
    people, present = desk.vault.vault.people, desk.sessions.present(asked.by)
    for row in asked.rows:
        rights = _rights(row.table)
        _allowed(present, rights.writes, asked.lot)
        if rights.let_in or _names_plates(row):
            may_let_in(desk.sessions, asked.by, asked.lot)
        if row.table == HOLD and row.content:
            raise Malformed("a hold is made of its event's own records")
    return calls.RowsSealed(tuple(_sealed(desk, people, asked.lot, row) for row in asked.rows))


def opened(desk: Desk, asked: calls.RowsOpen) -> calls.RowsOpened:
    """Open rows for a session, as far as its right to each reaches."""
    people, present = desk.vault.vault.people, desk.sessions.present(asked.by)
    far = [_allowed(present, _rights(row.table).reads, asked.lot) for row in asked.rows]
    if Limit.WITH_A_REASON in far and not (asked.reason or "").strip():
        raise NotAllowed("this role looks with a reason only", then="say why you look")
    desk.pace.take(present.session.id, len(asked.rows))
    found = [_opened(desk, people, asked.lot, row) for row in asked.rows]
    return calls.RowsOpened(tuple(_within(desk, asked.lot, far, found)))


def sealed_row(
    desk: Desk, place: Place, lot: bytes | None, content: dict[str, object]
) -> SealedRow:
    """Seal a row of the keyholder's own making, and note its version."""
    return _noted(desk, place, rows.sealed(_of_lot(lot, content), desk.vault.vault.people, place))


def content_of(box: bytes, people: bytes, place: Place, lot: bytes | None) -> dict[str, object]:
    """Return what a row of a lot holds; Damaged where it is not that lot's."""
    content = rows.opened(box, people, place)
    if content.pop(_LOT, "") != (None if lot is None else lot.hex()):
        raise Damaged("the row is of another lot", then="look it up anew")
    return content


def _names_plates(row: PlainRow) -> bool:
    """Say whether a row is a rule by which plates are told later on, whoever is signed in then."""
    if row.table != RULE or not row.content:
        return False
    with canonical.reading("a rule"):
        return (
            canonical.decoded(row.content, bytes_max=CONTENT_BYTES_MAX).get("plates") is not False
        )


def _rights(kind: str) -> RowRights:
    found = ROWS.get(kind)
    if found is None:
        raise Malformed("there are no rows of this kind")
    return found


def _allowed(present: Present, right: Right | None, lot: bytes | None) -> Limit:
    if right is None:
        raise NotAllowed(
            "a secret is shown once, when it is made, and is made with what it is for",
            then="make a new one",
        )
    return allowed_in(present, right, lot)


def _within(
    desk: Desk, lot: bytes | None, far: list[Limit], found: list[PlainRow | None]
) -> Iterable[PlainRow | BeyondReach | None]:
    inside = reach.plates_inside(desk, lot) if Limit.INSIDE in far and lot is not None else set()
    for limit, row in zip(far, found, strict=True):
        if limit is not Limit.INSIDE or (row is not None and _plate(row) in inside):
            yield row
        else:  # a damaged one too: nobody can tell whose it is
            yield BeyondReach()


def _plate(row: PlainRow) -> str:
    return normalise(str(canonical.decoded(row.content, bytes_max=CONTENT_BYTES_MAX).get("plate")))


def _of_lot(lot: bytes | None, content: dict[str, object]) -> dict[str, object]:
    if _LOT in content:
        raise Malformed(f"its content names a {_LOT}, which its place says")
    return {**content, _LOT: lot}


def _sealed(desk: Desk, people: bytes, lot: bytes | None, row: PlainRow) -> SealedRow:
    place = Place(row.table, row.id, row.version)
    if not row.content:  # its deletion is a version too, so that it is not put back
        return _noted(desk, place, b"")
    with canonical.reading("a row's content"):
        content = _of_lot(lot, canonical.decoded(row.content, bytes_max=CONTENT_BYTES_MAX))
        return _noted(desk, place, rows.sealed(content, people, place))


def _noted(desk: Desk, place: Place, box: bytes) -> SealedRow:
    made = SealedRow(place.table, place.row, place.version, box)
    desk.newest.note(made.as_version)
    return made


def _opened(desk: Desk, people: bytes, lot: bytes | None, row: SealedRow) -> PlainRow | None:
    place = Place(row.table, row.id, row.version)
    try:
        desk.newest.check(row.as_version)
        content = content_of(row.box, people, place, lot)
    except (Damaged, RolledBack):
        return None
    if row.table == HOLD:
        content.pop("parts", None)  # what opens records is given out to nobody
    return PlainRow(row.table, row.id, row.version, canonical.encoded(content))
