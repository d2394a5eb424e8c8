"""How the keyholder stands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

State = Literal["unfounded", "locked", "unlocked"]


@dataclass(frozen=True, slots=True)
class Status:
    """How does the keyholder stand?"""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the keyholder stands; nothing in it is secret."""

    state: State
    server: bytes | None  # its id, None before it is founded
    memory_locked: bool
    keeper: bytes | None  # of split mode
    generation: int | None  # of the vault file
    unlocked_at: int | None  # µs UTC, by the wall
    locks_in_s: int | None  # if nobody asks anything
    idle_s: int  # so long after a person last did something it locks itself
