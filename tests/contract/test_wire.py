"""The wire: a batch within its limits, whose pieces belong together; acknowledgement and start."""

import contextlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical, record, sealing, signature, wire, wrap
from contract.audit import AuditHead, ServerClock
from contract.canonical import INTEGER_MAX, Malformed
from contract.chain import joined
from contract.digest import H
from contract.ids import uuid7
from contract.layout import measured
from contract.record import Record
from contract.wire import Ack, Batch, Start, Started, There
from lot.errors import Damaged
from tests.contract import golden
from tests.contract.writers import Writer

EDGE = golden.key("edge")
NOTHING_THERE = There(*[lambda _: False] * 3)
RSA_IDS = frozenset({wrap.rsa_id(golden.rsa().public_key())})


def batch(writer: Writer, *records: Record) -> Batch:
    named = [part for one in records for part in one.envelope.parts]
    wraps = [one for one in writer.wraps.values() if one.key_id in {part.key for part in named}]
    parts = [writer.parts[hashed] for hashed in {part.hash: None for part in named}]
    return Batch(tuple(wraps), tuple(one.signed for one in records), tuple(parts))


def check(writer: Writer, given_batch: Batch, there: There = NOTHING_THERE) -> None:
    opened = [record.opened(one, writer.public) for one in given_batch.records]
    wire.check_batch(given_batch, opened, edge=writer.id, rsa_ids=RSA_IDS, there=there)


def test_a_batch_comes_back_from_its_bytes_and_belongs_together() -> None:
    writer = Writer()
    for count in (0, 1, 3, wire.RECORDS_MAX):
        records = [writer.an_event({"plate": b"jpeg"}) for _ in range(count)]
        made = batch(writer, *records)
        assert wire.batch_decoded(wire.batch_encoded(made)) == made
        check(writer, made)


def test_every_cut_is_refused_and_so_is_anything_after_the_end() -> None:
    data = golden.named("batch 1: text first, so not yet whole").data
    for torn in [data[:at] for at in range(len(data))] + [data + b"\0", data + data]:
        with pytest.raises(Damaged):
            wire.batch_decoded(torn)


def test_every_flipped_byte_is_refused_by_the_time_the_records_are_read() -> None:
    writer = Writer()
    data = wire.batch_encoded(batch(writer, writer.an_event()))
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        with pytest.raises(Damaged):
            check(writer, wire.batch_decoded(flipped))


@given(st.binary(max_size=600))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    for torn in (data, b"LKB1" + data, b"LKB1" + bytes(4) + data, b"LKB1" + bytes(8) + data):
        try:
            found = wire.batch_decoded(torn)
        except Damaged:
            continue
        assert wire.batch_encoded(found) == torn


def laid(wraps: bytes = bytes(4), records: bytes = bytes(4), parts: bytes = bytes(4)) -> bytes:
    return b"LKB1" + wraps + records + parts


def u32(number: int) -> bytes:
    return number.to_bytes(4, "big")


def part_laid(part: bytes) -> bytes:
    return H(part) + measured(part)


LARGEST_PART = bytes(sealing.PART_BYTES_MAX)
AN_ENVELOPE = measured(b"x") + bytes(64)
LARGEST_ENVELOPE = measured(bytes(record.ENVELOPE_BYTES_MAX)) + bytes(64)


@pytest.mark.parametrize(
    ("data", "fits"),
    [
        (laid(records=u32(20) + AN_ENVELOPE * 20), True),
        (laid(records=u32(21) + AN_ENVELOPE * 21), False),
        (laid(records=u32(1) + LARGEST_ENVELOPE), True),
        (laid(records=u32(1) + measured(bytes(record.ENVELOPE_BYTES_MAX + 1)) + bytes(64)), False),
        (laid(parts=u32(1) + part_laid(LARGEST_PART)), True),
        (laid(parts=u32(1) + part_laid(LARGEST_PART + b"\0")), False),
        (laid(parts=u32(2) + part_laid(LARGEST_PART) + part_laid(bytes(1024**2 - 100))), True),
        (laid(parts=u32(2) + part_laid(LARGEST_PART) + part_laid(bytes(1024**2))), False),
        (laid(parts=u32(2**32 - 1)), False),
        (laid(wraps=u32(1) + measured(bytes(446))), False),
        (laid(parts=u32(2) + part_laid(b"twice") * 2), False),
        (laid(parts=u32(1) + bytes(32) + measured(b"another")), False),
    ],
    ids=[
        "20 records",
        "21 records",
        "64 KiB an envelope",
        "a byte more",
        "4 MiB a part",
        "a part of a byte more",
        "5 MiB in all",
        "more than 5 MiB",
        "parts that are not there",
        "a wrap too long",
        "a part twice",
        "a part under another hash",
    ],
)
def test_the_limits(data: bytes, fits: bool) -> None:
    if fits:
        assert wire.batch_encoded(wire.batch_decoded(data)) == data
        return
    with pytest.raises(Damaged):
        wire.batch_decoded(data)


