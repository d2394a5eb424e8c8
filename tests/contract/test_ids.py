"""Ids of events: they bear a time, and a replay gives the same ones twice."""

import hashlib
import uuid

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract.ids import (
    ENTRY_OR_ONLY,
    EVENT_ID,
    EXIT_OF_A_TURN,
    RANDOM_BITS,
    replay_bits,
    uuid7,
)

RANDOM = st.integers(0, (1 << RANDOM_BITS) - 1)
TIMES = st.integers(0, (1 << 53) - 1)
FILE = hashlib.sha256(b"a recording").digest()


@given(TIMES, RANDOM)
def test_an_id_is_a_uuid_of_version_7_with_its_time(at_us: int, random: int) -> None:
    made = uuid7(at_us, random)
    read = uuid.UUID(made)
    assert EVENT_ID.fullmatch(made)
    assert str(read) == made
    assert (read.version, read.variant) == (7, uuid.RFC_4122)
    assert read.int >> 80 == at_us // 1000
    assert (read.int >> 64 & 0xFFF) << 62 | read.int & ((1 << 62) - 1) == random


@given(TIMES, TIMES, RANDOM, RANDOM)
def test_ids_sort_by_time(one: int, other: int, this: int, that: int) -> None:
    if one // 1000 < other // 1000:
        assert uuid7(one, this) < uuid7(other, that)


@pytest.mark.parametrize(
    ("at_us", "random"), [(-1, 0), (1000 << 48, 0), (0, -1), (0, 1 << RANDOM_BITS)]
)
def test_what_an_id_cannot_hold_is_refused(at_us: int, random: int) -> None:
    with pytest.raises(ValueError, match="UUIDv7"):
        uuid7(at_us, random)


def test_a_replay_takes_the_first_74_bits_of_the_digest() -> None:
    digest = hashlib.sha256(FILE + b"gate" + b"p7" + b"\x01").digest()
    bits = "".join(f"{byte:08b}" for byte in digest)[:74]
    assert replay_bits(FILE, "gate", "p7", ENTRY_OR_ONLY) == int(bits, 2)


def test_a_golden_id_of_a_replay() -> None:
    bits = replay_bits(bytes(32), "gate", "1", EXIT_OF_A_TURN)
    assert uuid7(1_800_000_000_000_000, bits) == "01a3185c-5000-782f-8738-7ff72b57c5d9"


def test_recording_camera_passage_and_end_each_make_another_id() -> None:
    ids = {
        replay_bits(FILE, "gate", "p7", ENTRY_OR_ONLY),
        replay_bits(FILE, "gate", "p7", EXIT_OF_A_TURN),
        replay_bits(FILE, "gate", "p8", ENTRY_OR_ONLY),
        replay_bits(FILE, "yard", "p7", ENTRY_OR_ONLY),
        replay_bits(hashlib.sha256(b"another").digest(), "gate", "p7", ENTRY_OR_ONLY),
    }
    assert len(ids) == 5


def test_a_file_is_named_by_its_whole_hash() -> None:
    with pytest.raises(ValueError, match="SHA-256"):
        replay_bits(b"short", "gate", "p7", ENTRY_OR_ONLY)
