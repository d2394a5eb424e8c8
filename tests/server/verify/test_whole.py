"""Verify: nothing missing and nothing altered, or where."""

from dataclasses import replace

import pytest
from sqlalchemy import delete, update

from contract import audit
from contract.audit import AuditHead, Low, Restore
from contract.audit import Row as RowLine
from contract.chain import Point
from contract.digest import H
from contract.head import Erased, Tombstone
from server.store.tables import audit_lines, parts, private_rows, records, texts, wraps, writers
from server.verify.report import Earlier, earlier, encoded
from server.verify.telling import lines
from tests.contract.writers import NOON, Writer
from tests.server.verify.filled import (
    DAY,
    HOUR,
    NODE,
    PICTURE_DAYS,
    TEXT_DAYS,
    Audit,
    Filled,
    edge_of,
    erasure_of,
    whats,
    with_seen,
)


def filled(count: int = 8) -> Filled:
    house = Filled()
    made = house.events(count)
    house.line("sign_in")
    house.line("low", Low(house.edge.id, count, made[-1].c), at=NOON + count * HOUR)
    house.marked()
    return house


def test_a_whole_server_has_no_finding() -> None:
    house = filled()
    report = house.verified()
    assert whats(report) == []
    assert report.is_whole
    assert (edge_of(report).records, edge_of(report).newest, edge_of(report).low) == (8, 8, 8)
    (node,) = report.nodes
    assert (node.seq, node.mark) == (3, 2)


def test_more_records_than_are_held_at_once_are_walked() -> None:
    house = Filled()
    house.events(1_003, apart=1)
    assert whats(house.verified()) == []


@pytest.mark.parametrize("column", ["envelope", "signature", "c", "prev"])
def test_an_altered_record_is_found(column: str) -> None:
    house = filled()
    mine = records.c.sequence == 4
    data = house.db.execute(records.select().where(mine)).one()._mapping[column]
    altered = data[:-3] + bytes([data[-3] ^ 1]) + data[-2:]
    house.db.execute(update(records).where(mine).values({column: altered}))
    assert not house.verified().is_whole


@pytest.mark.parametrize(
    "change",
    [
        {"kind": "exit"},
        {"at": 5},
        {"camera": "desk"},
        {"final": False},
        {"type": "note"},
        {"lane": None},
    ],
    ids=str,
)
def test_a_column_that_is_not_what_was_signed_is_found(change: dict[str, object]) -> None:
    house = filled()
    house.db.execute(update(records).where(records.c.sequence == 4).values(**change))
    assert "the row's columns are not those of its record" in whats(house.verified())


def test_a_row_that_was_deleted_is_found_in_the_middle_and_at_the_end() -> None:
    house = filled()
    house.db.execute(delete(records).where(records.c.sequence == 4))
    assert whats(house.verified()) == ["damage: missing"]
    house = filled()
    house.db.execute(delete(records).where(records.c.sequence == 8))
    assert whats(house.verified()) == ["damage: cut, the server once had it"]


def test_a_cut_that_neither_record_nor_low_names_is_seen_by_an_earlier_report() -> None:
    house = Filled()
    house.events(5)
    before = house.verified()
    house.db.execute(delete(records).where(records.c.sequence >= 4))
    assert house.verified().is_whole
    kept = earlier(encoded(before))
    assert whats(house.verified(kept)) == ["damage: cut, the server once had it"]
    house.db.execute(delete(writers).where(writers.c.role == "edge"))
    house.db.execute(delete(records))
    assert "is gone with all its records" in whats(house.verified(kept))[-1]


def test_missing_and_altered_parts_are_found() -> None:
    house = filled()
    house.db.execute(delete(texts).where(texts.c.hash == _part(house, 3, "event")))
    assert whats(house.verified()) == ["damage: part event missing"]
    house = filled()
    del house.pictures.files[next(iter(house.pictures.files))]
    assert whats(house.verified()) == ["damage: part picture/plate missing"]
    house = filled()
    place = next(iter(house.pictures.files))
    house.pictures.files[place] = house.pictures.files[place][:-1] + b"\0"
    assert whats(house.verified()) == ["part picture/plate is not the one that was signed"]
    house = filled()
    house.db.execute(update(texts).values(sealed=texts.c.hash))
    assert set(whats(house.verified())) == {"part event is not the one that was signed"}