def test_a_batch_that_no_server_takes_is_not_made() -> None:
    with pytest.raises(Malformed):
        wire.batch_encoded(Batch(records=(bytes(100),) * 21))
    with pytest.raises(Malformed):
        wire.batch_encoded(Batch(parts=(LARGEST_PART, bytes(1024**2))))


def test_records_are_a_contiguous_run_of_the_tokens_edge() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    one, two, three = (writer.an_event() for _ in range(3))
    check(writer, batch(writer, two, three))
    for records in ((one, three), (two, one), (one, one)):
        with pytest.raises(Damaged, match="contiguous"):
            check(writer, batch(writer, *records))
    writer.sequence, writer.prev = 1, bytes(32)
    forked = writer.an_event()
    with pytest.raises(Damaged, match="follow"):
        check(writer, batch(writer, one, forked))
    with pytest.raises(Damaged, match="another writer"):
        made = batch(writer, two)
        wire.check_batch(made, [two], edge=other.id, rsa_ids=RSA_IDS, there=NOTHING_THERE)


def test_a_record_brings_its_wraps_unless_they_are_there() -> None:
    writer = Writer()
    bare = replace(batch(writer, writer.an_event()), wraps=())
    with pytest.raises(Damaged, match="without its wraps"):
        check(writer, bare)
    check(writer, bare, replace(NOTHING_THERE, wrap=lambda key: key == writer.wraps["T"].key_id))


def test_nothing_comes_that_no_record_answers_for() -> None:
    writer = Writer()
    made = writer.an_event({"plate": b"jpeg"})
    text, picture = writer.parts.values()
    with pytest.raises(Damaged, match="names a part"):
        check(writer, Batch(parts=(picture,)))
    check(
        writer,
        Batch(parts=(picture,)),
        replace(NOTHING_THERE, names_part=lambda h: h == H(picture)),
    )
    lone = Batch(wraps=(writer.wraps["T"],))
    with pytest.raises(Damaged, match="names a wrap"):
        check(writer, lone)
    check(writer, lone, replace(NOTHING_THERE, names_wrap=lambda k: k == lone.wraps[0].key_id))
    assert {H(text), H(picture)} == {part.hash for part in made.envelope.parts}


def test_a_wrap_lies_under_one_of_the_vaults_keys_and_is_the_edges_own() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    made = batch(writer, writer.an_event())
    opened = [record.opened(made.records[0], writer.public)]
    with pytest.raises(Damaged, match="not the vault's"):
        wire.check_batch(made, opened, edge=writer.id, rsa_ids=(), there=NOTHING_THERE)
    with pytest.raises(Damaged, match="another writer"):
        check(writer, replace(made, wraps=(*made.wraps, other.wraps["T"])))


def test_a_wrap_twice_is_refused() -> None:
    one = Writer().wraps["T"]
    with pytest.raises(Damaged, match="twice"):
        wire.batch_decoded(wire.batch_encoded(Batch(wraps=(one, one))))


NUMBERS = st.integers(0, INTEGER_MAX)
HASHES = st.binary(min_size=32, max_size=32)


@st.composite
def acks(draw: st.DrawFn) -> Ack:
    spans = st.lists(st.tuples(st.integers(1, 5000), st.integers(0, 9)), max_size=9)
    have = tuple(joined((first, first + more) for first, more in draw(spans)))
    ids = st.builds(uuid7, NUMBERS, st.integers(0, 2**74 - 1))
    settled = draw(st.dictionaries(ids, st.sampled_from(get_args(wire.Side)), max_size=5))
    return Ack(
        edge=EDGE,
        have=have,
        low=wire.low_of(have),
        low_hash=draw(HASHES),
        audit=AuditHead(draw(st.binary(min_size=16, max_size=16)), draw(NUMBERS), draw(HASHES)),
        settled=tuple(sorted(settled.items())),
        statement=draw(NUMBERS),
        time=draw(NUMBERS),
        clock=draw(st.sampled_from(get_args(ServerClock))),
    )


@settings(max_examples=40)
@given(acks(), st.integers(0, 7))
def test_an_ack_and_the_answer_to_a_start_come_back(ack: Ack, days: int) -> None:
    assert wire.ack_decoded(wire.ack_encoded(ack), edge=EDGE) == ack
    started = Started(bytes(32), b"\x01" * 32, days, ack)
    data = wire.started_encoded(started)
    assert wire.started_decoded(data, ask=bytes(32), edge=EDGE) == started
    with pytest.raises(Damaged, match="another start"):
        wire.started_decoded(data, ask=b"\x01" * 32, edge=EDGE)
    for read in (
        wire.ack_decoded,
        lambda d, edge: wire.started_decoded(d, ask=bytes(32), edge=edge),
    ):
        with pytest.raises(Damaged):
            read(data if read is not wire.ack_decoded else wire.ack_encoded(ack), edge=bytes(16))


