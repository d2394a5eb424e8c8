"""A lot's lessons as bytes, and back: what a keyholder that opens again goes on with.

u32 length, head (canonical JSON: when it began, each sign's camera and borders), then numbers
as they lie: the tables by sort, hour and length, a sign's entries and exits, and the sums
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from contract import canonical
from contract.canonical import Fields, Malformed, at_most
from contract.event import Border
from server.index.columns import BORDER_WORDS
from server.visits.lessons import HOURS, LENGTHS, SORTS, Lessons, Sign, SignCount

_BYTES_MAX = 1024 * 1024
_SIGNS_MAX = 10_000
_SUMS = 3  # entries, exits, missed
_TABLES = SORTS * HOURS * LENGTHS


def packed(lessons: Lessons) -> bytes:
    """Return the bytes of lessons."""
    signs = list(lessons.signs)
    head = canonical.encoded(
        {
            "v": canonical.VERSION,
            "since": lessons.since,
            "signs": [{"camera": c, "came": came, "left": left} for c, came, left in signs],
        }
    )
    counts = [(lessons.signs[sign].entries, lessons.signs[sign].exits) for sign in signs]
    sums = (lessons.entries, lessons.exits, lessons.missed)
    numbers = (np.array(one, "<f8").tobytes() for one in (lessons.tables, counts, sums))
    return b"".join((len(head).to_bytes(4, "big"), head, *numbers))


@canonical.reading("the lessons of a lot")
def unpacked(data: bytes) -> Lessons:
    """Return the lessons that bytes hold; Damaged for all others."""
    at_most("lessons", data, _BYTES_MAX)
    end = 4 + int.from_bytes(data[:4], "big")
    read = Fields(canonical.decoded(data[4:end], bytes_max=_BYTES_MAX), ("v", "since", "signs"))
    read.version()
    signs = read.entries("signs", _sign)
    at_most("signs", signs, _SIGNS_MAX)
    numbers = _numbers(data[end:], _TABLES + 2 * len(signs) + _SUMS)
    tables = numbers[:_TABLES].reshape(SORTS, HOURS, LENGTHS)
    if not (tables > 0).all() or not (tables <= 1).all():
        raise Malformed("a share is none")
    counts = numbers[_TABLES:-_SUMS].reshape(len(signs), 2)
    entries, exits, missed = (float(one) for one in numbers[-_SUMS:])
    if not 0 < missed < 1:
        raise Malformed("the share of missed crossings is none")
    return Lessons(
        tables=tuple(tuple(tuple(map(float, row)) for row in table) for table in tables),
        signs={
            sign: SignCount(float(one[0]), float(one[1]))
            for sign, one in zip(signs, counts, strict=True)
        },
        entries=entries,
        exits=exits,
        missed=missed,
        since=read.either("since", read.whole),
    )


def _numbers(data: bytes, count: int) -> NDArray[np.float64]:
    if len(data) != 8 * count:
        raise Malformed("it is cut, or something follows its end")
    found = np.frombuffer(data, "<f8")
    if not np.isfinite(found).all() or (found < 0).any():
        raise Malformed("a number in it is none that was counted")
    return found


def _sign(value: object, path: str) -> Sign:
    read = Fields(value, ("camera", "came", "left"), within=path)

    def border(name: str) -> Border:
        return read.word(name, BORDER_WORDS)

    return read.text("camera"), read.either("came", border), read.either("left", border)
