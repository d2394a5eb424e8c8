"""What the server writes in its own name: one chain, sealed while locked, told in the audit."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, func, select

from contract import opening, record, sealing, signature, trust, wrap
from contract.digest import H
from contract.event import Event
from contract.head import Erased
from contract.opening import DayKeyFound, Opened
from contract.record import Record
from contract.trust import Certificate
from lot.errors import Refused, Unreadable, WrongUsage
from server.audit.lines import Audit
from server.records import own_chain, statements
from server.records.own_chain import House
from server.records.statements import CheckedOut, Noted, PlateCorrected, Settled
from server.records.writing import DESK, Typed, Writing
from server.retention.running import Gone
from server.store import lots, settled, writers
from server.store.database import Database
from server.store.lots import Lot
from server.store.tables import SERVER, audit_lines, parts, pictures, records, texts, wraps
from server.store.tables import writers as writer_rows
from server.store.writers import WriterRow
from server.trust_file import TrustFile
from server.verify.report import NOTHING_EARLIER, Report
from server.verify.whole import Ground, verified
from tests.contract import golden
from tests.contract.writers import LOT, NOON
from tests.server.ingest.house import NODE, SERVER_ID, VAULT, Served
from tests.server.verify.filled import whats

KEY = Ed25519PrivateKey.from_private_bytes(b"\x22" * 32)
RIGHTS = Certificate(SERVER_ID, None, signature.public_half(KEY), "server", (), NOON)
SOUTH = b"\x51" * 16
ADA = b"\x0a" * 16
DAY = 86_400_000_000
PHOTOGRAPH = b"\xff\xd8 a car"


class Office:
    """A server with one edge and two lots that writes in its own name."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.served = Served(database, folder)
        self.served.enrol()
        self.writing = self.another()
        row = WriterRow(
            SERVER,
            RIGHTS.writer,
            "server",
            "server",
            trust.certificate_encoded(RIGHTS, VAULT),
            RIGHTS.n,
            None,
            closed=False,
            day_bytes_max=0,
            stamp=None,
        )
        south = Lot(SOUTH, "south", "America/Chicago", None, 90, 30, NOON)

        def work(write: Connection) -> None:
            lots.add(write, south)
            writers.add(write, row, NOON)

        database.write(work)

    def another(self) -> Writing:
        """Return the writer of another process over the same rows and files."""
        of = self.served
        known = TrustFile(of.folder / "trust.json")
        audit = Audit(NODE, RIGHTS.writer, known, of.wraps, of.clock)
        house = House(of.database, of.wraps, of.pictures, known, audit, of.clock)
        return Writing(house, KEY)

    def opened(self, id_: str) -> Opened:
        """Open one of its records with the vault's key, as the keyholder does."""
        with self.served.database.read() as read:
            row = read.execute(select(records).where(records.c.id == id_)).one()
            named = record.decoded(row.envelope).parts
            sealed = {part.name: self._part(read, row.lot, part.hash) for part in named}
        found = [self.served.wraps.get(row.lot, part.key) for part in named]
        made = [wrap.decoded(data) for data in found if data is not None]
        keys = {one.key_id: DayKeyFound(one, wrap.unwrapped(one, golden.rsa())) for one in made}
        prk_of = opening.by_day_keys(RIGHTS.writer, keys)
        return opening.opened(row.envelope + row.signature, RIGHTS, sealed, prk_of)

    def _part(self, read: Connection, lot: bytes, name: bytes) -> bytes:
        found = read.scalar(select(texts.c.sealed).where(texts.c.lot == lot, texts.c.hash == name))
        data: bytes | None = found or self.served.pictures.get(lot, name)
        assert data is not None
        return data

    def verified(self) -> Report:
        pack = TrustFile(self.served.folder / "trust.json").pack()
        with self.served.database.read() as read:
            ground = Ground(read, self.served.pictures, self.served.wraps, pack)
            return verified(ground, made=NOON + DAY, earlier=NOTHING_EARLIER)

    def faults(self) -> list[str]:
        return whats(self.verified())

    def rows(self) -> list[tuple[bytes, int]]:
        with self.served.database.read() as read:
            wanted = select(records.c.writer, records.c.sequence)
            return [(row.writer, row.sequence) for row in read.execute(wanted)]

    def chain(self) -> list[tuple[bytes, int]]:
        with self.served.database.read() as read:
            wanted = select(records.c.lot, records.c.sequence)
            wanted = wanted.where(records.c.writer == RIGHTS.writer)
            return [(row.lot, row.sequence) for row in read.execute(wanted.order_by("sequence"))]


