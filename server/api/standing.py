"""How the server stands, for the door and for the frame around every page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import get_args

from contract.audit import SERVER_CLOCKS, ServerClock
from server.api.app import Asked
from server.api.callers import Person
from server.api.operations import Door, Operation, Room
from server.api.shapes import TIME, Many, Maybe, Text, Truth, Whole, Word, fields
from server.api.spoken import LOT
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.store import alarms, lots
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Standing:
    """What the answer is made from."""

    database: Database
    keyholder: Keyholder
    now: Callable[[], int]  # µs UTC
    clock: Callable[[], ServerClock]


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
            answer=fields(
                optional=["lots", "alarms"],
                state=Word(get_args(calls.State)),
                locked=Truth(),
                locks_in_s=Maybe(Whole()),
                split=Truth(),
                time=TIME,
                clock=Word(SERVER_CLOCKS),
                lots=Many(fields(lot=LOT, name=Text(64), timezone=Text(64)), 1000),
                alarms=Whole(),
            ),
            problems=("session_ended", "keyholder_away"),
        )
    )
    def status(asked: Asked) -> Mapping[str, object]:
        condition = standing.keyholder.status()
        said: dict[str, object] = {
            "state": condition.state,
            "locked": condition.state != "unlocked",
            "locks_in_s": condition.locks_in_s,
            "split": condition.keeper is not None,
            "time": standing.now(),
            "clock": standing.clock(),
        }
        if isinstance(asked.caller, Person):
            said.update(_of_lots(standing.database, asked.caller))
        return said

    return stands


def _of_lots(database: Database, person: Person) -> dict[str, object]:
    with database.read() as connection:
        seen = [one for one in lots.every(connection) if person.sees(one.lot)]
        standing = sum(len(alarms.standing(connection, one.lot)) for one in seen)
    return {
        "lots": [{"lot": one.lot, "name": one.name, "timezone": one.timezone} for one in seen],
        "alarms": standing,
    }
