"""A run's log becomes curves: numbers for a program (JSON), a picture for a person (PNG).

Every column has a strip of its own, from its least to its most, since a loss and a share have no
scale in common.
"""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from edge.values import Image
from lot.errors import Unreadable
from lot.files import write_whole

_WIDTH, _STRIP, _TITLE = 900, 110, 22  # pixels
_INK, _PAPER, _LINE = (60, 60, 60), (255, 255, 255), (170, 90, 20)
_LETTER: Final = cv2.FONT_HERSHEY_SIMPLEX


def write_curves(log: Path) -> None:
    """Write `curves.json` and `curves.png` beside a log of numbers with a line of names."""
    columns = read_columns(log)
    write_whole(log.with_name("curves.json"), json.dumps(columns, indent=1).encode())
    packed = cv2.imencode(".png", drawn(columns))[1]
    write_whole(log.with_name("curves.png"), packed.tobytes())


def read_columns(log: Path) -> dict[str, list[float]]:
    """Return each column's numbers, in the log's order."""
    try:
        with log.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
        return {name.strip(): [float(row[name]) for row in rows] for name in (rows or [{}])[0]}
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise Unreadable(f"{log} is no log of numbers", then="name a run's own") from error


def drawn(columns: dict[str, list[float]]) -> Image:
    """Return a picture of every column, one below the other."""
    picture = np.full((max(1, len(columns)) * _STRIP, _WIDTH, 3), _PAPER, np.uint8)
    for place, (name, numbers) in enumerate(columns.items()):
        top = place * _STRIP
        finite = [number for number in numbers if np.isfinite(number)]
        least, most = (min(finite), max(finite)) if finite else (0.0, 0.0)
        title = f"{name}: {least:.4g} to {most:.4g}"
        cv2.putText(picture, title, (8, top + 15), _LETTER, 0.45, _INK, 1, cv2.LINE_AA)
        across = np.linspace(8, _WIDTH - 8, num=max(2, len(numbers)))
        height = _STRIP - _TITLE - 10
        points = [
            (round(float(x)), round(top + _TITLE + height * (most - y) / ((most - least) or 1.0)))
            for x, y in zip(across, numbers, strict=False)
            if np.isfinite(y)
        ]
        line = np.array(points, np.int32).reshape(-1, 1, 2)
        cv2.polylines(picture, [line], isClosed=False, color=_LINE, thickness=2)
    return picture
