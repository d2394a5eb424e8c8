"""The audit: lines with one spelling, a chain that shows what was done to it, sealed details."""

import contextlib
import json
from dataclasses import replace
from typing import Any, get_args

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import audit, canonical, sealing, signature
from contract.audit import AuditHead, Line, Low, Mark, Restore, Row, ServerClock
from contract.canonical import INTEGER_MAX, Malformed
from contract.digest import H
from lot.errors import Damaged
from tests.contract import golden

NODE = golden.key("node")
VAULT = Ed25519PrivateKey.from_private_bytes(golden.key("vault_sign_seed"))
VAULT_PUBLIC = signature.public_half(VAULT)
A_LINE: dict[str, Any] = json.loads(golden.named("audit").data.split(b"\n")[3])

NUMBERS = st.integers(0, INTEGER_MAX)
HASHES = st.binary(min_size=32, max_size=32)
IDS = st.binary(min_size=16, max_size=16)
LINES = st.builds(
    Line,
    node=IDS,
    seq=st.integers(1, INTEGER_MAX),
    time=NUMBERS,
    clock=st.sampled_from(get_args(ServerClock)),
    boot=IDS,
    lot=st.none() | IDS,
    actor=IDS,
    act=st.from_regex(r"[a-z_]{1,24}", fullmatch=True),
    detail=st.none() | HASHES,
    prev=HASHES,
)
TABLES = st.from_regex(r"[a-z_]{1,64}", fullmatch=True)
DETAILS: st.SearchStrategy[tuple[str, audit.ClearDetail]] = st.one_of(
    st.tuples(st.just("low"), st.builds(Low, IDS, NUMBERS, HASHES)),
    st.tuples(
        st.just("mark"),
        st.builds(Mark, st.integers(1, INTEGER_MAX), st.binary(min_size=64, max_size=64)),
    ),
    st.tuples(st.just("row"), st.builds(Row, TABLES, IDS, NUMBERS, st.none() | HASHES)),
    st.tuples(st.just("restore"), st.builds(Restore, IDS, IDS, NUMBERS, HASHES)),
)


class Node:
    """A node that writes its lines."""

    def __init__(self) -> None:
        self.lines: list[bytes] = []
        self.clear: dict[bytes, bytes] = {}
        self.head = AuditHead(NODE, 0, audit.chain_start(NODE))

    def write(self, act: str, detail: audit.ClearDetail | None = None) -> AuditHead:
        data = audit.detail_encoded(detail) if detail is not None else None
        line = Line(
            node=NODE,
            seq=self.head.seq + 1,
            time=self.head.seq,
            clock="ntp",
            boot=bytes(16),
            lot=None,
            actor=bytes(16),
            act=act,
            detail=H(data) if data is not None else None,
            prev=self.head.head,
        )
        if data is not None:
            self.clear[H(data)] = data
        self.lines.append(audit.encoded(line))
        self.head = AuditHead(NODE, line.seq, audit.chain_next(self.lines[-1]))
        return self.head

    def mark(self) -> AuditHead:
        return self.write("mark", audit.marked(VAULT, self.head))

    def faults(self, *witnesses: AuditHead) -> list[tuple[int, str]]:
        found = audit.walked(
            self.lines,
            node=NODE,
            clear=self.clear,
            vault_public=VAULT_PUBLIC,
            witnesses=witnesses,
        )
        return [(one.seq, one.what) for one in found.faults]


def written() -> tuple[Node, list[AuditHead]]:
    node = Node()
    heads = [node.write("start"), node.write("unlock"), node.mark(), node.write("search")]
    heads += [node.write("low", Low(bytes(16), 4, bytes(32))), node.write("lock"), node.mark()]
    return node, heads


@settings(max_examples=50)
@given(LINES)
def test_a_line_comes_back_from_its_bytes(line: Line) -> None:
    assert audit.decoded(audit.encoded(line)) == line


@settings(max_examples=50)
@given(DETAILS)
def test_a_detail_in_clear_comes_back_from_its_bytes(act: tuple[str, audit.ClearDetail]) -> None:
    name, detail = act
    data = audit.detail_encoded(detail)
    assert audit.detail_decoded(name, data) == detail
    for other in audit.CLEAR_ACTS - {name} | {"search"}:
        with pytest.raises(Damaged):
            audit.detail_decoded(other, data)


@given(st.binary(max_size=200), st.sampled_from(sorted(audit.CLEAR_ACTS)))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes, act: str) -> None:
    with pytest.raises(Damaged):
        audit.decoded(data)
    with pytest.raises(Damaged):
        audit.detail_decoded(act, data)


@pytest.mark.parametrize("name", sorted(A_LINE))
def test_a_line_with_a_field_missing_or_of_another_kind_is_refused(name: str) -> None:
    rest = {key: value for key, value in A_LINE.items() if key != name}
    for wrong in (rest, A_LINE | {name: True}, A_LINE | {name: []}, A_LINE | {name + "_": 1}):
        with pytest.raises(Damaged):
            audit.decoded(canonical.encoded(wrong))


@pytest.mark.parametrize(
    "change",
    [{"seq": 0}, {"act": "Search"}, {"act": ""}, {"clock": "file"}, {"lot": ""}, {"v": 2}],
    ids=str,
)
def test_a_line_that_breaks_a_rule_is_refused(change: dict[str, Any]) -> None:
    with pytest.raises(Damaged):
        audit.decoded(canonical.encoded(A_LINE | change))


