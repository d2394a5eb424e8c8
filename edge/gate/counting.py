"""Whether a sighting makes an event at all (rules 6 and 11, and signs and stickers).

What makes none is counted under a word, so that every vehicle has an event or a reason.
"""

from __future__ import annotations

from collections.abc import Sequence

from edge.gate.sightings import Sighting
from edge.gate.values import GateSettings, Uncounted
from edge.gate.ways import View


def uncounted(s: Sighting, views: Sequence[View], settings: GateSettings) -> Uncounted | None:
    """Return why a sighting makes no event; None: it makes one."""
    if is_sign(s, settings):
        return "doubtful"
    if any(v.passes_by for v in views) and not any(v.passes_by is False for v in views):
        return "no_lane" if any(v.camera.lanes and v.lane is None for v in views) else "passed_by"
    if _went_back(views):
        return "went_back"
    if s.spelling is None:
        if not s.moved:
            return "stood_unread"
        if not any(one.passage.legible for one in s.members):
            return "illegible"
    return None


def is_sign(s: Sighting, settings: GateSettings) -> bool:
    """Say whether it is a text of no chosen format on no moving vehicle."""
    if s.spelling is None or settings.of_a_format(s.spelling.text):
        return False
    return not s.moved or all(one.passage.vehicle is None for one in s.members)


def _went_back(views: Sequence[View]) -> bool:
    """One camera saw it go back by its side, and no other saw a way of it."""
    return any(v.went_back for v in views) and not any(
        v.turned or v.whole_way or v.sees_both_ends for v in views if not v.went_back
    )