@pytest.fixture
def office(database: Database, tmp_path: Path) -> Office:
    return Office(database, tmp_path / "state")


@pytest.fixture
def office_on_each(each_database: Database, tmp_path: Path) -> Office:
    return Office(each_database, tmp_path / "state")


def an_event(office: Office) -> str:
    made = office.served.edge.an_event()
    office.served.send(made)
    return made.head.id


def test_a_statement_is_sealed_signed_and_told(office_on_each: Office) -> None:
    office = office_on_each
    event = an_event(office)
    told = office.writing.said(LOT, ADA, Noted(event, "a dent"), reason="asked")
    found = office.opened(told.id)
    assert statements.decoded(found.contents["note"]) == told
    assert (told.by, told.at, told.reason) == (ADA, NOON, "asked")
    with office.served.database.read() as read:
        (line,) = read.execute(select(audit_lines)).all()
    assert (line.act, line.lot) == ("statement", LOT)
    assert found.record.envelope.seen.head == line.head  # its own line's witness
    assert office.faults() == []


def test_one_chain_goes_over_all_lots(office_on_each: Office) -> None:
    office = office_on_each
    event = an_event(office)
    for lot in (LOT, SOUTH, LOT, SOUTH):
        office.writing.said(lot, ADA, Noted(event, "seen"))
    assert office.chain() == [(LOT, 1), (SOUTH, 2), (LOT, 3), (SOUTH, 4)]
    assert office.faults() == []


def test_a_lot_s_day_keys_are_its_own_and_end_at_its_midnight(office: Office) -> None:
    event = an_event(office)

    def keys() -> dict[bytes, int]:
        with office.served.database.read() as read:
            wanted = select(wraps.c.lot, func.count()).where(
                wraps.c.writer == RIGHTS.writer, wraps.c.key_class == "T"
            )
            return dict(read.execute(wanted.group_by(wraps.c.lot)).tuples().all())

    for lot in (LOT, SOUTH, LOT):
        office.writing.said(lot, ADA, Noted(event, "seen"))
    assert keys() == {LOT: 1, SOUTH: 1}
    # NOON is 08:00 UTC: at 02:00 it is another day in UTC and not yet in Chicago.
    office.served.clock.now += 18 * DAY // 24
    for lot in (LOT, SOUTH):
        office.writing.said(lot, ADA, Noted(event, "seen"))
    assert keys() == {LOT: 2, SOUTH: 1}


