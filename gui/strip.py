"""A day as a thin line: occupancy as a shape, entries up, exits down, blind time hatched.

Drawn here, so that it stands without scripts; the same numbers follow as a table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

HOUR_US = 3_600_000_000
WIDTH, HEIGHT = 960, 72
_MIDDLE = 44  # entries rise from it, exits hang from it


@dataclass(frozen=True, slots=True)
class Slice:
    """A stretch of the day, a quarter of an hour as a rule."""

    first: int  # µs UTC
    last: int
    inside: int
    entries: int
    exits: int
    blind: bool = False


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the template writes out."""

    occupancy: str  # a path
    entries: tuple[Bar, ...]
    exits: tuple[Bar, ...]
    blind: tuple[Bar, ...]
    now_x: float | None
    most_inside: int


def drawn(slices: Sequence[Slice], *, now: int) -> Drawn:
    """Return the day's shapes; what is still to come stays blank."""
    if not slices:
        return Drawn("", (), (), (), None, 0)
    begin, end = slices[0].first, slices[-1].last
    most = max(1, *(one.inside for one in slices))
    busiest = max(1, *(max(one.entries, one.exits) for one in slices))

    def x(at: int) -> float:
        return round((at - begin) / max(1, end - begin) * WIDTH, 1)

    def bar(one: Slice, y: float, height: float) -> Bar:
        left = x(one.first)
        return Bar(
            left + 0.5, round(y, 1), max(1.0, round(x(one.last) - left - 1, 1)), round(height, 1)
        )

    past = [one for one in slices if one.first <= now]
    steps = [
        f"{x(one.first)},{_level(one.inside, most)} {x(one.last)},{_level(one.inside, most)}"
        for one in past
    ]
    shape = f"M0,{_MIDDLE} L{' '.join(steps)} L{x(past[-1].last)},{_MIDDLE} Z" if past else ""
    up, down = _MIDDLE - 6, HEIGHT - _MIDDLE - 2
    return Drawn(
        occupancy=shape,
        entries=tuple(
            bar(one, _MIDDLE - one.entries / busiest * up, one.entries / busiest * up)
            for one in past
            if one.entries
        ),
        exits=tuple(bar(one, _MIDDLE, one.exits / busiest * down) for one in past if one.exits),
        blind=tuple(bar(one, 0, HEIGHT) for one in past if one.blind),
        now_x=x(now) if begin <= now <= end else None,
        most_inside=max(one.inside for one in slices),
    )


def _level(inside: int, most: int) -> float:
    return round(_MIDDLE - inside / most * (_MIDDLE - 4), 1)


def by_hours(
    counted: Sequence[tuple[int, str, int]], *, begin: int, hours: int, inside: int, now: int
) -> tuple[Slice, ...]:
    """Return a day's slices from counts by hour; who was inside is reckoned back from now.

    `counted` holds (begin of the hour, "entry" or "exit", number). By hours of UTC, so where a
    zone is off by half an hour the first slice begins before midnight.
    """
    first = begin - begin % HOUR_US
    came: Counter[int] = Counter()
    left: Counter[int] = Counter()
    for at, kind, number in counted:
        (came if kind == "entry" else left)[at] += number
    stood = inside
    found: list[Slice] = []
    for at in range(first + (hours - 1) * HOUR_US, first - 1, -HOUR_US):
        found.append(Slice(at, at + HOUR_US, max(0, stood), came[at], left[at]))
        if at <= now:
            stood -= came[at] - left[at]
    return tuple(reversed(found))
