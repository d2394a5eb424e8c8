"""Rows under the people key, sealed and opened for who may."""

from __future__ import annotations

from contract import canonical
from lot.errors import Damaged, RolledBack
from server.access.roles import Right
from server.keys import rows
from server.keys.holder import calls
from server.keys.holder.bodies import API_ROWS, SEEDS
from server.keys.holder.calls import PlainRow, SealedRow
from server.keys.holder.desk import Desk
from server.keys.holder.sessions import allowed
from server.keys.rows import CONTENT_BYTES_MAX, Place


def sealed(desk: Desk, asked: calls.RowsSeal) -> calls.RowsSealed:
    """Seal rows and note their versions; nothing is sealed where one version is too low."""
    people = desk.vault.vault.people
    allowed(desk.sessions.present(asked.by), asked.right, asked.lot)
    _check_secrets(asked)
    return calls.RowsSealed(tuple(_sealed(desk, people, row) for row in asked.rows))


def opened(desk: Desk, asked: calls.RowsOpen) -> calls.RowsOpened:
    """Open rows for a session."""
    people, present = desk.vault.vault.people, desk.sessions.present(asked.by)
    allowed(present, asked.right, asked.lot)
    _check_secrets(asked)
    desk.pace.take(present.session.id, len(asked.rows))
    return calls.RowsOpened(tuple(_opened(desk, people, row) for row in asked.rows))


def sealed_row(desk: Desk, place: Place, content: dict[str, object]) -> SealedRow:
    """Seal a row of the keyholder's own making, and note its version."""
    desk.newest.note(place.table, place.row, place.version)
    box = rows.sealed(content, desk.vault.vault.people, place)
    return SealedRow(place.table, place.row, place.version, box)


def _check_secrets(asked: calls.RowsSeal | calls.RowsOpen) -> None:
    """One-time codes' seeds and the edges' tokens are given out to nobody.

    A seed comes from whoever manages users, a token from an edge that enrols, and from no call.
    """
    for row in asked.rows:
        if isinstance(asked, calls.RowsOpen) and row.table in (SEEDS, API_ROWS):
            raise Damaged("a secret is shown once, when it is made", then="make a new one")
        if row.table == SEEDS and asked.right is not Right.ADMINISTER:
            raise Damaged("a seed is made by who manages users", then="ask the owner")
        if row.table == API_ROWS:
            raise Damaged("an edge's token comes with its enrolment", then="enrol it anew")


def _sealed(desk: Desk, people: bytes, row: PlainRow) -> SealedRow:
    if not row.content:  # its deletion is a version too, so that it is not put back
        desk.newest.note(row.table, row.id, row.version, gone=True)
        return SealedRow(row.table, row.id, row.version, b"")
    with canonical.reading("a row's content"):
        content = canonical.decoded(row.content, bytes_max=CONTENT_BYTES_MAX)
        place = Place(row.table, row.id, row.version)
        desk.newest.note(row.table, row.id, row.version)
        return SealedRow(row.table, row.id, row.version, rows.sealed(content, people, place))


def _opened(desk: Desk, people: bytes, row: SealedRow) -> PlainRow | None:
    try:
        desk.newest.check(row.table, row.id, row.version)
        content = rows.opened(row.box, people, Place(row.table, row.id, row.version))
    except (Damaged, RolledBack):
        return None
    return PlainRow(row.table, row.id, row.version, canonical.encoded(content))
