"""Heads and envelopes: one spelling, nothing that contradicts itself, signed as a whole."""

import contextlib
import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import canonical, record, sealing, signature
from contract.audit import AuditHead
from contract.canonical import INTEGER_MAX, Malformed
from contract.digest import H
from contract.event import Kind
from contract.head import KEYS_MAX, PARTS_MAX, Erased, GoneBy, Head, RecordType, Tombstone
from contract.ids import uuid7
from contract.record import Envelope, Part
from lot.errors import DAMAGED, Damaged
from tests.contract.writers import Writer

NUMBERS = st.integers(1, INTEGER_MAX)
HASHES = st.binary(min_size=32, max_size=32)
IDS = st.binary(min_size=16, max_size=16)
NAMES = st.text(st.characters(exclude_categories=["Cc", "Cs"]), min_size=1, max_size=64)


@st.composite
def runs(draw: st.DrawFn) -> Erased:
    edge = draw(IDS)
    if draw(st.booleans()):
        return Erased(edge, tuple(draw(st.lists(HASHES, min_size=1, max_size=9))), *[None] * 5)
    first, last = sorted(draw(st.tuples(NUMBERS, NUMBERS)))
    count = draw(st.integers(1, last - first + 1))
    keys = tuple(draw(st.lists(HASHES, max_size=9)))
    return Erased(edge, keys, first, last, draw(HASHES), draw(HASHES), count)


@st.composite
def tombstones(draw: st.DrawFn, sequence: int) -> Tombstone:
    parts = draw(st.none() | st.lists(HASHES, min_size=1, max_size=9).map(tuple))
    reason = draw(st.sampled_from(get_args(GoneBy)))
    return Tombstone(draw(st.integers(1, sequence - 1)), draw(HASHES), parts, reason)


@st.composite
def heads(draw: st.DrawFn) -> Head:
    record_type: RecordType = draw(st.sampled_from(get_args(RecordType)))
    is_event, sequence = record_type == "event", draw(st.integers(2, INTEGER_MAX))
    gone: Tombstone | Erased | None = None
    if record_type == "tombstone":
        gone = draw(tombstones(sequence))
    elif record_type == "erased":
        gone = draw(runs())
    return Head(
        type=record_type,
        id=uuid7(draw(st.integers(0, INTEGER_MAX)), draw(st.integers(0, 2**74 - 1))),
        revision=draw(NUMBERS) if is_event else 1,
        lot=draw(IDS),
        edge=draw(IDS),
        camera=draw(NAMES) if is_event or record_type == "blind" else None,
        lane=draw(st.none() | NAMES) if is_event else None,
        sequence=sequence,
        kind=draw(st.sampled_from(get_args(Kind))) if is_event else None,
        at=draw(st.integers(0, INTEGER_MAX)),
        final=draw(st.booleans()) if is_event else True,
        gone=gone,
    )


@st.composite
def envelopes(draw: st.DrawFn) -> Envelope:
    head = draw(heads())
    own = {"event": ["event"], "blind": ["event"], "note": ["note"]}.get(head.type, [])
    pictures = st.lists(
        st.from_regex(r"picture/[a-z0-9_-]{1,24}", fullmatch=True), unique=True, max_size=4
    )
    names = own + (draw(pictures) if head.type == "event" else [])
    parts = [
        Part(
            name,
            draw(HASHES),
            sealing.sealed_size(name, draw(st.integers(0, 90_000))),
            draw(HASHES),
            draw(HASHES) if sealing.pictured(name) is not None else head.hash,
        )
        for name in sorted(names)
    ]
    seen = AuditHead(draw(IDS), draw(st.integers(0, INTEGER_MAX)), draw(HASHES))
    waiting = draw(st.integers(1, head.sequence))
    return Envelope(head, tuple(parts), draw(HASHES), waiting, seen)


@settings(max_examples=60)
@given(envelopes())
def test_an_envelope_comes_back_from_its_bytes(envelope: Envelope) -> None:
    data = record.encoded(envelope)
    assert record.decoded(data) == envelope
    assert record.encoded(record.decoded(data)) == data
    head = json.loads(data)["head"]
    assert envelope.head.hash == H(canonical.encoded(head))


@given(st.binary(max_size=300))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes) -> None:
    with pytest.raises(Damaged):
        record.decoded(data)
    with pytest.raises(Damaged):
        record.opened(data, Writer().public)


