"""Ids of events: UUIDs of version 7, so that they sort by the time they bear.

A live event's random bits are drawn by its edge. A replay draws none: the same recording must
give the same ids, or a second run could not be compared with the first.
"""

import hashlib
import re
from typing import Literal

EVENT_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RANDOM_BITS = 74  # what version and variant leave beside the 48 of the time

ENTRY_OR_ONLY: Literal[1] = 1
EXIT_OF_A_TURN: Literal[2] = 2
Part = Literal[1, 2]


def uuid7(at_us: int, random: int) -> str:
    """Return the UUIDv7 of a time in microseconds UTC with the given 74 random bits."""
    milliseconds = at_us // 1000
    if not 0 <= milliseconds < 1 << 48:
        raise ValueError("a UUIDv7 bears a time from 1970 to 10889")
    if not 0 <= random < 1 << RANDOM_BITS:
        raise ValueError(f"a UUIDv7 has {RANDOM_BITS} random bits")
    high, low = random >> 62, random & ((1 << 62) - 1)
    number = milliseconds << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low
    digits = f"{number:032x}"
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def replay_bits(file_sha256: bytes, camera: str, first_passage: str, part: Part) -> int:
    """Return the 74 bits that a replay uses instead of random ones.

    They are the first of SHA-256(the file's SHA-256, the camera, the sighting's first passage,
    a byte 1, or 2 for the exit of a turn).
    """
    if len(file_sha256) != hashlib.sha256().digest_size:
        raise ValueError("a file is named by its 32 bytes of SHA-256")
    joined = file_sha256 + camera.encode() + first_passage.encode() + bytes([part])
    digest = hashlib.sha256(joined).digest()
    return int.from_bytes(digest, "big") >> (len(digest) * 8 - RANDOM_BITS)