AN_ACK: dict[str, Any] = json.loads(golden.named("ack").data)


@pytest.mark.parametrize(
    "change",
    [
        {"have": [[1, 1], [2, 4]]},
        {"have": [[3, 4], [1, 1]]},
        {"have": [[0, 1], [3, 4]]},
        {"have": [[1, 0], [3, 4]]},
        {"have": [[1, 1, 1]]},
        {"have": [[1]]},
        {"have": [1, 1]},
        {"have": [[1, True]]},
        {"have": [[1, "1"]]},
        {"have": {"1": 1}},
        {"have": [[3, 4]]},  # then low is none
        {"have": [[2 * n, 2 * n] for n in range(1, 1002)], "low": 0},
        {"low": 0},
        {"low": 2},
        {"low": True},
        {"low_hash": "00"},
        {"settled": [["01a3185c-5000-75a2-95e9-f162da0c1c84", "gone"]]},
        {"settled": [["01a3185c", "in"]]},
        {"settled": [["01a3185c-5000-75a2-95e9-f162da0c1c84", "in"]] * 2},
        {"settled": [[None, "in"]]},
        {"settled": [[uuid7(n * 1000, 0), "in"] for n in range(1001)]},
        {"statement": -1},
        {"time": None},
        {"clock": "file"},
        {"clock": []},
        {"audit": None},
        {"audit": {"node": "00" * 16, "seq": 1}},
        {"audit": {"node": "00" * 16, "seq": -1, "head": "00" * 32}},
        {"v": 2},
        {"v": True},
        {"more": None},
    ],
    ids=lambda change: str(change)[:40],
)
def test_an_ack_that_breaks_a_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Damaged):
        wire.ack_decoded(canonical.encoded(AN_ACK | change), edge=EDGE)


@pytest.mark.parametrize("name", sorted(AN_ACK))
def test_an_ack_without_a_field_is_refused(name: str) -> None:
    rest = {key: value for key, value in AN_ACK.items() if key != name}
    with pytest.raises(Damaged):
        wire.ack_decoded(canonical.encoded(rest), edge=EDGE)


def test_the_fullest_ack_is_far_below_the_limit_of_bytes() -> None:
    top = INTEGER_MAX - 2 * wire.RANGES_MAX
    fullest = AN_ACK | {
        "have": [[top + 2 * n, top + 2 * n] for n in range(wire.RANGES_MAX)],
        "low": 0,
        "settled": [[uuid7(n * 1000, 0), "out"] for n in range(wire.SETTLED_MAX)],
    }
    data = canonical.encoded(fullest)
    assert wire.ack_encoded(wire.ack_decoded(data, edge=EDGE)) == data
    assert len(data) < wire.ACK_BYTES_MAX // 2


@pytest.mark.parametrize("kind", ["ack", "started", "start"])
def test_a_damaged_answer_is_refused_or_another_whole_one(kind: str) -> None:
    """TLS carries an answer, no signature; still it is never read as what it does not say."""
    whole = golden.named(kind).data
    read: dict[str, Callable[[bytes], object]] = {
        "ack": lambda data: wire.ack_encoded(wire.ack_decoded(data, edge=EDGE)),
        "started": lambda data: wire.started_encoded(
            wire.started_decoded(data, ask=wire.asked(golden.named("start").data), edge=EDGE)
        ),
        "start": lambda data: wire.start_opened(data, golden.key("edge_public")),
    }
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        for torn in (whole[:at], flipped, whole + whole[:1]):
            with contextlib.suppress(Damaged):
                assert read[kind](torn) == torn  # never for a start: it is signed


@settings(max_examples=50)
@given(st.binary(max_size=200))
def test_whatever_answers_only_our_error_comes_out(data: bytes) -> None:
    for read in (
        lambda: wire.ack_decoded(data, edge=EDGE),
        lambda: wire.started_decoded(data, ask=bytes(32), edge=EDGE),
        lambda: wire.start_opened(data, golden.key("edge_public")),
    ):
        with pytest.raises(Damaged):
            read()


def test_a_start_is_signed_by_the_edge_that_it_names() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    made = wire.start_signed(Start(writer.id, 7), writer.key)
    assert wire.start_opened(made, writer.public) == Start(writer.id, 7)
    assert wire.asked(made) == H(made[:-64])
    with pytest.raises(Damaged, match="signature"):
        wire.start_opened(made, other.public)
    with pytest.raises(Damaged, match="not the writer"):
        wire.start_opened(wire.start_signed(Start(other.id, 7), writer.key), writer.public)
    as_record = made[:-64] + signature.signature(writer.key, signature.RECORD, made[:-64])
    with pytest.raises(Damaged):
        wire.start_opened(as_record, writer.public)


def test_the_state_key_shows_itself_to_no_log() -> None:
    secret = b"\x9a" * 32
    ack = wire.ack_decoded(golden.named("ack").data, edge=EDGE)
    assert repr(secret) not in repr(Started(bytes(32), secret, 7, ack))