def test_two_processes_and_many_threads_write_one_chain(office_on_each: Office) -> None:
    office = office_on_each
    event = an_event(office)
    both = [office.writing, office.another()]

    def write(writing: Writing, number: int) -> None:
        writing.said(LOT if number % 2 else SOUTH, ADA, Noted(event, f"the {number}."))

    threads = [threading.Thread(target=write, args=(both[n % 2], n)) for n in range(6)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert [sequence for _, sequence in office.chain()] == [1, 2, 3, 4, 5, 6]
    assert office.faults() == []


def test_a_car_typed_in_is_an_event_of_the_desk(office_on_each: Office) -> None:
    office = office_on_each
    car = Typed("exit", NOON - 5, "KXR4417", "us-tx", {"vehicle": PHOTOGRAPH})
    id_ = office.writing.typed(LOT, ADA, car)
    found = office.opened(id_)
    said = found.says
    assert isinstance(said, Event)
    assert (said.camera, said.kind, said.kind_by) == (DESK, "exit", "person")
    assert (said.plate, said.region, said.at) == ("KXR4417", "us-tx", NOON - 5)
    assert said.pictures == {"vehicle": H(PHOTOGRAPH).hex()}
    assert found.contents["picture/vehicle"] == PHOTOGRAPH
    with office.served.database.read() as read:
        (size,) = read.scalars(select(pictures.c.size))
        (line,) = read.execute(select(audit_lines)).all()
    assert size == sealing.sealed_size("picture/vehicle", len(PHOTOGRAPH))
    assert line.act == "typed"
    assert office.faults() == []


@pytest.mark.parametrize(
    "car",
    [
        Typed("entry", NOON, "two words"),
        Typed("entry", NOON, None, "us-tx".upper()),
        Typed("seen", NOON, None, None, {"A CAR": PHOTOGRAPH}),
        Typed("seen", NOON, None, None, {"clip": bytes(sealing.PART_BYTES_MAX)}),
    ],
    ids=["plate", "region", "name", "size"],
)
def test_what_is_no_event_is_refused_and_nothing_written(office: Office, car: Typed) -> None:
    with pytest.raises(WrongUsage):
        office.writing.typed(LOT, ADA, car)
    assert office.chain() == []
    with office.served.database.read() as read:
        assert read.scalars(select(audit_lines.c.act)).all() == []


def test_edges_hear_where_a_car_is_with_the_same_commit(office: Office) -> None:
    event, other = an_event(office), an_event(office)
    office.writing.said(LOT, ADA, Settled(event, "in"))
    office.served.clock.now += 1
    office.writing.said(LOT, ADA, CheckedOut(event, NOON))
    office.writing.said(LOT, ADA, PlateCorrected(other, "KXR4417"))
    with office.served.database.read() as read:
        assert settled.newest(read, LOT, 0, 9) == [(event, "out")]


def repeat(database: Database, work: Callable[[Connection], object]) -> None:
    """Do a transaction twice, as where the answer of its commit was lost."""
    database.write(work)
    database.write(work)


def sent(office: Office) -> list[Record]:
    """Return three records of the edge, which are stored."""
    made = [office.served.edge.an_event() for _ in range(3)]
    office.served.send(*made)
    return made


def an_erasure(office: Office, made: list[Record]) -> Gone:
    """Return that of the first two."""
    keys = tuple({part.key for one in made for part in one.envelope.parts})
    before, last = made[0].envelope.prev, made[1].c
    return Gone(LOT, Erased(office.served.edge.id, keys, 1, 2, before, last, 2))


def test_an_erasure_is_signed_once_however_often_it_is_done(office_on_each: Office) -> None:
    office = office_on_each
    gone = an_erasure(office, sent(office))
    repeat(office.served.database, lambda write: office.writing.erasures(write, [gone]))
    assert office.chain() == [(LOT, 1)]
    with office.served.database.read() as read:
        row = read.execute(select(records).where(records.c.type == "erased")).one()
        assert read.scalars(select(audit_lines.c.act)).all() == ["erased"]
    assert record.decoded(row.envelope).head.gone == gone.erased


def test_what_was_erased_is_never_stored_again_by_a_process_that_ran_before(
    office: Office,
) -> None:
    """The edge's stamp is drawn anew, so ingest looks at its rows again."""
    made, edge, database = sent(office), office.served.edge, office.served.database
    gone = an_erasure(office, made)
    database.write(lambda write: office.writing.erasures(write, [gone]))

    def forget(write: Connection) -> None:
        write.execute(texts.delete())
        for of in (records, parts):
            write.execute(of.delete().where(of.c.writer == edge.id))

    database.write(forget)
    assert office.served.send(*made[:2]).have == ((1, 2),)
    assert edge.id not in {writer for writer, _ in office.rows()}


def test_a_statement_is_written_once_however_often_it_is_done(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    database = office.served.database
    once = database.write
    monkeypatch.setattr(database, "write", lambda work: (once(work), once(work))[1])
    office.writing.said(LOT, ADA, Noted(an_event(office), "a dent"))
    office.writing.typed(LOT, ADA, Typed("entry", NOON, "KXR4417"))
    assert [sequence for _, sequence in office.chain()] == [1, 2]
    with office.served.database.read() as read:
        assert read.scalars(select(audit_lines.c.act)).all() == ["statement", "typed"]


def test_a_writer_without_a_certificate_writes_nothing(database: Database, tmp_path: Path) -> None:
    office = Office(database, tmp_path / "state")
    event = an_event(office)
    database.write(lambda write: write.execute(writer_rows.delete()))
    with pytest.raises(Refused):
        office.writing.said(LOT, ADA, Noted(event, "a dent"))


def test_the_key_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "service.key"
    with pytest.raises(Unreadable):
        own_chain.key_in(path)
    path.write_bytes(KEY.private_bytes_raw())
    assert own_chain.key_in(path).private_bytes_raw() == KEY.private_bytes_raw()
    path.write_bytes(b"half")
    with pytest.raises(Unreadable):
        own_chain.key_in(path)
