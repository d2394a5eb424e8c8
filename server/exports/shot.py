"""An event with its opened pictures: what films, crops and packages are made of."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.event import Event


@dataclass(frozen=True, slots=True)
class Shot:
    """One event with its opened pictures, by their names in the event."""

    event: Event
    pictures: dict[str, bytes] = field(repr=False)