def test_rows_of_parts_that_were_exchanged_are_found() -> None:
    house = filled()
    other = _part(house, 5, "event")
    mine = (parts.c.sequence == 3) & (parts.c.name == "event")
    house.db.execute(update(parts).where(mine).values(hash=other))
    assert whats(house.verified()) == ["the rows of its parts are not those of its record"]


def test_a_wrap_that_is_missing_damaged_or_anothers_is_found() -> None:
    for change, what in (
        (None, "is missing"),
        (b"LKW1", "is damaged"),
        (Writer(b"\x33" * 32).wraps["T"].data, "is another one than was signed"),
    ):
        house = filled()
        place = next(one for one in house.wraps.files if one[1] == house.edge.wraps["T"].key_id)
        if change is None:
            del house.wraps.files[place]
        else:
            house.wraps.files[place] = change
        found = edge_of(house.verified()).findings
        assert found
        assert all(one.what.endswith(what) for one in found)


@pytest.mark.parametrize(
    "change", [{"key_class": "A"}, {"made": 5}, {"writer": bytes(16)}], ids=str
)
def test_a_wraps_row_that_is_not_its_files_is_found(change: dict[str, object]) -> None:
    house = filled()
    mine = wraps.c.key == house.edge.wraps["T"].key_id
    house.db.execute(update(wraps).where(mine).values(**change))
    (found,) = whats(house.verified())
    assert found.endswith("its row is not that of its file")
    house.wraps.files.clear()
    assert any(one.endswith("its file is missing") for one in whats(house.verified()))


def test_a_tombstone_and_an_earlier_revision_excuse_what_is_not_there() -> None:
    house = Filled()
    made = house.events(4)
    head = house.edge.head("tombstone", gone=Tombstone(2, made[1].c, None, "refused"))
    house.put(house.edge.signed(head), house.edge)
    house.db.execute(delete(records).where(records.c.sequence == 2))
    first = house.put(house.edge.an_event({"plate": b"early"}), house.edge)
    house.put(house.edge.an_event(id=first.head.id, revision=2), house.edge)
    del house.pictures.files[first.head.lot, first.envelope.parts[1].hash]
    report = house.verified()
    assert whats(report) == []
    assert edge_of(report).tombstones == 1


def test_what_retention_erased_is_told_apart_from_what_was_not_due() -> None:
    keys = Writer().wraps["T"].key_id, Writer().wraps["P"].key_id
    for after, early in ((TEXT_DAYS * DAY + 3 * HOUR, False), (5 * DAY, True)):
        house = Filled()
        made = house.events(3)
        later = house.put(Writer.an_event(house.edge, at=NOON + 3 * HOUR), house.edge)
        assert later.head.sequence == 4
        house.erased(erasure_of(made, 1, 3, *keys), at=NOON + after)
        house.db.execute(
            delete(records).where(records.c.sequence <= 3, records.c.writer == house.edge.id)
        )
        house.db.execute(delete(parts).where(parts.c.sequence <= 3))
        (erasure,) = edge_of(house.verified()).erasures
        assert (erasure.early, erasure.count, erasure.keys) == (early, 3, keys)
        told = "\n".join(lines(house.verified(), str))
        assert ("BEFORE IT WAS DUE" in told) == early


def test_pictures_are_forgotten_sooner_and_that_too_can_be_early() -> None:
    for after, early in ((PICTURE_DAYS * DAY + 8 * HOUR, False), (DAY, True)):
        house = filled()
        key = house.edge.wraps["P"].key_id
        house.erased(Erased(house.edge.id, (key,), *[None] * 5), at=NOON + after)
        house.pictures.files.clear()
        report = house.verified()
        assert whats(report) == []
        assert [one.early for one in edge_of(report).erasures] == [early]


def test_an_erasure_that_the_servers_key_did_not_sign_excuses_nothing() -> None:
    house = filled()
    stranger = Writer(b"\x44" * 32, "server")
    head = stranger.head("erased", gone=Erased(house.edge.id, (b"k" * 32,), *[None] * 5))
    house.put(stranger.signed(head), stranger)
    assert any("not certified" in one for one in whats(house.verified()))


def test_records_after_a_revocation_and_of_strangers_are_found() -> None:
    house = Filled()
    made = house.events(4)
    rights = replace(house.edge.rights, until=Point(2, made[1].c))
    house.db.execute(delete(writers).where(writers.c.role == "edge"))
    house.certify("gate", house.edge, rights)
    (found,) = edge_of(house.verified()).findings
    assert (found.first, found.last, found.what) == (3, 4, "written after the key was revoked")
    house.db.execute(update(writers).where(writers.c.role == "edge").values(certificate=b"{}"))
    assert len(whats(house.verified())) == 2


