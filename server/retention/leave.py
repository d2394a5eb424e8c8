"""Whether retention may run by itself, or a person must say so first.

What is destroyed cannot be asked back. A clock that jumped ahead would make everything due at
once, and so would a retention that was set to a few days by mistake, or on purpose.
"""

from __future__ import annotations

from dataclasses import dataclass

from lot.clock import State
from lot.errors import Refused
from server.retention.plan import DAY, Plan

DAYS_AT_ONCE = 3
CLOCK_DAYS = 2


@dataclass(frozen=True, slots=True)
class Moment:
    """What the clock says, what it stands on, and when retention last ran."""

    now: int
    clock: State
    last: int | None


def check_leave(plan: Plan, at: Moment, *, confirmed: bool) -> None:
    """Refuse a run on a wrong clock; and without a person's word one that takes much at once."""
    if at.clock == "behind":
        raise Refused(
            "nothing is erased on a clock that is behind",
            then="set the clock, or let the machine reach a time server",
        )
    if confirmed:
        return
    if at.last is not None and abs(at.now - at.last) > CLOCK_DAYS * DAY:
        days = abs(at.now - at.last) // DAY
        raise Refused(
            f"retention last ran {days} days from now by this clock, which may have jumped",
            then="see whether the date is right, and set the clock if not",
        )
    if plan.days() > DAYS_AT_ONCE:
        raise Refused(
            f"{plan.days()} days' worth is due at once",
            then="see whether the lots' retention is set as meant, and lengthen it if not",
        )
