"""A TensorRT engine's file: the plan alone, or ultralytics' header before it.

The header is four bytes, the length of what follows (little-endian, written signed), then so many
bytes of JSON, then the plan. A plan says nothing of what it finds, so ours are written with that
header too: ultralytics opens them, and we open its.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

HEADER_MAX = 1 << 20  # a thousand class names take 20 kB; a plan's first bytes may be any number
_LENGTH = 4

BUILT_BY, BUILT_FOR = "tensorrt", "device"  # what our header says beyond ultralytics'


@dataclass(frozen=True, slots=True)
class EngineFile:
    """What stands in the file: the header's facts as text, and the plan."""

    says: Mapping[str, str]
    plan: bytes


def parted(content: bytes) -> EngineFile:
    """Return header and plan; a file without a header is a plan that says nothing."""
    length = int.from_bytes(content[:_LENGTH], "little", signed=True)
    if not 0 < length <= min(HEADER_MAX, len(content) - _LENGTH):
        return EngineFile({}, content)
    end = _LENGTH + length
    try:
        header = json.loads(content[_LENGTH:end])
    except (ValueError, RecursionError):
        return EngineFile({}, content)
    if not isinstance(header, dict):
        return EngineFile({}, content)
    return EngineFile({name: _text(value) for name, value in header.items()}, content[end:])


def joined(header: Mapping[str, object], plan: bytes) -> bytes:
    """Return the file of `plan` with `header` before it."""
    said = json.dumps(dict(header)).encode("ascii")
    return len(said).to_bytes(_LENGTH, "little", signed=True) + said + plan


def misfit(says: Mapping[str, str], version: str, device: str) -> str | None:
    """Return why an engine cannot run here, as far as its header knows: it fits one place only."""
    built_by, built_for = says.get(BUILT_BY, version), says.get(BUILT_FOR, device)
    if built_by != version:
        return f"it was built by TensorRT {built_by}, and here is {version}"
    if built_for != device:
        return f"it was built for {built_for}, and here is {device}"
    return None


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value)
