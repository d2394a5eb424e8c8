"""The outbox: numbers without a hole, text before pictures, and what goes when it is full."""

from __future__ import annotations

import itertools
import random
import sqlite3
import stat
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import record, signature
from contract.audit import NOTHING_SEEN, AuditHead
from contract.blind import Blind
from contract.chain import Chain, link
from contract.digest import H
from contract.head import Tombstone
from contract.wire import RECORDS_MAX, Ack, low_of
from edge.delivery import tables
from edge.delivery.acknowledging import Alarm
from edge.delivery.delivering import Keys, writer_of
from edge.delivery.outbox import Outbox
from edge.delivery.room import DISK_RESERVE, Room
from lot.errors import Refused, Unwritable
from tests.edge.delivery import lot

MB = 1 << 20
DAY_US = 86_400_000_000


def an_outbox(
    folder: Path, bytes_max: int = 1 << 30, free: Callable[[Path], int] = lambda _: 1 << 40
) -> Outbox:
    places, identity = lot.enrolled(folder)
    writer = writer_of(identity, Keys(places, identity), timezone.utc, lambda: lot.NOON)
    return Outbox(Room(places.outbox, bytes_max, free), writer, identity.public)


@pytest.fixture
def outbox(tmp_path: Path) -> Iterator[Outbox]:
    made = an_outbox(tmp_path)
    yield made
    made.close()


class Server:
    """What a server has, by the chain's own rules: it takes batches and acknowledges."""

    def __init__(self) -> None:
        self.records: dict[int, record.Record] = {}
        self.parts: set[bytes] = set()
        self.told = 0

    def take(self, outbox: Outbox) -> list[int] | int | None:
        """Take one batch; return the numbers of its records, or how many pictures it had."""
        leaving = outbox.next_batch()
        if leaving is None:
            return None
        opened = [record.opened(one, lot.PUBLIC) for one in leaving.batch.records]
        self.records.update({one.head.sequence: one for one in opened})
        self.parts.update(map(H, leaving.batch.parts))
        outbox.sent(leaving)
        outbox.acknowledge(self.ack())
        return [one.head.sequence for one in opened] or len(leaving.batch.parts)

    def take_all(self, outbox: Outbox) -> None:
        while self.take(outbox) is not None:
            pass

    @property
    def chain(self) -> Chain:
        named = {p.hash for one in self.records.values() for p in one.envelope.parts}
        links = map(link, self.records.values())
        return Chain(lot.PUBLIC, links, missing=named - self.parts)

    def ack(self, *, time: int = lot.NOON) -> Ack:
        self.told += 1
        have, chain = tuple(self.chain.have()), self.chain
        low_hash = chain.c(low_of(have))
        assert low_hash is not None
        head = AuditHead(b"\1" * 16, self.told, H(bytes([self.told % 256])))
        return Ack(lot.EDGE, have, low_of(have), low_hash, head, (), lot.NOON, time, "ntp")


def tombstones(server: Server) -> list[Tombstone]:
    gone = [one.head.gone for one in server.records.values()]
    return [one for one in gone if isinstance(one, Tombstone)]


def test_what_was_put_is_chained_signed_and_sealed(outbox: Outbox) -> None:
    numbers = [outbox.add(lot.an_event(n), {}) for n in (1, 2, 3)]
    leaving = outbox.next_batch()
    assert leaving is not None
    prev = signature.chain_start(lot.PUBLIC)
    for number, signed in zip(numbers, leaving.batch.records, strict=True):
        one = record.opened(signed, lot.PUBLIC, prev=prev)
        assert one.head.sequence == number
        prev = one.c
    assert numbers == [1, 2, 3]
    assert {H(part) for part in leaving.batch.parts} == {
        part.hash
        for one in leaving.batch.records
        for part in record.opened(one, lot.PUBLIC).envelope.parts
    }


def test_neither_plate_nor_picture_lies_open_on_the_disk(tmp_path: Path) -> None:
    outbox = an_outbox(tmp_path)
    picture = b"the picture of a plate " * 40
    outbox.add(lot.an_event(1, {"plate": picture}), {"plate": picture})
    outbox.close()
    on_disk = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"ABC1234" not in on_disk
    assert picture[:23] not in on_disk
    assert lot.an_event(1).id.encode() in on_disk  # the control: heads are in clear


