"""How the server stands, for the door and for the frame around every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import get_args

from contract.audit import SERVER_CLOCKS, ServerClock
from lot.web.shapes import TIME, Many, Maybe, Text, Truth, Whole, Word, fields
from server.api.app import Asked
from server.api.callers import Person
from server.api.operations import Door, Operation, Room
from server.api.spoken import LOT
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.store import alarms, lots
from server.store.database import Database
from server.store.lots import Lot


@dataclass(frozen=True, slots=True)
class Standing:
    """What the answer is made from."""

    database: Database
    keyholder: Keyholder
    now: Callable[[], int]  # µs UTC
    clock: Callable[[], ServerClock]


STATUS = fields(
    optional=["lots", "alarms"],
    state=Word(get_args(calls.State)),
    locked=Truth(),
    locks_in_s=Maybe(Whole()),
    split=Truth(),
    time=TIME,
    clock=Word(SERVER_CLOCKS),
    lots=Many(fields(lot=LOT, name=Text(64), timezone=Text(64)), 1000),
    alarms=Whole(),
)


def room(standing: Standing) -> Room:
    """Return the room."""
    stands = Room("standing", "How the server stands")

    @stands.answers(
        Operation(
            "read_status",
            "GET",
            "/status",
            Door.ANYBODY,
            "How the server stands; lots and alarms for who is signed in.",
            answer=STATUS,
            problems=("session_ended", "keyholder_away"),
            is_presence=False,
        )
    )
    def status(asked: Asked) -> Mapping[str, object]:
        said = standing_said(standing, standing.keyholder.status())
        if isinstance(asked.caller, Person):
            with standing.database.read() as read:
                seen = [one for one in lots.every(read) if asked.caller.sees(one.lot)]
                many = sum(len(alarms.standing(read, one.lot)) for one in seen)
            said.update(lots_said(seen, many))
        return said

    return stands


def standing_said(standing: Standing, condition: calls.Condition) -> dict[str, object]:
    """Return as JSON how the server stands, for anybody."""
    return {
        "state": condition.state,
        "locked": condition.state != "unlocked",
        "locks_in_s": condition.locks_in_s,
        "split": condition.keeper is not None,
        "time": standing.now(),
        "clock": standing.clock(),
    }


def lots_said(seen: Sequence[Lot], alarms_standing: int) -> dict[str, object]:
    """Return as JSON what is added for who is signed in: their lots."""
    return {
        "lots": [{"lot": one.lot, "name": one.name, "timezone": one.timezone} for one in seen],
        "alarms": alarms_standing,
    }
