"""Wrong kinds before and after the visits' stories, and whether their probability is true.

Four ways of putting cameras up, the same weeks drawn from seeds; the gate's own kinds are the
baseline. A kind is wrong where the drawn truth has another.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from benchmarks.figure import Figure, figure, main
from benchmarks.weeks import Scene, Weeks, drawn
from server.visits.darkness import darkness
from server.visits.learning import learned
from server.visits.telling import visits
from server.visits.values import Sureness, Visit, sighted

# name, scene, and at most what share of the gate's wrong kinds may be left: that of the design's
# simulated weeks
SCENES = (
    ("ways seen, sides unnamed", Scene(), 39 / 443),
    ("put up at noon", Scene(from_hour=12.0), 80 / 2409),
    ("two cameras", Scene(cameras=2, ways_seen=0.0), 32 / 313),
    ("no borders seen", Scene(ways_seen=0.0), 539 / 861),
)
SEEDS = (1, 2, 3)
_LEAST: dict[Sureness, float] = {"certain": 0.95, "likely": 0.7}


def measure(_: argparse.Namespace) -> Sequence[Figure]:
    """Draw and tell every scene."""
    figures = []
    for name, scene, share in SCENES:
        before = after = events = 0
        right: dict[Sureness, list[bool]] = {"certain": [], "likely": [], "open": []}
        for seed in SEEDS:
            weeks = drawn(scene, seed)
            parts = [part for event in weeks.events if (part := sighted(event))]
            dark = darkness(weeks.blind)
            found = visits(parts, (), learned(parts, dark), dark)
            kinds = {visit.entry: "entry" for visit in found}
            kinds |= {visit.exit: "exit" for visit in found}
            events += len(parts)
            before += sum(one.kind != weeks.truth[one.id].kind for one in parts)
            after += sum(kinds.get(one.id) != weeks.truth[one.id].kind for one in parts)
            for visit in found:
                right[visit.sureness].append(is_true(visit, weeks))
        figures.append(
            figure(
                f"visits: wrong kinds left, {name}",
                after / before,
                "share",
                f"<= {share:.4f}",
                f"{before} wrong of {events} by the gate, {after} by the stories",
            )
        )
        for sureness, least in _LEAST.items():
            told = right[sureness]
            figures.append(
                figure(
                    f"visits: {sureness} and right, {name}",
                    sum(told) / len(told) if told else None,
                    "share",
                    f">= {least}",
                    f"{sum(told)} of {len(told)} visits called {sureness}",
                )
            )
    return figures


def is_true(visit: Visit, weeks: Weeks) -> bool:
    """Say whether a visit is a stay that was so, or a half of one."""
    if visit.entry is None or visit.exit is None:
        one = weeks.truth[visit.id]
        return one.kind == ("entry" if visit.entry else "exit")
    came, left = weeks.truth[visit.entry], weeks.truth[visit.exit]
    if came.kind != "entry" or came.car != left.car:
        return False
    later = [one for one in weeks.crossings if one.car == came.car and one.at > came.at]
    return min(later, key=lambda one: one.at, default=None) == left


if __name__ == "__main__":
    sys.exit(main(measure))
