"""Rows under the people key: read and changed for who may, while the vault is open.

A change names the version that it was made from, so of two people the second is told. The
keyholder notes the version first, then it is committed with the audit's line, then confirmed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection

from contract import audit, canonical
from contract.digest import H
from server.access.ledger import Ledger
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import Overtaken
from server.keys.rows import CONTENT_BYTES_MAX
from server.refusals import Changed, NotThere
from server.store import private_rows
from server.store.database import Database
from server.store.private_rows import PrivateRow


@dataclass(frozen=True, slots=True)
class Kept:
    """A row as somebody may read it; without content it is damaged, or was put back."""

    id: bytes
    version: int
    content: Mapping[str, object] | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Page:
    """Rows by id, and the last id that was looked at, None where there are no more."""

    rows: tuple[Kept, ...]
    after: bytes | None


@dataclass(frozen=True, slots=True)
class Place:
    """Which rows are meant."""

    lot: bytes
    kind: str


@dataclass(frozen=True, slots=True)
class Private:
    """Reads and changes private rows."""

    database: Database
    keyholder: Keyholder
    ledger: Ledger

    def page(
        self, by: calls.Caller, at: Place, after: bytes, most: int, reason: str | None = None
    ) -> Page:
        """Return those behind `after` that the caller may see; the look is written down."""
        with self.database.read() as read:
            rows = private_rows.page(read, at.lot, at.kind, after=after, most=most)
        found = self._opened(by, at, rows, reason)
        self._looked(by, at, {"kind": at.kind, "rows": len(found), "reason": reason})
        return Page(tuple(found), rows[-1].id if len(rows) == most else None)

    def one(self, by: calls.Caller, at: Place, id_: bytes, reason: str | None = None) -> Kept:
        """Return a row; the look is written down."""
        with self.database.read() as read:
            row = private_rows.found(read, at.lot, at.kind, id_)
        if row is None:
            raise NotThere("there is no such row", then="look at the list again")
        found = self._opened(by, at, [row], reason)
        self._looked(by, at, {"kind": at.kind, "row": id_, "reason": reason})
        if not found:
            raise NotThere("it is not there, or you may not see it", then="look at the list again")
        return found[0]

    def put(
        self,
        by: calls.Caller,
        at: Place,
        id_: bytes,
        was: int,
        content: Mapping[str, object],
        *,
        also: Callable[[Connection], None] | None = None,
    ) -> int:
        """Keep a row's next version, and return it; Changed where it is not at `was` any more.

        `also` is done in the same transaction.
        """
        self._check(at, id_, was)
        spelled = canonical.encoded({"v": canonical.VERSION, **content})
        plain = calls.PlainRow(at.kind, id_, was + 1, spelled)
        (sealed,) = self.keyholder.rows_seal(calls.RowsSeal(by, at.lot, (plain,)))
        row = PrivateRow(at.lot, at.kind, id_, sealed.version, sealed.box)

        def keep(write: Connection) -> None:
            if private_rows.found(write, at.lot, at.kind, id_) == row:
                return  # a commit whose answer was lost
            if not private_rows.put(write, row):
                raise _changed()
            self._line(write, by, at, audit.Row(at.kind, id_, row.version, H(row.box)))
            if also is not None:
                also(write)

        self._committed(keep, sealed)
        return row.version

    def add_all(
        self, by: calls.Caller, at: Place, rows: Mapping[bytes, Mapping[str, object]]
    ) -> int:
        """Add rows by their ids, all or none; return how many were not there already."""
        with self.database.read() as read:
            new = [id_ for id_ in rows if private_rows.found(read, at.lot, at.kind, id_) is None]
        plain = tuple(
            calls.PlainRow(
                at.kind, id_, 1, canonical.encoded({"v": canonical.VERSION, **rows[id_]})
            )
            for id_ in new
        )
        sealed = self._new_sealed(by, at, plain)
        made = [PrivateRow(at.lot, at.kind, one.id, one.version, one.box) for one in sealed]

        def keep(write: Connection) -> None:
            for row in made:
                if private_rows.found(write, at.lot, at.kind, row.id) == row:
                    continue  # a commit whose answer was lost
                if not private_rows.put(write, row):
                    raise _changed()
                self._line(write, by, at, audit.Row(at.kind, row.id, row.version, H(row.box)))

        self.database.write(keep)
        self.keyholder.confirm_versions(tuple(one.as_version for one in sealed))
        return len(made)

    def _new_sealed(
        self, by: calls.Caller, at: Place, plain: tuple[calls.PlainRow, ...]
    ) -> tuple[calls.SealedRow, ...]:
        try:
            return self.keyholder.rows_seal(calls.RowsSeal(by, at.lot, plain))
        except Overtaken:
            raise Changed(
                "some of these were added before, and are changed or deleted since",
                then="look which are there, and add the others",
            ) from None

    def drop(
        self,
        by: calls.Caller,
        at: Place,
        id_: bytes,
        was: int,
        *,
        also: Callable[[Connection], None] | None = None,
    ) -> None:
        """Delete a row; Changed where it is not at `was` any more. `also` goes with it."""
        self._check(at, id_, was)
        plain = calls.PlainRow(at.kind, id_, was + 1, b"")
        (sealed,) = self.keyholder.rows_seal(calls.RowsSeal(by, at.lot, (plain,)))

        def delete(write: Connection) -> None:
            known = private_rows.found(write, at.lot, at.kind, id_)
            if known is None:
                return  # a commit whose answer was lost, or somebody deleted it too
            if known.version != was:
                raise _changed()
            private_rows.drop(write, at.lot, at.kind, id_)
            if also is not None:
                also(write)
            self._line(write, by, at, audit.Row(at.kind, id_, was + 1, None))

        self._committed(delete, sealed)

    def _check(self, at: Place, id_: bytes, was: int) -> None:
        with self.database.read() as read:
            row = private_rows.found(read, at.lot, at.kind, id_)
        if row is None and was > 0:
            raise NotThere("there is no such row", then="look at the list again")
        if row is not None and row.version != was:
            raise _changed()

    def _opened(
        self, by: calls.Caller, at: Place, rows: list[PrivateRow], reason: str | None
    ) -> list[Kept]:
        """Return rows open; those that the caller's right does not reach are left out."""
        sealed = tuple(calls.SealedRow(one.kind, one.id, one.version, one.box) for one in rows)
        opened = self.keyholder.rows_open(calls.RowsOpen(by, at.lot, sealed, reason))
        return [
            Kept(row.id, row.version, None if plain is None else _content(plain))
            for row, plain in zip(rows, opened, strict=True)
            if not isinstance(plain, calls.BeyondReach)
        ]

    def _committed(self, work: Callable[[Connection], None], made: calls.SealedRow) -> None:
        self.database.write(work)
        self.keyholder.confirm_versions((made.as_version,))

    def _line(self, write: Connection, by: calls.Caller, at: Place, detail: audit.Row) -> None:
        actor = bodies.session(by.session.body).account
        self.ledger.line(write, "row", detail, lot=at.lot, actor=actor)

    def _looked(self, by: calls.Caller, at: Place, detail: Mapping[str, object]) -> None:
        actor = bodies.session(by.session.body).account
        self.database.write(
            lambda write: self.ledger.line(write, "rows_read", detail, lot=at.lot, actor=actor)
        )


def _content(plain: calls.PlainRow) -> Mapping[str, object]:
    found = canonical.decoded(plain.content, bytes_max=CONTENT_BYTES_MAX)
    return {name: value for name, value in found.items() if name != "v"}


def _changed() -> Changed:
    return Changed("somebody changed it meanwhile", then="read it again, then change that")