def test_every_flipped_byte_every_cut_and_every_lengthening_is_refused() -> None:
    writer = Writer()
    data = writer.an_event({"plate": b"jpeg"}).signed
    for at in range(len(data)):
        flipped = data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]
        for torn in (flipped, data[:at]):
            with pytest.raises(Damaged):
                record.opened(torn, writer.public)
    for more in (data + b"\0", b"\0" + data, data + data):
        with pytest.raises(Damaged):
            record.opened(more, writer.public)


AN_ENVELOPE: dict[str, Any] = json.loads(Writer().an_event({"plate": b"jpeg"}).data)
FIELDS: list[tuple[str, ...]] = [(name,) for name in AN_ENVELOPE]
FIELDS += [("head", name) for name in AN_ENVELOPE["head"]]
FIELDS += [("seen", name) for name in AN_ENVELOPE["seen"]]
VALUES: st.SearchStrategy[object] = (
    st.none()
    | st.booleans()
    | st.integers(-INTEGER_MAX, INTEGER_MAX)
    | st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
    | st.lists(st.none() | st.integers(0, 9) | st.just({}), max_size=40)
    | st.dictionaries(st.sampled_from(["v", "name", "seq", "node", "of"]), st.none(), max_size=9)
)


@settings(max_examples=200)
@given(st.sampled_from(FIELDS), VALUES)
def test_any_value_in_any_field_is_an_envelope_or_our_error(
    path: tuple[str, ...], value: object
) -> None:
    changed = json.loads(json.dumps(AN_ENVELOPE))
    within = changed[path[0]] if len(path) == 2 else changed
    within[path[-1]] = value
    data = canonical.encoded(changed)
    with contextlib.suppress(Damaged):
        assert record.encoded(record.decoded(data)) == data


@pytest.mark.parametrize("path", FIELDS, ids="/".join)
def test_a_field_that_is_missing_or_too_many_is_refused(path: tuple[str, ...]) -> None:
    for change in ("missing", "too many"):
        changed = json.loads(json.dumps(AN_ENVELOPE))
        within = changed[path[0]] if len(path) == 2 else changed
        if change == "missing":
            del within[path[-1]]
        else:
            within[path[-1] + "_"] = None
        with pytest.raises(Damaged) as caught:
            record.decoded(canonical.encoded(changed))
        assert caught.value.exit_status == DAMAGED


def test_a_record_is_its_writers_and_follows_the_one_before() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    first, second = writer.an_event(), writer.blind_time()
    assert record.opened(second.signed, writer.public, prev=first.c) == second
    with pytest.raises(Damaged, match="signature"):
        record.opened(second.signed, other.public)
    with pytest.raises(Damaged, match="prev"):
        record.opened(second.signed, writer.public, prev=second.c)


def test_the_first_record_begins_the_chain_of_its_own_key() -> None:
    writer = Writer()
    writer.prev = b"\x09" * 32
    with pytest.raises(Damaged, match="prev"):
        record.opened(writer.an_event().signed, writer.public)


def test_nobody_signs_as_another_writer() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    writer.id = other.id
    with pytest.raises(Damaged, match="not the writer that signed it"):
        record.opened(writer.blind_time().signed, writer.public)


def test_a_signature_is_looked_at_before_a_byte_is_parsed() -> None:
    writer = Writer()
    nonsense = b"{" * 1000
    with pytest.raises(Damaged, match="its signature does not hold"):
        record.opened(nonsense + bytes(64), writer.public)
    signed = writer.key.sign(signature.RECORD + signature.chain_next(nonsense))
    with pytest.raises(Damaged, match="not an envelope"):
        record.opened(nonsense + signed, writer.public)


TOMB = Tombstone(1, bytes(32), None, "refused")
RUN = Erased(bytes(16), (), 3, 5, bytes(32), bytes(32), 3)


@pytest.mark.parametrize(
    ("record_type", "change"),
    [
        ("event", {"kind": None}),
        ("event", {"camera": None}),
        ("event", {"gone": TOMB}),
        ("event", {"camera": "a\nb"}),
        ("event", {"lane": ""}),
        ("event", {"id": "no-id"}),
        ("event", {"revision": 0}),
        ("event", {"revision": True}),
        ("event", {"sequence": 0}),
        ("event", {"at": -1}),
        ("event", {"at": INTEGER_MAX + 1}),
        ("event", {"lot": bytes(15)}),
        ("event", {"edge": bytes(17)}),
        ("blind", {"camera": None}),
        ("blind", {"revision": 2}),
        ("blind", {"final": False}),
        ("blind", {"kind": "seen"}),
        ("blind", {"lane": "1"}),
        ("blind", {"gone": RUN}),
        ("note", {"camera": "gate"}),
        ("tombstone", {"gone": None}),
        ("tombstone", {"gone": RUN}),
        ("tombstone", {"gone": replace(TOMB, of=9)}),  # itself: no earlier one
        ("tombstone", {"gone": TOMB, "camera": "gate"}),
        ("erased", {"gone": None}),
        ("erased", {"gone": TOMB}),
    ],
    ids=str,
)
def test_a_head_that_contradicts_itself_cannot_be_made(
    record_type: RecordType, change: dict[str, Any]
) -> None:
    writer = Writer(sequence=8)
    with pytest.raises(Malformed):
        writer.head(record_type, **change)


