"""Rows under the people key: which kinds there are, and by which right each is read and changed.

The keyholder goes by this table alone: who asks names a kind, and never a right.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.access.roles import Right

SEEDS = "seeds"  # of whoever has a code and no slot
KNOWN = "known"  # a plate on a list
RULE = "notify_rule"  # what may be told of cars, and whether by their plates
HOLD = "hold"  # an event that is kept beyond its time; the row's id is the event's
API_ROWS = "edge_apis"  # certificates of the edges' own API


@dataclass(frozen=True, slots=True)
class RowRights:
    """The right to read a kind of row and the right to change it; None where no call does.

    With `let_in` somebody comes in by it later on: writing it asks for a fresh code too.
    """

    reads: Right | None
    writes: Right | None
    let_in: bool = False


ROWS: Mapping[str, RowRights] = {
    KNOWN: RowRights(Right.SEE_LISTS, Right.MANAGE),
    "customer": RowRights(Right.CORRECT, Right.CORRECT),
    "booking": RowRights(Right.CORRECT, Right.CORRECT),
    "ticket": RowRights(Right.CORRECT, Right.CORRECT),
    HOLD: RowRights(Right.MANAGE, Right.MANAGE),
    # Beside it lies the same in clear; the keyholder goes by this one when nobody is signed in.
    RULE: RowRights(None, Right.ADMINISTER),
    # A secret is shown once, when it is made: no call gives it out again, whoever asks.
    SEEDS: RowRights(None, Right.ADMINISTER, let_in=True),
    # By it the web process knows the edge that it asks for who may see the gate live; what opens
    # the edge is a grant a time. Enrolment makes them.
    API_ROWS: RowRights(Right.SEE_LIVE, None),
}
