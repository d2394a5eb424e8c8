"""Sealed parts: what comes out is what went in, under its head and name, or nothing does."""

import hashlib
import multiprocessing
import threading

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from contract import sealing
from contract.canonical import Malformed
from contract.sealing import DayKey, Spent
from lot.errors import Damaged

SECRET = b"\x01" * 32
HEAD = b"\x05" * 32
NAMES = ("event", "note", "hello", "audit", "picture/plate", "picture/clip")


def day_key(name: str, secret: bytes = SECRET) -> DayKey:
    return DayKey(b"\x02" * 32, sealing.class_of(name), secret)


def prk(part: bytes, name: str, secret: bytes = SECRET) -> bytes:
    return sealing.prk_of(secret, sealing.read(part, name=name).nonce)


@given(st.binary(max_size=9000), st.sampled_from(NAMES))
def test_what_was_sealed_is_opened(content: bytes, name: str) -> None:
    part = day_key(name).sealed(content, head_hash=HEAD, name=name)
    assert sealing.opened(part, prk(part, name), head_hash=HEAD, name=name) == content
    assert len(part) == sealing.sealed_size(name, len(content))
    sealing.check_size(name, len(part))


@pytest.mark.parametrize(
    ("name", "step"), [("event", 1024), ("audit", 1024), ("picture/plate", 4096)]
)
def test_sizes_say_no_more_than_the_step(name: str, step: int) -> None:
    for content, steps in ((0, 1), (step - 4, 1), (step - 3, 2), (2 * step - 4, 2)):
        part = day_key(name).sealed(bytes(content), head_hash=HEAD, name=name)
        assert len(part) == 96 + steps * step


@pytest.mark.parametrize(("name", "step"), [("event", 1), ("picture/plate", 7)])
def test_every_flipped_byte_and_every_cut_is_refused(name: str, step: int) -> None:
    part = day_key(name).sealed(b"a plate", head_hash=HEAD, name=name)
    key = prk(part, name)
    for at in range(0, len(part), step):
        flipped = part[:at] + bytes([part[at] ^ 1 << at % 8]) + part[at + 1 :]
        for torn in (flipped, part[:at]):
            with pytest.raises(Damaged):
                sealing.opened(torn, key, head_hash=HEAD, name=name)
    for more in (b"\0", bytes(4096)):
        with pytest.raises(Damaged):
            sealing.opened(part + more, key, head_hash=HEAD, name=name)


def test_a_part_opens_under_its_own_head_name_and_key_only() -> None:
    part = day_key("event").sealed(b"{}", head_hash=HEAD, name="event")
    key = prk(part, "event")
    with pytest.raises(Damaged):
        sealing.opened(part, key, head_hash=b"\x06" * 32, name="event")
    with pytest.raises(Damaged):
        sealing.opened(part, key, head_hash=HEAD, name="note")
    with pytest.raises(Damaged):
        sealing.opened(part, prk(part, "event", b"\x03" * 32), head_hash=HEAD, name="event")
    under_another = part[:4] + b"\x03" * 32 + part[36:]
    with pytest.raises(Damaged):
        sealing.opened(under_another, key, head_hash=HEAD, name="event")


def test_a_prk_opens_one_part_and_no_other_of_its_day() -> None:
    living = day_key("event")
    one, other = (living.sealed(b"{}", head_hash=HEAD, name="event") for _ in range(2))
    assert sealing.opened(one, prk(one, "event"), head_hash=HEAD, name="event") == b"{}"
    with pytest.raises(Damaged, match="commitment"):
        sealing.opened(other, prk(one, "event"), head_hash=HEAD, name="event")


def test_the_commitment_is_compared_before_anything_is_decrypted() -> None:
    """A part whose tag holds under a key that does not follow from the PRK stays shut."""
    part = day_key("event").sealed(b"{}", head_hash=HEAD, name="event")
    altered = part[:48] + bytes(32) + part[80:]
    with pytest.raises(Damaged, match="commitment"):
        sealing.opened(altered, prk(part, "event"), head_hash=HEAD, name="event")