def test_a_whole_chain_has_no_fault_and_every_head_is_a_witness_to_it() -> None:
    node, heads = written()
    assert node.faults(*heads, audit.NOTHING_SEEN) == []
    assert node.faults(AuditHead(bytes(16), 99, bytes(32))) == []  # of a node before


def test_every_flipped_byte_shows() -> None:
    node, heads = written()
    for number, line in enumerate(node.lines):
        for at in range(0, len(line), 7):
            flipped = line[:at] + bytes([line[at] ^ 1 << at % 8]) + line[at + 1 :]
            node.lines[number] = flipped
            assert node.faults(heads[-1]), (number, at)
        node.lines[number] = line


def test_a_line_that_is_gone_doubled_or_put_elsewhere_shows() -> None:
    node, heads = written()
    whole = node.lines
    for number in range(len(whole)):
        for lines in (
            whole[:number] + whole[number + 1 :],
            whole[: number + 1] + whole[number:],
            whole[number:] + whole[:number] if number else whole[::-1],
        ):
            node.lines = lines
            assert node.faults(heads[-1]), number


def test_an_end_that_was_cut_shows_to_a_witness_alone() -> None:
    node, heads = written()
    node.lines = node.lines[:4]
    assert node.faults() == []
    assert node.faults(heads[3]) == []
    assert node.faults(heads[4]) == [(5, "rollback: a witness was told of it")]


def test_a_chain_written_anew_is_a_fork_to_the_witness_and_breaks_its_marks() -> None:
    node, heads = written()
    other = Node()
    other.write("start")
    other.write("lock")
    other.clear |= node.clear
    assert other.faults() == []
    assert other.faults(heads[1]) == [(2, "fork: a witness was told another line")]
    other.write("mark", Mark(2, audit.marked(VAULT, heads[1]).sig))
    assert [seq for seq, what in other.faults() if "mark" in what] == [3]


def test_a_mark_is_over_the_line_before_it_and_by_the_vault() -> None:
    node = Node()
    first = node.write("start")
    node.write("unlock")
    node.write("mark", audit.marked(VAULT, first))
    thief = Ed25519PrivateKey.from_private_bytes(b"\x66" * 32)
    node.write("mark", audit.marked(thief, node.head))
    node.write("mark", replace(audit.marked(VAULT, node.head), seq=1))
    assert [seq for seq, _ in node.faults()] == [3, 4, 5]


def test_a_detail_in_clear_that_is_gone_or_exchanged_shows() -> None:
    node, _ = written()
    for hashed in list(node.clear):
        kept = node.clear.pop(hashed)
        assert [what for _, what in node.faults()] == ["its detail in clear is missing"]
        node.clear[hashed] = kept.replace(b"1", b"2")
        assert [what for _, what in node.faults()] == ["its detail in clear is missing"]
        node.clear[hashed] = kept
    node.write("row")
    assert node.faults() == [(8, "its detail in clear is missing")]


def test_a_line_of_another_node_shows() -> None:
    node, _ = written()
    found = audit.walked(node.lines, node=bytes(16), clear=node.clear, vault_public=VAULT_PUBLIC)
    assert {one.what for one in found.faults} >= {"a line of another node"}


def test_a_sealed_detail_opens_under_its_own_line_only() -> None:
    line = audit.decoded(canonical.encoded(A_LINE))
    key = sealing.DayKey(bytes(32), "A", b"\x01" * 32)
    part = key.sealed(b'{"plate":"ABC1234"}', head_hash=line.head_hash, name="audit")
    prk = sealing.prk_of(b"\x01" * 32, bytes(12))
    content = sealing.opened(part, prk, head_hash=line.head_hash, name="audit")
    assert content == b'{"plate":"ABC1234"}'
    bound = replace(line, detail=H(part), prev=bytes(32))  # neither is in what it is bound to
    assert bound.head_hash == line.head_hash
    for change in ({"seq": 9}, {"actor": bytes(16)}, {"act": "export"}, {"time": 1}):
        other = replace(line, **change)
        with pytest.raises(Damaged):
            sealing.opened(part, prk, head_hash=other.head_hash, name="audit")


@pytest.mark.parametrize(
    "wrong",
    [
        lambda: Low(bytes(16), -1, bytes(32)),
        lambda: Low(bytes(15), 1, bytes(32)),
        lambda: Mark(0, bytes(64)),
        lambda: Mark(1, bytes(63)),
        lambda: Row("Customer", bytes(16), 1, None),
        lambda: Row("customer", bytes(16), -1, None),
        lambda: Restore(bytes(16), bytes(16), 1, bytes(31)),
        lambda: Restore(b"", bytes(16), 1, bytes(32)),
        lambda: AuditHead(bytes(16), -1, bytes(32)),
    ],
)
def test_a_detail_that_breaks_a_rule_cannot_be_made(wrong: Any) -> None:
    with pytest.raises(Malformed):
        wrong()


def test_a_damaged_line_is_refused_or_another_whole_one() -> None:
    whole = canonical.encoded(A_LINE)
    for at in range(len(whole)):
        flipped = whole[:at] + bytes([whole[at] ^ 1 << at % 8]) + whole[at + 1 :]
        for torn in (whole[:at], flipped):
            with contextlib.suppress(Damaged):
                assert audit.encoded(audit.decoded(torn)) == torn != whole
