"""Browsers: asking to be approved, waiting, and being let in or sent away."""

from __future__ import annotations

from collections.abc import Mapping

from lot.web.problems import Problem
from lot.web.shapes import TIME, Many, Matching, Octets, Text, Truth, Word, fields
from server.access.approving import Approving, NotAsked
from server.access.roles import Right
from server.api.app import Asked
from server.api.operations import Door, Operation, Pace, Room
from server.store.device_requests import WAITING_MAX
from server.store.vouched import found

DEVICES_MAX = 1000
_ID = Octets(16)
_NUMBER = Matching("[0-9]{6}", "the six digits on the other screen")


def room(approving: Approving) -> Room:
    """Return the room."""
    devices = Room("devices", "Browsers")

    @devices.answers(
        Operation(
            "ask_for_approval",
            "POST",
            "/devices/requests",
            Door.ANYBODY,
            "Ask for this browser to be approved; it keeps the key and shows the number.",
            answer=fields(id=_ID, number=_NUMBER, key=Text(64)),
            body=fields(name=Text(64)),
            problems=("forbidden",),
            status=201,
            pace=Pace(10, 600),
        )
    )
    def ask(asked: Asked) -> Mapping[str, object]:
        made = approving.ask(asked.body.text("name"), asked.address)
        return {"id": made.id, "number": made.number, "key": made.key}

    @devices.answers(
        Operation(
            "read_request",
            "GET",
            "/devices/requests/{id}",
            Door.ANYBODY,
            "Whether this browser still waits, was approved, or neither.",
            answer=fields(state=Word(("waiting", "approved", "ended"))),
            path_shapes={"id": _ID},
        )
    )
    def state(asked: Asked) -> Mapping[str, object]:
        id_ = asked.path.octets("id")
        if any(one.id == id_ for one in approving.waiting()):
            return {"state": "waiting"}
        with approving.database.read() as connection:
            is_there = found(connection, "devices", id_) is not None
        return {"state": "approved" if is_there else "ended"}

    @devices.answers(
        Operation(
            "list_requests",
            "GET",
            "/devices/requests",
            Right.ADMINISTER,
            "Which browsers wait; the number is compared on the other screen, so it is not here.",
            answer=fields(
                rows=Many(fields(id=_ID, name=Text(64), address=Text(64), asked=TIME), WAITING_MAX)
            ),
        )
    )
    def waiting(_: Asked) -> Mapping[str, object]:
        return {
            "rows": [
                {"id": one.id, "name": one.name, "address": one.address, "asked": one.asked}
                for one in approving.waiting()
            ]
        }

    @devices.answers(
        Operation(
            "approve_device",
            "POST",
            "/devices/requests/{id}",
            Right.ADMINISTER,
            "Approve the browser that shows this number; it asks for a fresh code to `admit`.",
            path_shapes={"id": _ID},
            body=fields(number=_NUMBER, is_desk=Truth()),
            problems=("locked", "conflict", "code_needed"),
            status=204,
            pace=Pace(10, 600),  # so the six digits are compared, and not tried
        )
    )
    def approve(asked: Asked) -> None:
        try:
            approving.approve(
                asked.person.by,
                asked.path.octets("id"),
                asked.body.text("number"),
                is_desk=bool(asked.body.truth_or_none("is_desk")),
            )
        except NotAsked as error:
            raise Problem("not_found", str(error)) from None

    @devices.answers(
        Operation(
            "refuse_device",
            "DELETE",
            "/devices/requests/{id}",
            Right.ADMINISTER,
            "Send a browser away that waits.",
            path_shapes={"id": _ID},
            status=204,
        )
    )
    def refuse(asked: Asked) -> None:
        approving.refuse(asked.person.by, asked.path.octets("id"))

    @devices.answers(
        Operation(
            "list_devices",
            "GET",
            "/devices",
            Right.ADMINISTER,
            "Every browser that was approved.",
            answer=fields(
                rows=Many(
                    fields(id=_ID, name=Text(64), approved_by=_ID, made=TIME, is_desk=Truth()),
                    DEVICES_MAX,
                )
            ),
        )
    )
    def every(_: Asked) -> Mapping[str, object]:
        names = ("id", "name", "approved_by", "made", "is_desk")
        return {"rows": [{n: getattr(one, n) for n in names} for one in approving.devices()]}

    @devices.answers(
        Operation(
            "revoke_device",
            "DELETE",
            "/devices/{id}",
            Right.ADMINISTER,
            "Close a browser; whoever is signed in there is signed in no more.",
            path_shapes={"id": _ID},
            problems=("locked", "conflict"),
            status=204,
        )
    )
    def revoke(asked: Asked) -> None:
        try:
            approving.revoke(asked.person.by, asked.path.octets("id"))
        except NotAsked as error:
            raise Problem("not_found", str(error)) from None

    return devices
