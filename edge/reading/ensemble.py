"""Two engines or more read each crop, and the house's own vote makes one reading of it.

Engines err differently, so where they agree they are surer together, and where they differ the
weights decide (`edge.reading.choice`). The vote is the one that joins the looks
at a plate (`edge.voting`): a second engine is a second look with less weight.

An engine that breaks is left out from then on, and it is said once; the last one is not.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from types import MappingProxyType

from edge.reading import Reader
from edge.reading.crops import inner
from edge.reading.texts import nothing
from edge.values import Box, Image, Look, Reading
from edge.voting import WIDTH_ENOUGH, vote
from lot.errors import LotError

ENGINE = "ensemble"

_ANY_TIME = datetime(2000, 1, 1, tzinfo=timezone.utc)
_WHOLE = Box(0, 0, 1, 1)
_log = logging.getLogger(__name__)


class EnsembleReader:
    """Reads each crop with every engine that still works."""

    def __init__(self, members: Mapping[str, Reader], weights: Mapping[str, float]) -> None:
        self._members = dict(members)
        self._weights = MappingProxyType(dict(weights))
        self._margin = max(member.margin for member in members.values())

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see: as much as the greediest of its engines."""
        return self._margin

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        said = {name: self._asked(name, crops) for name in tuple(self._members)}
        heard = {name: readings for name, readings in said.items() if readings is not None}
        return [
            joined([(readings[at], self._weights[name]) for name, readings in heard.items()])
            for at in range(len(crops))
        ]

    def _asked(self, name: str, crops: Sequence[Image]) -> list[Reading] | None:
        member = self._members[name]
        try:
            return member.read([inner(crop, self._margin, member.margin) for crop in crops])
        except LotError as error:
            if len(self._members) == 1:
                raise
            del self._members[name]
            _log.warning("reader=ensemble left_out=%s because=%r", name, str(error))
            return None


def joined(said: Sequence[tuple[Reading, float]]) -> Reading:
    """Return what several engines make of one crop, each with its weight from 0 to 1."""
    looks = [
        Look(reading, _ANY_TIME, 0, _WHOLE, width=WIDTH_ENOUGH * weight, sharpness=1.0)
        for reading, weight in said
    ]
    voted = vote(looks)
    if voted is None:
        return nothing(ENGINE)
    # That it has this many characters is in doubt too, and a reading can say so in them alone.
    whole = 1.0
    for chance in voted.characters:
        whole *= chance
    doubt = (voted.confidence / whole) ** (1 / len(voted.plate)) if whole > 0 else 1.0
    return Reading(
        voted.plate,
        tuple(min(1.0, chance * min(1.0, doubt)) for chance in voted.characters),
        voted.runners,
        ENGINE,
        voted.region,
        min(1.0, voted.region_confidence),
    )
