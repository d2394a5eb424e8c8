"""One thing that was looked at: what was met, and what to do where it is not well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Weight = Literal["ok", "advice", "fault"]


@dataclass(frozen=True, slots=True)
class Finding:
    """`then` is empty where nothing is to be done; advice alone changes no exit status."""

    weight: Weight
    what: str
    then: str = ""

    def __str__(self) -> str:
        return f"{self.weight:<6} {self.what}{f'; {self.then}' if self.then else ''}"


def ok(what: str) -> Finding:
    return Finding("ok", what)


def advice(what: str, then: str) -> Finding:
    return Finding("advice", what, then)


def fault(what: str, then: str) -> Finding:
    return Finding("fault", what, then)
