"""Which unread entries may be those of a car that was seen to leave and not to come."""

from __future__ import annotations

from collections.abc import Iterable

from server.visits.lessons import STAY, Lessons
from server.visits.story import LONGEST_STAY
from server.visits.values import Visit

OFFERS_MAX = 5  # what a person can compare at a glance


def offers(visit: Visit, others: Iterable[Visit], lessons: Lessons) -> list[Visit]:
    """Return visits of an unread entry that a visit's exit may end, the likeliest first.

    It is for a person to join them: which of two unread cars it was, no rule can tell.
    """
    left_at = visit.left_at
    if left_at is None or "missed_entry" not in visit.flags:
        return []
    found = []
    for other in others:
        came = other.entered_at
        if other.plate is not None or came is None or other.exit is not None:
            continue
        if 0 <= left_at - came <= LONGEST_STAY:
            found.append((-lessons.time("usual", STAY, came, left_at - came), -came, other))
    found.sort(key=lambda ranked: (ranked[0], ranked[1], ranked[2].id))
    return [other for _, _, other in found[:OFFERS_MAX]]
