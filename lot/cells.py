"""Cells of a table that a spreadsheet shows and never calculates.

A spreadsheet takes a cell that begins with = + - @, a tab or a return for a formula, and what
a camera reads from a bumper or is named by its owner may begin so. Such a text gets an
apostrophe in front (as does one that begins with an apostrophe); `plain` takes it away again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Sequence
from typing import Protocol

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


class Text(Protocol):
    """Takes text, as an open file does."""

    def write(self, text: str, /) -> object: ...


def harmless(cell: str) -> str:
    """Return the cell as a spreadsheet will show it and never calculate it."""
    return f"'{cell}" if cell.startswith((*_FORMULA, "'")) else cell


def plain(cell: str) -> str:
    """Undo `harmless`."""
    return cell[1:] if cell.startswith(tuple(f"'{first}" for first in (*_FORMULA, "'"))) else cell


def thousandths(value: int) -> str:
    """Write a probability with three decimals, without a float between."""
    return f"{value // 1000}.{value % 1000:03}"


def write_rows(to: Text, rows: Iterable[Sequence[str]]) -> None:
    """Write rows as CSV; which cells must be made harmless, their maker knows."""
    csv.writer(to, lineterminator="\n").writerows(rows)
