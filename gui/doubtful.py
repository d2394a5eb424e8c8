"""Events that only may be of a plate, to be looked at by who says which are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from gui import values
from gui.carried import carried, server
from gui.server_api import Problem
from gui.values import Look

SHOWN_MAX = 40  # events whose records are opened for a glance


@dataclass(frozen=True, slots=True)
class Doubtful:
    """An event that may be of a plate, as far as it can be looked at."""

    id: str
    at: int
    look: Look


def looked(lot: str, ids: Sequence[str]) -> list[Doubtful]:
    """Return the first of these, but for those that nobody can look at."""
    return [one for id_ in ids[:SHOWN_MAX] if (one := _one(lot, id_)) is not None]


def _one(lot: str, id_: str) -> Doubtful | None:
    try:
        said: dict[str, Any] = server().get(f"/lots/{lot}/events/{id_}", carried().holder)
    except Problem as problem:
        if problem.code not in ("not_found", "gone", "too_fast"):
            raise
        return None
    record = said["event"]
    return None if record is None else Doubtful(id_, record["first_seen"], values.look(said))