def test_the_file_is_for_its_own_user_alone(tmp_path: Path) -> None:
    outbox = an_outbox(tmp_path / "edge")
    outbox.add(lot.an_event(1), {})
    modes = {p.name: stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "edge").iterdir()}
    outbox.close()
    assert set(modes.values()) == {0o600}
    assert stat.S_IMODE((tmp_path / "edge").stat().st_mode) == 0o700


def test_every_commit_is_synced(outbox: Outbox) -> None:
    with outbox._connection.reading() as db:
        assert db.execute("PRAGMA synchronous").fetchone() == (2,)
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_newer_versions_file_is_refused_and_not_changed(tmp_path: Path) -> None:
    an_outbox(tmp_path).close()
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as db:
        db.execute(f"PRAGMA user_version = {tables.VERSION + 1}")
    db.close()
    with pytest.raises(Refused, match="newer version"):
        an_outbox(tmp_path)


def test_two_processes_share_one_chain(tmp_path: Path) -> None:
    first, second = an_outbox(tmp_path), an_outbox(tmp_path)
    threads = [
        threading.Thread(
            target=lambda box=box, at=at: [box.add(lot.an_event(n), {}) for n in range(at, at + 25)]
        )
        for box, at in ((first, 1), (second, 101))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server = Server()
    server.take_all(first)
    assert sorted(server.records) == list(range(1, 51))
    assert server.chain.findings() == []
    keys = {p.key for one in server.records.values() for p in one.envelope.parts}
    assert len(keys) == 2, "each process seals under day keys of its own"
    first.close()
    second.close()


def test_another_keys_outbox_is_refused(tmp_path: Path) -> None:
    an_outbox(tmp_path).close()
    with sqlite3.connect(tmp_path / "outbox.sqlite3") as db:
        db.execute("UPDATE standing SET public = ?", (b"\7" * 32,))
    db.close()
    with pytest.raises(Refused, match="another edge"):
        an_outbox(tmp_path)


def test_blind_time_takes_the_next_number(outbox: Outbox) -> None:
    outbox.add(lot.an_event(1), {})
    assert outbox.add_blind(Blind("gate", lot.NOON, lot.NOON + 5, "no_frames")) == 2


def test_a_failed_transaction_leaves_no_hole_and_draws_no_nonce_twice(outbox: Outbox) -> None:
    outbox.add(lot.an_event(1), {})
    with pytest.raises(ValueError, match="neither given nor sealed"):
        outbox.add(lot.an_event(2, {"plate": b"never given"}), {})
    assert outbox.add(lot.an_event(3), {}) == 2
    leaving = outbox.next_batch()
    assert leaving is not None
    nonces = [part[36:48] for part in leaving.batch.parts]
    assert len(set(nonces)) == 2


def test_a_full_disk_is_told_in_one_line_and_what_was_there_stays(outbox: Outbox) -> None:
    outbox.add(lot.an_event(1), {})
    with outbox._connection.reading() as db:
        (pages,) = db.execute("PRAGMA page_count").fetchone()
        db.execute(f"PRAGMA max_page_count = {pages + 4}")
    picture = bytes(100_000)
    with pytest.raises(Unwritable, match="free space there"):
        outbox.add(lot.an_event(2, {"plate": picture}), {"plate": picture})
    assert outbox.add(lot.an_event(3), {}) == 2


# Order


def test_live_goes_before_backlog_and_text_before_pictures(outbox: Outbox) -> None:
    server, picture = Server(), b"p" * 100
    for n in range(1, 61):
        outbox.add(
            lot.an_event(n, {"plate": picture + bytes([n])}), {"plate": picture + bytes([n])}
        )
    assert server.take(outbox) == list(range(41, 61)), "the newest first"
    assert server.take(outbox) == list(range(1, 21)), "then the backlog in order"
    outbox.add(lot.an_event(61), {})
    assert server.take(outbox) == [61], "a car that comes meanwhile overtakes it"
    assert server.take(outbox) == list(range(21, 41))
    assert server.take(outbox) == 60, "pictures last"
    assert server.take(outbox) is None
    assert server.ack().have == ((1, 61),)
    assert outbox.counts().waiting == outbox.counts().unfinished == 0


def test_a_picture_is_sealed_and_sent_once(outbox: Outbox) -> None:
    server, pictures = Server(), {"plate": b"the plate"}
    outbox.add(lot.an_event(1, pictures), pictures)
    server.take_all(outbox)
    outbox.add(lot.an_event(1, pictures, revision=2), {})
    outbox.add(lot.an_event(1, pictures, revision=3), pictures)
    server.take_all(outbox)
    named = {
        p.hash
        for one in server.records.values()
        for p in one.envelope.parts
        if p.name == "picture/plate"
    }
    assert len(named) == 1
    assert len(server.parts) == 4  # three texts, one picture
    assert server.ack().have == ((1, 3),)


def test_a_picture_that_a_better_one_replaced_is_not_sent(outbox: Outbox) -> None:
    server = Server()
    outbox.add(lot.an_event(1, {"plate": b"worse"}), {"plate": b"worse"})
    outbox.add(lot.an_event(1, {"plate": b"better"}, revision=2), {"plate": b"better"})
    server.take_all(outbox)
    assert len(server.parts) == 3
    assert server.ack().have == ((1, 2),)
    outbox.add(lot.an_event(1, {"plate": b"worse"}, revision=3), {"plate": b"worse"})
    server.take_all(outbox)
    assert server.ack().have == ((1, 3),)


def test_a_picture_must_be_the_one_that_its_event_names(outbox: Outbox) -> None:
    with pytest.raises(ValueError, match="not the one"):
        outbox.add(lot.an_event(1, {"plate": b"one"}), {"plate": b"another"})


# Quota


def filled(folder: Path, count: int, quota: int) -> Outbox:
    outbox = an_outbox(folder, quota)
    for n in range(1, count + 1):
        picture = lot.picture(n)
        outbox.add(lot.an_event(n, {"plate": picture}), {"plate": picture})
    return outbox


def test_over_the_quota_the_oldest_pictures_go_and_every_text_stays(tmp_path: Path) -> None:
    outbox, server = filled(tmp_path, 30, 3 * MB), Server()
    server.take_all(outbox)
    events = [one for one in server.records.values() if one.head.type == "event"]
    assert len(events) == 30
    assert server.chain.have() == [(1, max(server.records))], "each gap has its tombstone"
    assert server.chain.findings() == []
    gone = {tomb.of for tomb in tombstones(server)}
    kept = sorted({one.head.sequence for one in events} - gone)
    assert gone
    assert max(gone) < min(kept), "the oldest went"
    assert {tomb.reason for tomb in tombstones(server)} == {"quota"}
    outbox.close()


def test_a_disk_that_others_fill_counts_like_the_quota(tmp_path: Path) -> None:
    left = [DISK_RESERVE + 3 * MB]
    outbox, server = an_outbox(tmp_path, free=lambda _: left[0]), Server()
    for n in range(1, 11):
        outbox.add(lot.an_event(n, {"plate": lot.picture(n)}), {"plate": lot.picture(n)})
    left[0] = 0
    for n in range(11, 21):
        outbox.add(lot.an_event(n, {"plate": lot.picture(n)}), {"plate": lot.picture(n)})
    server.take_all(outbox)
    events = [one for one in server.records.values() if one.head.type == "event"]
    assert len(events) == 20, "text stays"
    assert {tomb.of for tomb in tombstones(server)} >= set(range(1, 11))
    assert server.chain.findings() == []
    outbox.close()


def test_what_the_server_has_goes_before_what_it_lacks(tmp_path: Path) -> None:
    outbox, server = filled(tmp_path, 10, 3 * MB), Server()
    server.take_all(outbox)
    for n in range(11, 21):
        picture = lot.picture(n)
        outbox.add(lot.an_event(n, {"plate": picture}), {"plate": picture})
    server.take_all(outbox)
    assert tombstones(server) == []
    outbox.close()


def test_a_picture_larger_than_the_quota_goes_and_its_event_stays(tmp_path: Path) -> None:
    outbox, server, picture = an_outbox(tmp_path, MB), Server(), bytes(2 * MB)
    outbox.add(lot.an_event(1, {"clip": picture}), {"clip": picture})
    server.take_all(outbox)
    assert [one.of for one in tombstones(server)] == [1]
    assert server.chain.have() == [(1, 2)]
    outbox.close()


# Acknowledgement


def test_waiting_names_the_lowest_that_is_not_whole(outbox: Outbox) -> None:
    server = Server()
    for n in (1, 2, 3):
        outbox.add(lot.an_event(n), {})
    server.take_all(outbox)
    outbox.add(lot.an_event(4), {})
    server.take_all(outbox)
    assert [one.envelope.waiting for one in server.records.values()] == [1, 1, 1, 4]
    assert server.records[4].envelope.seen.seq == 1
    assert server.records[1].envelope.seen == NOTHING_SEEN


def test_after_a_restore_what_is_missing_is_sent_again(outbox: Outbox) -> None:
    server, pictures = Server(), {"plate": b"p"}
    for n in range(1, 31):
        outbox.add(lot.an_event(n, pictures), pictures)
    server.take_all(outbox)
    before = dict(server.records)
    server.records = {n: one for n, one in before.items() if n <= 12}
    alarms = outbox.acknowledge(server.ack())
    assert {alarm.code for alarm in alarms} >= {"lost", "rollback"}
    server.take_all(outbox)
    assert {n: one.c for n, one in server.records.items()} == {n: o.c for n, o in before.items()}
    assert server.chain.findings() == []


def test_what_was_let_go_before_a_restore_has_a_tombstone(outbox: Outbox) -> None:
    server = Server()
    for n in range(1, 6):
        outbox.add(lot.an_event(n), {})
    server.take_all(outbox)
    outbox.expire(lot.NOON + 8 * DAY_US)
    server.records.clear()
    outbox.acknowledge(server.ack())
    server.take_all(outbox)
    outbox.acknowledge(server.ack())
    assert {(tomb.of, tomb.reason) for tomb in tombstones(server)} == {
        (n, "lost") for n in range(1, 6)
    }
    assert server.chain.have() == [(1, 10)]
    assert server.chain.findings() == []


def test_records_are_kept_for_keep_days_and_not_longer(outbox: Outbox) -> None:
    server = Server()
    outbox.add(lot.an_event(1), {})
    server.take_all(outbox)
    outbox.keep_days(3)
    outbox.expire(lot.NOON + 3 * DAY_US - 1)
    with outbox._connection.reading() as db:
        assert db.execute("SELECT count(signed) FROM records").fetchone() == (1,)
    outbox.expire(lot.NOON + 3 * DAY_US)
    with outbox._connection.reading() as db:
        assert db.execute("SELECT count(signed), count(*) FROM records").fetchone() == (0, 1)
        assert db.execute("SELECT count(*) FROM parts").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM wraps").fetchone() == (0,)
    assert outbox.add(lot.an_event(2), {}) == 2


def test_a_refused_record_is_followed_by_a_tombstone(outbox: Outbox) -> None:
    server = Server()
    for n in (1, 2, 3):
        outbox.add(lot.an_event(n), {})
    assert outbox.refused(2)
    server.take_all(outbox)
    assert sorted(server.records) == [1, 3, 4]
    assert [(tomb.of, tomb.reason) for tomb in tombstones(server)] == [(2, "refused")]
    assert server.chain.have() == [(1, 4)]
    assert server.chain.findings() == []


def test_a_refused_tombstone_has_none(outbox: Outbox) -> None:
    outbox.add(lot.an_event(1), {})
    assert outbox.refused(1)
    assert not outbox.refused(2)
    assert not outbox.refused(2)
    assert outbox.next_batch() is None


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"low_hash": bytes(32)}, "low_differs"),
        ({"audit": AuditHead(b"\1" * 16, 2, bytes(32))}, "fork"),
        ({"audit": AuditHead(b"\1" * 16, 1, H(b"\1"))}, "rollback"),
    ],
)
def test_a_server_that_says_otherwise_than_before_is_an_alarm(
    outbox: Outbox, changed: dict[str, object], code: str
) -> None:
    server = Server()
    outbox.add(lot.an_event(1), {})
    server.take_all(outbox)
    server.take_all(outbox)
    good = server.ack()
    assert outbox.acknowledge(good) == []
    bad = replace(good, **changed)  # type: ignore[arg-type]  # any field
    assert [alarm.code for alarm in outbox.acknowledge(bad)] == [code]
    assert [alarm.code for alarm in outbox.alarms()] == [code], "it stays for a person to see"


