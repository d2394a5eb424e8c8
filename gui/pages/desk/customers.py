"""Who comes again: kept for a plate at the desk, and filled in the next time it comes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contract.plates import normalise
from gui.carried import carried, server
from gui.server_api import Problem

WORDS = ("name", "phone", "mail")  # what is kept of them, as the check-in asks for it


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who was kept, with all of their plates."""

    id: str
    version: int
    content: Mapping[str, Any] = field(repr=False)

    def filled(self, typed: Mapping[str, str]) -> dict[str, str]:
        """Return what a form shows: what was typed goes before what was kept."""
        return {**typed, **{name: typed[name] or self.content[name] or "" for name in WORDS}}


def known(lot: str, plate: str | None) -> Customer | None:
    """Return who was kept for a plate; None where it is none, or nobody was."""
    if not plate:
        return None
    try:
        said: dict[str, Any] = server().get(f"/lots/{lot}/customer", carried().holder, plate=plate)
    except Problem as problem:
        if problem.code != "wrong_field":  # what was typed is no plate: its own field says so
            raise
        return None
    row = said["customer"]
    return None if row is None else Customer(row["id"], row["version"], row["content"])


def keep(lot: str, plate: str, words: Mapping[str, object]) -> None:
    """Keep somebody for a plate; who was kept for it before gets these words."""
    try:
        _keep(lot, plate, words)
    except Problem as problem:
        if problem.code != "conflict":
            raise
        _keep(lot, plate, words)  # another desk kept them at this moment: ours comes after it


def forget(lot: str, customer: Customer) -> None:
    """Let somebody go with all of their plates."""
    body = {"version": customer.version}
    server().send("DELETE", f"/lots/{lot}/customers/{customer.id}", carried().holder, body)


def _keep(lot: str, plate: str, words: Mapping[str, object]) -> None:
    before, mine = known(lot, plate), {name: words[name] for name in WORDS}
    if before is None:
        content = {**mine, "plates": [normalise(plate)], "note": None}
        server().send("POST", f"/lots/{lot}/customers", carried().holder, content)
        return
    changed = {"version": before.version, "content": {**before.content, **mine}}
    server().send("PUT", f"/lots/{lot}/customers/{before.id}", carried().holder, changed)
