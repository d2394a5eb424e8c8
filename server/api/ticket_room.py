"""A ticket's link: opens without signing in, and shows that one car."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lot.errors import Damaged
from lot.web.problems import Problem
from lot.web.shapes import TIME, Matching, Maybe, Text, fields
from server.api.app import Asked
from server.api.operations import Door, Operation, Pace, Room
from server.desk import faces
from server.desk.values import number_of
from server.store import lots, ticket_faces
from server.store.database import Database

_TOKEN = Matching(f"[A-Za-z0-9_-]{{{faces.TOKEN_CHARACTERS}}}", "a ticket's token")
_PACE = Pace(60, 60)  # a guest who looks every second; who guesses needs 10^36 minutes


def room(database: Database, is_locked: Callable[[], bool], now: Callable[[], int]) -> Room:
    """Return the room."""
    here = Room("ticket", "What a ticket's link shows")

    @here.answers(
        Operation(
            "show_ticket",
            "GET",
            "/tickets/{token}",
            Door.ANYBODY,
            "Bay and times of a ticket's car, until a day after it left; while the vault is "
            "open the last three letters of its plate.",
            answer=fields(
                lot=Text(64),
                timezone=Text(64),
                number=Text(6),
                bay=Maybe(Text(64)),
                came=TIME,
                called=Maybe(TIME),
                handed=Maybe(TIME),
                tail=Maybe(Text(3)),
                time=TIME,
            ),
            path_shapes={"token": _TOKEN},
            problems=("too_fast", "not_found", "keyholder_away"),
            pace=_PACE,
        )
    )
    def show(asked: Asked) -> Mapping[str, object]:
        token, at = asked.path.text("token"), now()
        with database.read() as read:
            kept = ticket_faces.found(read, faces.id_of(token))
            lot = None if kept is None else lots.found(read, kept.lot)
        if kept is None or lot is None:
            raise _over()
        try:
            face = faces.opened(kept.box, faces.key_of(token), kept.lot, kept.id)
        except Damaged:
            raise _over() from None
        if face.is_over(at):
            raise _over()
        return {
            "lot": lot.name,
            "timezone": lot.timezone,
            "number": number_of(kept.id),
            "bay": face.bay,
            "came": face.came,
            "called": face.called,
            "handed": face.handed,
            "tail": None if is_locked() else face.tail,
            "time": at,
        }

    return here


def _over() -> Problem:
    return Problem("not_found", "there is no such ticket, or its day is over: ask at the desk")
