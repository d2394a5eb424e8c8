"""One thing that is wrong: a line that names it, what it costs, and what to do."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ailment:
    """What was met, and the next step."""

    what: str
    then: str

    def __str__(self) -> str:
        return f"{self.what}; {self.then}"
