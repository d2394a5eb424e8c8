"""Frames on the keyholder's socket: u32 length ‖ JSON ‖ bytes, 16 MiB at most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from contract import canonical
from contract.canonical import Malformed

FRAME_BYTES_MAX = 16 * 1024 * 1024
_SIZES = "sizes"
_LARGE_BYTES = 64 * 1024  # a copy of more costs more than a call that sends it by itself


@dataclass(frozen=True, slots=True)
class Frame:
    """One message: an object, and the rows of bytes that it names by their numbers."""

    said: Mapping[str, object]
    octets: Sequence[bytes]


class Ended(Exception):
    """The other side closed the connection between two frames, as it may."""


def framed(frame: Frame) -> bytes:
    """Return the bytes of a frame; Malformed where it would be larger than the other side takes."""
    return b"".join(pieces(frame))


def pieces(frame: Frame) -> list[bytes]:
    """Return the bytes of a frame to be sent one after another: what is large is not copied."""
    sizes = [len(one) for one in frame.octets]
    text = canonical.encoded({**frame.said, _SIZES: sizes})
    if 4 + len(text) + sum(sizes) > FRAME_BYTES_MAX:
        raise Malformed(f"a message has more than {FRAME_BYTES_MAX} bytes")
    found, small = [], [len(text).to_bytes(4, "big"), text]
    for one in frame.octets:
        if len(one) < _LARGE_BYTES:
            small.append(one)
            continue
        found += [b"".join(small), one]
        small = []
    return [*found, b"".join(small)] if small else found


@canonical.reading("a frame of the keyholder's socket")
def unframed(take: Callable[[int], bytes]) -> Frame:
    """Return the next frame; `take` gives so many bytes, or fewer where the connection ended.

    Nothing larger than a frame may be is ever waited for or kept.
    """
    first = take(4)
    if not first:
        raise Ended
    length = int.from_bytes(_whole(first, 4), "big")
    if length > FRAME_BYTES_MAX:
        raise Malformed(f"it has more than {FRAME_BYTES_MAX} bytes")
    said = canonical.decoded(_whole(take(length), length), bytes_max=FRAME_BYTES_MAX)
    sizes = _sizes(said.pop(_SIZES, None))
    if 4 + length + sum(sizes) > FRAME_BYTES_MAX:
        raise Malformed(f"it has more than {FRAME_BYTES_MAX} bytes")
    return Frame(said, [_whole(take(size), size) for size in sizes])


def _sizes(value: object) -> list[int]:
    if not isinstance(value, list):
        raise Malformed("it does not say how many bytes follow")
    sizes = [canonical.whole(one, _SIZES) for one in value]
    if any(size < 0 for size in sizes):
        raise Malformed("a size in it is below nothing")
    return sizes


def _whole(data: bytes, size: int) -> bytes:
    if len(data) != size:
        raise Malformed("it is cut")
    return data