def test_the_highest_head_of_a_node_bears_witness_and_a_new_node_follows(outbox: Outbox) -> None:
    node, other = b"\1" * 16, b"\2" * 16
    for head in (AuditHead(node, 5, H(b"5")), AuditHead(node, 3, H(b"3"))):
        outbox.tell_head(head, lot.NOON)
    outbox.add(lot.an_event(1), {})
    outbox.tell_head(AuditHead(other, 1, H(b"1")), lot.NOON + 1)
    outbox.add(lot.an_event(2), {})
    assert [(told.head.node, told.head.seq) for told in outbox.witness()] == [
        (node, 3),
        (node, 5),
        (other, 1),
    ]
    server = Server()
    server.take_all(outbox)
    seen = [one.envelope.seen for one in server.records.values()]
    assert [(one.node, one.seq) for one in seen] == [(node, 5), (other, 1)]


def test_alarms_are_kept_once_each(outbox: Outbox) -> None:
    for says in ("one", "two"):
        outbox.alarm(Alarm("closed", says), lot.NOON)
    assert outbox.alarms() == [Alarm("closed", "two")]


# Whatever happens


STEPS = st.lists(
    st.sampled_from(["event", "picture", "revision", "blind", "take", "lose answer", "restore"]),
    max_size=40,
)


