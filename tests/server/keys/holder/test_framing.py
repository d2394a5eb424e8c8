"""What comes in at the keyholder's socket is a frame, or refused; it never stalls or bursts."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.canonical import Malformed
from lot.errors import Damaged
from server.access.roles import Role
from server.index.asked import Query
from server.keys.holder import bodies, calls, framing, refusals, spelling
from server.keys.holder.framing import Ended, Frame

OCTETS = st.lists(st.binary(max_size=200), max_size=6)


@given(st.text(max_size=30), OCTETS)
def test_what_is_framed_comes_back(word: str, octets: list[bytes]) -> None:
    data = framing.framed(Frame({"call": word}, octets))

    found = framing.unframed(io.BytesIO(data).read)

    assert found.said == {"call": word}
    assert list(found.octets) == octets


@given(st.lists(st.sampled_from([0, 1, 65_535, 65_536, 200_000]), max_size=6))
def test_pieces_are_the_frame_and_what_is_large_is_one_of_its_own(sizes: list[int]) -> None:
    octets = [bytes([n]) * size for n, size in enumerate(sizes)]
    frame = Frame({"call": "x"}, octets)

    pieces = framing.pieces(frame)

    assert b"".join(pieces) == framing.framed(frame)
    assert list(framing.unframed(io.BytesIO(b"".join(pieces)).read).octets) == octets
    assert all(any(piece is one for piece in pieces) for one in octets if len(one) >= 65_536)


@given(OCTETS, st.data())
def test_a_cut_frame_is_refused(octets: list[bytes], data: st.DataObject) -> None:
    whole = framing.framed(Frame({"call": "x"}, octets))
    cut = whole[: data.draw(st.integers(1, len(whole) - 1))]

    with pytest.raises(Damaged):
        framing.unframed(io.BytesIO(cut).read)


@given(st.binary(min_size=1, max_size=300))
def test_any_bytes_are_a_frame_or_refused(data: bytes) -> None:
    try:
        framing.unframed(io.BytesIO(data).read)
    except Damaged:
        return


def test_nothing_is_the_end_and_no_fault() -> None:
    with pytest.raises(Ended):
        framing.unframed(io.BytesIO(b"").read)


def test_sizes_beyond_a_frame_are_refused_before_a_byte_is_waited_for() -> None:
    asked: list[int] = []
    text = b'{"call":"x","sizes":[9000000,9000000]}'
    source = io.BytesIO(len(text).to_bytes(4, "big") + text)

    def take(size: int) -> bytes:
        asked.append(size)
        return source.read(size)

    with pytest.raises(Damaged):
        framing.unframed(take)
    assert asked == [4, len(text)]


def test_a_frame_too_large_is_not_sent() -> None:
    with pytest.raises(Malformed):
        framing.framed(Frame({"call": "x"}, [bytes(framing.FRAME_BYTES_MAX)]))


ROW = calls.Vouched(b"{}", bytes(32))
CALLER = calls.Caller("a-token-that-is-secret", ROW, ROW)


@pytest.mark.parametrize(
    "value",
    [
        calls.Status(),
        calls.Lock(calls.Console()),
        calls.Lock(CALLER),
        calls.SearchEvents(CALLER, Query(lots=frozenset({bytes(16)}))),
        calls.Open(CALLER, (calls.SealedRecord(b"r", b"c", (b"w",), {"event": b"p"}),)),
        calls.Identity(bytes(16), "Ada", Role.OWNER, (), bytes(16), None, 5, True),
    ],
)
def test_a_value_comes_back_as_it_went(value: object) -> None:
    octets: list[bytes] = []

    assert spelling.read(type(value), spelling.spelt(value, octets), octets) == value


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(max_size=8) | st.just("is"), inner),
    )
)
def test_another_value_is_refused(value: object) -> None:
    with pytest.raises(Damaged):
        spelling.read(calls.Lock, value, [])


def test_true_is_no_one_and_a_field_too_many_is_none_of_ours() -> None:
    octets: list[bytes] = []
    said = spelling.spelt(calls.SegmentOut(bytes(16), 3), octets)
    assert isinstance(said, dict)
    for wrong in ({**said, "day": True}, {**said, "more": 1}, {**said, "lot": 7}):
        with pytest.raises(Damaged):
            spelling.read(calls.SegmentOut, wrong, octets)


def test_a_secret_is_in_no_text_of_a_question() -> None:
    for value in (
        CALLER,
        calls.Recover(ROW, "RECOVERY-CODE-SECRET", calls.Console()),
        calls.Invited("a-secret-code", 900),
        calls.SlotMade(bytes(16), b"seed-that-is-secret"),
    ):
        assert "secret" not in repr(value).lower()


def test_a_refusal_is_raised_as_the_same_one_on_the_other_side() -> None:
    said = refusals.MustWait("three more misses", then="wait", wait_s=900)

    found = refusals.read(refusals.spelt(said))

    assert isinstance(found, refusals.MustWait)
    assert (str(found), found.wait_s) == (str(said), 900)


def test_a_body_comes_back_as_it_went() -> None:
    person = bodies.Account(
        bytes(16), 1, "Ada", Role.OWNER, (b"l" * 16,), None, code=True, closed=False
    )

    assert bodies.account(bodies.encoded(person)) == person
    with pytest.raises(Damaged):
        bodies.device(bodies.encoded(person))
