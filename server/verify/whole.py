"""Everything walked once: audit, erasures, every writer's chain, the rows beside them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from contract import trust, wrap
from contract.digest import H
from contract.trust import Certificate, TrustPack
from lot.errors import Damaged
from server.store.tables import SERVER, lots, private_rows, records, wraps, writers
from server.verify.audit import AuditWalk, Gathered, Witnesses
from server.verify.erasures import SignedErasure, erasures
from server.verify.parts import Kept
from server.verify.report import NOTHING_EARLIER, Earlier, Report
from server.verify.writers import House, Of, Retention, walked


@dataclass(frozen=True, slots=True)
class Ground:
    """What a walk stands on: rows, files, and whom the server says it is."""

    read: Connection
    pictures: Kept
    wraps: Kept
    pack: TrustPack


@dataclass(frozen=True, slots=True)
class _Writer:
    name: str
    rights: Certificate


def verified(ground: Ground, *, made: int, earlier: Earlier = NOTHING_EARLIER) -> Report:
    """Walk everything; nothing is opened, and nothing is changed."""
    read = ground.read
    rows: list[str] = []
    known = list(_writers(ground, rows))
    audit = AuditWalk(read, ground.pack.vault_sign)
    audit.walk()
    witnesses = Witnesses(read)
    witnesses.hear(set(earlier.heads))
    kept = {lot: Retention(text, pictures) for lot, text, pictures in read.execute(_LOTS)}
    house = House(read, ground.pictures, ground.wraps, kept, audit.gathered, witnesses)
    gone = erasures(read, [one.rights for one in known if one.rights.role == "server"], [*kept])
    found = [walked(house, _of(one, gone, [*kept], earlier)) for one in known]
    rows += _strangers(read, known)
    rows += _altered_wraps(ground)
    rows += _altered_rows(read, audit.gathered)
    rows += _writers_cut(earlier, known)
    return Report(
        server=ground.pack.server,
        vault_sign=ground.pack.vault_sign,
        made=made,
        writers=tuple(found),
        nodes=audit.found(witnesses),
        rows=tuple(rows),
        notes=(),
    )


_LOTS = select(lots.c.lot, lots.c.text_days, lots.c.picture_days)


def _writers(ground: Ground, rows: list[str]) -> Iterator[_Writer]:
    c = writers.c
    wanted = select(c.lot, c.writer, c.name, c.role, c.n, c.certificate)
    for row in ground.read.execute(wanted.order_by(c.made, c.writer)):
        who = f"writer {row.writer.hex()}"
        try:
            rights = trust.certificate_decoded(
                row.certificate, vault_sign=ground.pack.vault_sign, server=ground.pack.server
            )
        except Damaged as fault:
            rows.append(f"{who}: {fault.what}; none of its records can be checked")
            continue
        if rights.writer != row.writer:
            rows.append(f"{who}: its certificate is another writer's")
            continue
        if (row.lot, row.role, row.n) != (rights.lot or SERVER, rights.role, rights.n):
            rows.append(f"{who}: the row's columns are not those of its certificate")
        yield _Writer(row.name, rights)


def _of(
    one: _Writer, gone: dict[bytes, list[SignedErasure]], all_lots: list[bytes], earlier: Earlier
) -> Of:
    rights = one.rights
    return Of(
        name=one.name,
        rights=rights,
        lots=(rights.lot,) if rights.lot is not None else (*all_lots, SERVER),
        erasures=tuple(gone.get(rights.writer, ())),
        ends=tuple(earlier.lows(rights.writer)),
    )


def _strangers(read: Connection, known: list[_Writer]) -> Iterator[str]:
    """Tell of records that no writer's walk came past."""
    places = {(one.rights.lot, one.rights.writer) for one in known}
    for lot, writer in read.execute(select(records.c.lot, records.c.writer).distinct()):
        if (lot, writer) not in places and (None, writer) not in places:
            yield f"records of writer {writer.hex()} in lot {lot.hex()}: not certified there"


def _altered_wraps(ground: Ground) -> Iterator[str]:
    """Compare the rows of wraps, by which retention finds what is due, with the files."""
    for row in ground.read.execute(select(wraps).order_by(wraps.c.lot, wraps.c.key)):
        data = ground.wraps.get(row.lot, row.key)
        name = f"wrap {row.key.hex()[:16]}"
        if data is None:
            yield f"{name}: its file is missing"
            continue
        try:
            found = wrap.decoded(data)
        except Damaged as fault:
            yield f"{name}: {fault.what}"
            continue
        said = (found.key_id, found.writer, found.key_class, found.rsa, found.made)
        if said != (row.key, row.writer, row.key_class, row.rsa, row.made):
            yield f"{name}: its row is not that of its file"


def _writers_cut(earlier: Earlier, known: list[_Writer]) -> Iterator[str]:
    there = {one.rights.writer for one in known}
    for writer, end in earlier.ends:
        if writer not in there and end.sequence:
            yield f"writer {writer.hex()} is gone with all its records: a report saw it"


def _altered_rows(read: Connection, gathered: Gathered) -> Iterator[str]:
    """Compare rows under the people key with the hashes that the audit last gave them."""
    expected = dict(gathered.rows)
    wanted = select(
        private_rows.c.kind, private_rows.c.id, private_rows.c.version, private_rows.c.box
    )
    for kind, row, version, box in read.execute(wanted.order_by(private_rows.c.kind)):
        said = expected.pop((kind, row), None)
        if said is None or said.hash is None:
            yield f"row {kind} {row.hex()}: the audit knows of none"
        elif (said.version, said.hash) != (version, H(box)):
            yield f"row {kind} {row.hex()}: it is not as the audit last saw it"
    for (kind, row), said in sorted(expected.items()):
        if said.hash is not None:
            yield f"row {kind} {row.hex()}: it is missing"