@given(STEPS, st.randoms(use_true_random=False))
@settings(max_examples=40)
def test_whatever_happens_the_server_ends_with_all_of_it_once(
    tmp_path_factory: pytest.TempPathFactory, steps: list[str], random: random.Random
) -> None:
    outbox, server = an_outbox(tmp_path_factory.mktemp("edge")), Server()
    numbers = itertools.count(1)
    last: dict[str, int] = {}
    for step in steps:
        pictures = {"plate": random.randbytes(50)}
        if step == "event":
            outbox.add(lot.an_event(next(numbers)), {})
        elif step == "picture":
            last = {"n": next(numbers), "revision": 1}
            outbox.add(lot.an_event(last["n"], pictures), pictures)
        elif step == "revision" and last:
            last["revision"] += 1
            said = lot.an_event(last["n"], pictures, revision=last["revision"])
            outbox.add(said, pictures)
        elif step == "blind":
            outbox.add_blind(Blind("gate", lot.NOON, lot.NOON, "no_frames"))
        elif step == "take":
            server.take(outbox)
        elif step == "lose answer" and (leaving := outbox.next_batch()) is not None:
            opened = [record.opened(one, lot.PUBLIC) for one in leaving.batch.records]
            server.records.update({one.head.sequence: one for one in opened})
            server.parts.update(map(H, leaving.batch.parts))
        elif step == "restore":
            server.records = {n: one for n, one in server.records.items() if random.random() < 0.5}
            outbox.acknowledge(server.ack())
    server.take_all(outbox)
    outbox.send_again()
    server.take_all(outbox)
    last_number = outbox.counts().last
    assert sorted(server.records) == list(range(1, last_number + 1))
    assert server.chain.have() == ([(1, last_number)] if last_number else [])
    assert server.chain.findings() == []
    assert outbox.counts().waiting == 0
    outbox.close()


def test_a_run_has_at_most_as_many_records_as_a_batch_takes(outbox: Outbox) -> None:
    for n in range(1, RECORDS_MAX + 10):
        outbox.add(lot.an_event(n), {})
    leaving = outbox.next_batch()
    assert leaving is not None
    assert len(leaving.sequences) == RECORDS_MAX
