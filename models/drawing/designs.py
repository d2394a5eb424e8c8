"""Every design that is drawn, and made-up texts for them."""

from __future__ import annotations

from functools import cache

import numpy as np

from models.drawing.american import TEXAS, states
from models.drawing.design import PlateDesign, serial_of
from models.drawing.world import WORLD


def random_serial(region: str, rng: np.random.Generator) -> str:
    """Return a made-up text of the region, without separators; common formats come oftener."""
    possible = designs_of(region)
    design = possible[min(int(rng.geometric(0.55)) - 1, len(possible) - 1)]
    return serial_of(design, rng)


def designs_of(region: str) -> tuple[PlateDesign, ...]:
    """Return the designs of `us-tx`, `eu` and so on, or of all states for `us`."""
    found = tuple(
        d for d in designs().values() if d.region == region or d.region.startswith(region + "-")
    )
    if not found:
        raise ValueError(f"no plate is drawn for the region {region!r}")
    return found


@cache
def designs() -> dict[str, PlateDesign]:
    """Return every design by its name; a region's commonest stands first."""
    return {design.name: design for design in (*TEXAS, *states(), *WORLD)}
