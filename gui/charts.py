"""Charts as shapes: numbers in, places on a drawing out. What writes them are templates.

Each is drawn in one colour and by length or strength alone, and its numbers follow as a table: so
nobody needs to tell hues apart.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 480, 120
_GAP = 2
_LEFT = 44  # room for a row's name


@dataclass(frozen=True, slots=True)
class Bar:
    """One number as a bar that stands on the ground line."""

    label: str
    value: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Cell:
    """One number as a square, the stronger the more; strength is 0 to 1."""

    x: float
    y: float
    width: float
    height: float
    strength: float
    said: str


@dataclass(frozen=True, slots=True)
class Row:
    """A line of cells with its name."""

    label: str
    y: float
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Shape:
    """A number over time as an area, and where the most that fits lies."""

    path: str
    top: int
    limit_y: float | None


def bars(numbers: Sequence[tuple[str, int]]) -> tuple[Bar, ...]:
    """Return a bar a number, as wide as fit."""
    most = max((value for _, value in numbers), default=0) or 1
    step = WIDTH / max(1, len(numbers))
    found = []
    for at, (label, value) in enumerate(numbers):
        height = round(value / most * HEIGHT, 1)
        found.append(
            Bar(
                label,
                value,
                round(at * step + _GAP / 2, 1),
                HEIGHT - height,
                round(step - _GAP, 1),
                height,
            )
        )
    return tuple(found)


def shape(numbers: Sequence[int], limit: int | None = None) -> Shape:
    """Return an area of equal steps; `limit` is a line that is drawn where it comes into view."""
    top = max([1, *numbers, *([limit] if limit and max(numbers, default=0) * 2 > limit else [])])
    step = WIDTH / max(1, len(numbers))
    corners = [
        f"{round((at + end) * step, 1)},{_level(value, top)}"
        for at, value in enumerate(numbers)
        for end in (0, 1)
    ]
    path = f"M0,{HEIGHT} L{' '.join(corners)} L{WIDTH},{HEIGHT} Z" if numbers else ""
    return Shape(path, top, _level(limit, top) if limit and limit <= top else None)


def grid(
    numbers: Mapping[tuple[int, int], int], rows: Sequence[str], columns: Sequence[str]
) -> tuple[Row, ...]:
    """Return a row of cells a name; the strongest is the most of all."""
    most = max(numbers.values(), default=0) or 1
    width, height = (WIDTH - _LEFT) / len(columns), HEIGHT / max(7, len(rows))
    return tuple(
        Row(
            name,
            round((at + 0.75) * height, 1),
            tuple(
                Cell(
                    round(_LEFT + place * width, 1),
                    round(at * height, 1),
                    round(width - 1, 1),
                    round(height - 1, 1),
                    round(numbers.get((at, place), 0) / most, 2),
                    f"{name} {column}: {numbers.get((at, place), 0)}",
                )
                for place, column in enumerate(columns)
            ),
        )
        for at, name in enumerate(rows)
    )


def _level(value: int, top: int) -> float:
    return round(HEIGHT - min(value, top) / top * (HEIGHT - 2), 1)