def test_witnesses_find_forks_and_rollbacks() -> None:
    house = filled()
    true = house.audit.told
    house.put(with_seen(house.edge, true), house.edge)
    assert whats(house.verified()) == []
    house.put(with_seen(house.edge, replace(true, head=bytes(32))), house.edge)
    assert whats(house.verified()) == ["fork: a witness was told another line"]
    house = filled()
    house.put(with_seen(house.edge, AuditHead(NODE, 9, b"\x01" * 32)), house.edge)
    assert whats(house.verified()) == ["rollback: a witness was told of a line beyond the end"]
    house = filled()
    house.put(with_seen(house.edge, AuditHead(bytes(16), 9, b"\x01" * 32)), house.edge)
    assert len(whats(house.verified())) == 1


def test_what_a_restore_lost_is_listed_for_ever_and_is_no_damage() -> None:
    house = filled()
    house.put(with_seen(house.edge, AuditHead(NODE, 9, b"\x01" * 32)), house.edge)
    house.audit = Audit(b"\x77" * 16)
    house.line("restore", Restore(bytes(16), NODE, 5, b"\x02" * 32))
    report = house.verified()
    assert whats(report) == []
    ended = next(one for one in report.nodes if one.ended)
    assert [(one.seq, one.head) for one in ended.lost] == [(5, b"\x02" * 32), (9, b"\x01" * 32)]
    assert sum("LOST" in line for line in lines(report, str)) == 2


@pytest.mark.parametrize("column", ["line", "detail", "head"])
def test_an_altered_audit_line_is_found(column: str) -> None:
    house = filled()
    low = audit_lines.c.act == "low"
    data = house.db.execute(audit_lines.select().where(low)).one()._mapping[column]
    altered = data[:-1] + bytes([data[-1] ^ 1])
    house.db.execute(update(audit_lines).where(low).values({column: altered}))
    assert not house.verified().is_whole


def test_an_audit_line_that_was_deleted_is_found() -> None:
    house = filled()
    house.db.execute(delete(audit_lines).where(audit_lines.c.seq == 1))
    assert not house.verified().is_whole


def test_a_row_that_was_put_back_added_or_deleted_is_found() -> None:
    def house(*versions: int) -> Filled:
        made = filled()
        for version in versions:
            box = b"box %d" % version
            made.line("row", RowLine("customer", bytes(16), version, H(box)))
        return made

    def row(made: Filled, version: int) -> list[str]:
        made.add(
            private_rows,
            lot=bytes(16),
            kind="customer",
            id=bytes(16),
            version=version,
            box=b"box %d" % version,
        )
        return whats(made.verified())

    assert row(house(1, 2), 2) == []
    assert row(house(1, 2), 1) == [
        "row customer " + "0" * 32 + ": it is not as the audit last saw it"
    ]
    assert row(house(), 1) == ["row customer " + "0" * 32 + ": the audit knows of none"]
    assert whats(house(1).verified()) == ["row customer " + "0" * 32 + ": it is missing"]
    gone = house(1)
    gone.line("row", RowLine("customer", bytes(16), 2, None))
    assert whats(gone.verified()) == []


def test_a_destroyed_chain_is_a_few_lines_and_not_a_million() -> None:
    house = Filled()
    house.events(40)
    house.db.execute(update(records).values(kind="exit"))
    (found,) = edge_of(house.verified()).findings
    assert (found.first, found.last) == (1, 40)


def test_the_report_says_how_long_could_be_cut_unseen() -> None:
    house = filled()
    told = list(lines(house.verified(), str))
    assert any("all of it is named in the audit" in line for line in told)
    house.put(house.edge.an_event(), house.edge)
    assert any("could have been cut unseen" in line for line in lines(house.verified(), str))
    assert told[-1] == "nothing missing, nothing altered"


def test_a_kept_report_comes_back_and_an_altered_one_is_told() -> None:
    report = filled().verified()
    kept = earlier(encoded(report))
    assert kept == Earlier(
        heads=(AuditHead(NODE, 3, report.nodes[0].head),),
        ends=tuple((one.writer, Point(one.newest, one.c)) for one in report.writers),
    )
    assert audit.chain_start(NODE) != report.nodes[0].head


def _part(house: Filled, sequence: int, name: str) -> bytes:
    wanted = parts.select().where(parts.c.sequence == sequence, parts.c.name == name)
    found: bytes = house.db.execute(wanted).one().hash
    return found