@pytest.mark.parametrize(
    "padded",
    [
        (5).to_bytes(4, "big") + b"{}" + bytes(1018),  # fine: the content may end in zeros
        (2).to_bytes(4, "big") + b"{}" + bytes(1017) + b"\x01",
        (2).to_bytes(4, "big") + b"{}" + bytes(2042),  # more zeros than it takes
        (1021).to_bytes(4, "big") + bytes(1020),
        (2**32 - 1).to_bytes(4, "big") + bytes(1020),
    ],
    ids=["whole", "no zero at the end", "a step too many", "longer than it is", "far longer"],
)
def test_only_the_fewest_zeros_fill_a_part(padded: bytes) -> None:
    bound = sealing._bound(b"\x02" * 32, HEAD, "event")
    key = sealing.prk_of(SECRET, bytes(12))
    part_key, commitment = sealing._expanded(key, bound)
    header = b"LKP1" + b"\x02" * 32 + bytes(12) + commitment
    part = header + AESGCM(part_key).encrypt(bytes(12), padded, bound)
    if padded[:4] == (5).to_bytes(4, "big"):
        assert sealing.opened(part, key, head_hash=HEAD, name="event") == b"{}\0\0\0"
        return
    with pytest.raises(Damaged, match="filled up"):
        sealing.opened(part, key, head_hash=HEAD, name="event")


@settings(max_examples=60)
@given(st.binary(max_size=1300), st.sampled_from(NAMES), st.binary(max_size=40))
def test_whatever_comes_in_only_our_error_comes_out(data: bytes, name: str, key: bytes) -> None:
    for torn in (data, b"LKP1" + data, (b"LKP1" + data).ljust(1120, b"x")[:1120]):
        with pytest.raises(Damaged):
            sealing.opened(torn, key, head_hash=HEAD, name=name)


@pytest.mark.parametrize("name", ["", "events", "picture", "plate", "head"])
def test_a_name_that_no_part_has_is_refused(name: str) -> None:
    with pytest.raises(Malformed):
        sealing.class_of(name)
    with pytest.raises(Damaged):
        sealing.opened(bytes(1120), bytes(32), head_hash=HEAD, name=name)


def test_a_key_of_one_class_seals_no_part_of_another() -> None:
    with pytest.raises(ValueError, match="class T seals no part named picture/plate"):
        day_key("event").sealed(b"", head_hash=HEAD, name="picture/plate")


def test_what_is_too_large_for_the_wire_is_not_sealed_and_draws_no_nonce() -> None:
    living = day_key("picture/plate")
    largest = (sealing.PART_BYTES_MAX - 96) // 4096 * 4096 - 4
    with pytest.raises(Malformed, match="more than"):
        living.sealed(bytes(largest + 1), head_hash=HEAD, name="picture/plate")
    part = living.sealed(bytes(largest), head_hash=HEAD, name="picture/plate")
    assert len(part) <= sealing.PART_BYTES_MAX
    assert sealing.read(part, name="picture/plate").nonce == bytes(12)


def test_threads_never_share_a_nonce() -> None:
    living, parts = day_key("event"), list[bytes]()

    def seal() -> None:
        parts.extend(living.sealed(b"{}", head_hash=HEAD, name="event") for _ in range(50))

    threads = [threading.Thread(target=seal) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    nonces = sorted(sealing.read(part, name="event").nonce for part in parts)
    assert nonces == [n.to_bytes(12, "big") for n in range(200)]


def test_a_key_ends_with_its_last_nonce_and_with_its_bytes() -> None:
    by_parts, by_bytes = day_key("event"), day_key("event")
    by_parts._parts = sealing.PARTS_MAX - 1
    by_bytes._bytes = sealing.BYTES_MAX - 1120
    for living in (by_parts, by_bytes):
        living.sealed(b"{}", head_hash=HEAD, name="event")
        with pytest.raises(Spent):
            living.sealed(b"{}", head_hash=HEAD, name="event")


def _seal_in_a_child(living: DayKey, answer: "multiprocessing.queues.Queue[str]") -> None:
    try:
        living.sealed(b"{}", head_hash=HEAD, name="event")
        answer.put("sealed")
    except Spent:
        answer.put("spent")


def test_a_forked_process_cannot_go_on_with_the_key() -> None:
    fork = multiprocessing.get_context("fork")
    answer = fork.Queue()
    child = fork.Process(target=_seal_in_a_child, args=(day_key("event"), answer))
    child.start()
    assert answer.get(timeout=30) == "spent"
    child.join()


def test_a_day_key_shows_itself_to_no_log() -> None:
    secret = hashlib.sha256(b"secret").digest()
    assert repr(secret) not in repr(day_key("event", secret))
