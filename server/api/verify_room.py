"""Reports of verify: begun, waited for, and fetched byte for byte, so that others check them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import get_args

from flask import Response

from contract.head import ID_BYTES
from lot.web.shapes import TIME, Many, Maybe, Octets, Text, Word
from lot.web.shapes import fields as object_of
from server.access.roles import Limit, Right
from server.api.app import Asked
from server.api.operations import JSON, Bytes, Operation, Pace, Room
from server.store import lots
from server.verify.verifying import KEPT_MAX, State, Verifying, of_lots

_ID = Octets(ID_BYTES)
_PACE = Pace(6, 3600)  # a walk takes minutes of a small machine


def room(verifying: Verifying) -> Room:
    """Return the room."""
    here = Room("verify", "Reports of verify: nothing missing, nothing altered, or what is")

    @here.answers(
        Operation(
            "begin_report",
            "POST",
            "/verify/reports",
            Right.AUDIT,
            "Begin a walk over everything that is kept; its report is in the list when it ends.",
            answer=object_of(id=_ID),
            problems=("already_there",),
            status=202,
            pace=_PACE,
        )
    )
    def begin(asked: Asked) -> Mapping[str, object]:
        return {"id": verifying.begin(asked.person.account)}

    @here.answers(
        Operation(
            "list_reports",
            "GET",
            "/verify/reports",
            Right.AUDIT,
            f"The newest {KEPT_MAX} reports, and the walk under way.",
            answer=object_of(
                rows=Many(
                    object_of(
                        id=_ID,
                        made=TIME,
                        state=Word(get_args(State)),
                        why=Maybe(Text(500)),
                    ),
                    KEPT_MAX + 1,
                )
            ),
        )
    )
    def every(_: Asked) -> Mapping[str, object]:
        return {"rows": [asdict(one) for one in verifying.every()]}

    @here.answers(
        Operation(
            "read_report",
            "GET",
            "/verify/reports/{id}",
            Right.AUDIT,
            "A report as it is kept, for `verify --against`; a manager's has their lots' writers.",
            answer=Bytes(JSON),
            path_shapes={"id": _ID},
            problems=("gone",),
        )
    )
    def one(asked: Asked) -> Response:
        report = verifying.report(asked.path.octets("id"))
        person = asked.person
        if person.lots is not None or person.may(Right.AUDIT) is Limit.OWN_LOT:
            report = of_lots(report, _lots_of(asked, verifying))
        return Response(report, content_type=JSON)

    return here


def _lots_of(asked: Asked, verifying: Verifying) -> list[bytes]:
    with verifying.database.read() as read:
        return [one.lot for one in lots.every(read) if asked.person.sees(one.lot)]