@pytest.mark.parametrize(
    "change",
    [
        {"keys": (), "first": None, "last": None, "before": None, "hash": None, "count": None},
        {"first": None},
        {"count": None},
        {"hash": None},
        {"first": 0},
        {"last": 2},
        {"count": 0},
        {"count": 4},
        {"before": bytes(31)},
        {"edge": bytes(15)},
        {"keys": (bytes(31),)},
        {"keys": (bytes(32),) * (KEYS_MAX + 1)},
    ],
    ids=",".join,
)
def test_an_erasure_names_a_whole_run_or_keys_alone(change: dict[str, Any]) -> None:
    with pytest.raises(Malformed):
        replace(RUN, **change)


@pytest.mark.parametrize("parts", [(), (bytes(31),), (bytes(32),) * (PARTS_MAX + 1)])
def test_a_tombstone_of_parts_names_some(parts: tuple[bytes, ...]) -> None:
    with pytest.raises(Malformed):
        replace(TOMB, parts=parts)


def test_an_erasure_may_name_as_many_keys_as_fit_into_an_envelope() -> None:
    writer = Writer(role="server")
    keys = tuple(H(bytes([n % 256, n // 256])) for n in range(KEYS_MAX))
    made = writer.signed(writer.head("erased", gone=replace(RUN, keys=keys)))
    assert len(made.data) < record.ENVELOPE_BYTES_MAX
    assert record.opened(made.signed, writer.public) == made


@pytest.mark.parametrize(
    ("record_type", "names"),
    [
        ("event", ["picture/plate"]),
        ("event", ["event", "note"]),
        ("event", ["event", "hello"]),
        ("event", ["audit", "event"]),
        ("blind", []),
        ("blind", ["event", "picture/plate"]),
        ("note", ["event"]),
        ("note", ["note", "picture/plate"]),
        ("tombstone", ["event"]),
        ("erased", ["note"]),
    ],
    ids=str,
)
def test_a_record_has_the_parts_of_its_type(record_type: RecordType, names: list[str]) -> None:
    writer = Writer(sequence=8)
    gone = {"tombstone": TOMB, "erased": RUN}.get(record_type)
    head = writer.head(record_type, gone=gone)
    parts = tuple(
        Part(name, bytes(32), sealing.sealed_size(name, 9), bytes(32), head.hash) for name in names
    )
    with pytest.raises(Malformed):
        writer.signed(head, *parts)


def test_only_a_picture_may_lie_under_the_head_of_an_earlier_revision() -> None:
    writer = Writer()
    first = writer.an_event({"plate": b"jpeg"}, final=False)
    event_part, picture = first.envelope.parts
    head = writer.head(id=first.head.id, revision=2)
    again = writer.part("event", b"{}", head)
    assert writer.signed(head, again, picture).envelope.parts == (again, picture)
    with pytest.raises(Malformed, match="under another head"):
        writer.signed(writer.head(id=first.head.id, revision=3), event_part, picture)


def test_parts_are_by_name_each_once_and_of_sizes_that_parts_have() -> None:
    writer = Writer()
    made = writer.an_event({"plate": b"1", "vehicle": b"2"}).envelope
    for parts in (made.parts[::-1], made.parts + made.parts[-1:]):
        with pytest.raises(Malformed):
            replace(made, parts=parts)
    for size in (0, 96, 1119, 1121, 96 + 4 * 1024**2):
        with pytest.raises(Malformed):
            replace(made.parts[0], size=size)
    with pytest.raises(Malformed):
        replace(made.parts[1], name="picture/Plate")


def test_a_record_waits_for_itself_at_most() -> None:
    made = Writer(sequence=4).an_event().envelope
    assert replace(made, waiting=1).waiting == 1
    for waiting in (0, 6, True):
        with pytest.raises(Malformed):
            replace(made, waiting=waiting)
