"""Which of a foreign network's classes are ours: vehicles by COCO's names, plates by any of theirs.

COCO's 80 classes hold car, motorcycle, bus and truck and no plate; sets of plates call it a
dozen ways. Classes that are none of ours are not looked at.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from edge.values import KINDS, Kind

PLATES = frozenset(
    {"plate", "licence", "license", "licence_plate", "license_plate", "number_plate", "numberplate"}
)


@dataclass(frozen=True, slots=True)
class Known:
    """How many classes a network has, and which of their rows are which kinds."""

    names: int
    rows: tuple[int, ...]
    kinds: tuple[Kind, ...]


def known(names: Mapping[int, str]) -> Known:
    """Return which classes are ours, in the network's order."""
    pairs = [(row, kind) for row in sorted(names) if (kind := kind_of(names[row])) is not None]
    return Known(len(names), tuple(row for row, _ in pairs), tuple(kind for _, kind in pairs))


def kind_of(name: str) -> Kind | None:
    """Return the kind that a class of this name is, or None."""
    word = re.sub(r"[\s-]+", "_", name.strip().lower())
    if word in PLATES:
        return "plate"
    return next((kind for kind in KINDS if kind == word), None)


def named(text: str) -> dict[int, str]:
    """Read ultralytics' `names`: a dict in Python's words (ONNX) or in JSON's (engines).

    What is neither names nothing.
    """
    try:
        read = json.loads(text)
    except (ValueError, RecursionError):
        try:
            read = ast.literal_eval(text)
        except (ValueError, SyntaxError, MemoryError, RecursionError):
            return {}
    if isinstance(read, list):
        read = dict(enumerate(read))
    if not isinstance(read, dict) or not all(str(number).isdecimal() for number in read):
        return {}
    names = {int(number): str(name) for number, name in read.items()}
    return names if sorted(names) == list(range(len(names))) else {}
