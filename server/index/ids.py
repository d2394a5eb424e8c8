"""An event's id as the 16 bytes that rows and records are found by, and back."""

from __future__ import annotations


def id_bytes(event_id: str) -> bytes:
    return bytes.fromhex(event_id.replace("-", ""))


def id_text(key: bytes) -> str:
    digits = key.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))
