"""What leaves the server opened, under a fresh code: tables, film, and a person's own pack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from flask import Response

from lot.web.problems import Problem
from lot.web.shapes import TIME, Many, Shape, Text, fields
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Bytes, Operation, Room
from server.api.spoken import EVENT_ID, LOT, PLATE, REASON
from server.exports.exporting import Exporting, Subject, Wish

ZIP = "application/zip"
_THEIRS_MAX = 500
_RANGE: Mapping[str, Shape] = {"first": TIME, "last": TIME, "reason": REASON}
_PROBLEMS = ("locked", "code_needed", "forbidden", "too_fast")


def room(exporting: Exporting) -> Room:
    """Return the room."""
    here = Room("exports", "Exports, each with a signed manifest")
    _bind_ranges(here, exporting)
    _bind_crops(here, exporting)
    _bind_subject(here, exporting)
    return here


def _bind_ranges(here: Room, exporting: Exporting) -> None:
    @here.answers(
        Operation(
            "export_tables",
            "GET",
            "/lots/{lot}/exports/tables",
            Right.EXPORT,
            "Events and visits of a range as CSV in a ZIP; type a fresh code for the range before.",
            answer=Bytes(ZIP),
            path_shapes={"lot": LOT},
            query=_RANGE,
            problems=_PROBLEMS,
        )
    )
    def tables(asked: Asked) -> Response:
        return _sent("tables", exporting.tables(_wish(asked)))

    @here.answers(
        Operation(
            "export_film",
            "GET",
            "/lots/{lot}/exports/film",
            Right.EXPORT,
            "Pictures and clips of a range as one MP4 in a ZIP; needs a fresh code as tables do.",
            answer=Bytes(ZIP),
            path_shapes={"lot": LOT},
            query=_RANGE,
            problems=_PROBLEMS,
        )
    )
    def film(asked: Asked) -> Response:
        return _sent("film", exporting.film(_wish(asked)))


def _bind_crops(here: Room, exporting: Exporting) -> None:
    @here.answers(
        Operation(
            "export_crops",
            "GET",
            "/lots/{lot}/exports/crops",
            Right.ADMINISTER,
            "Plates of a range as they were photographed, with what they say, to train a reader; "
            "needs a fresh code as tables do.",
            answer=Bytes(ZIP),
            path_shapes={"lot": LOT},
            query=_RANGE,
            problems=_PROBLEMS,
        )
    )
    def crops(asked: Asked) -> Response:
        return _sent("crops", exporting.crops(_wish(asked)))


def _bind_subject(here: Room, exporting: Exporting) -> None:
    @here.answers(
        Operation(
            "export_subject",
            "POST",
            "/lots/{lot}/exports/subject",
            Right.EXPORT,
            "All that is kept about one plate, for who asks for it; `theirs` are the doubtful "
            "events that a person said are this plate's.",
            answer=Bytes(ZIP),
            path_shapes={"lot": LOT},
            body=fields(plate=PLATE, ground=Text(200), theirs=Many(EVENT_ID, _THEIRS_MAX)),
            problems=_PROBLEMS,
        )
    )
    def pack(asked: Asked) -> Response:
        body = asked.body
        whose = Subject(body.text("plate"), body.text("ground"), body.texts("theirs"))
        return _sent("subject", exporting.subject(_whole(asked, body.text("ground")), whose))

    @here.answers(
        Operation(
            "find_doubtful",
            "POST",
            "/lots/{lot}/exports/doubtful",
            Right.EXPORT,
            "The events that only may be of a plate, for a person to say which are.",
            answer=fields(events=Many(EVENT_ID, _THEIRS_MAX)),
            path_shapes={"lot": LOT},
            body=fields(plate=PLATE, ground=Text(200)),
            problems=_PROBLEMS,
        )
    )
    def doubtful(asked: Asked) -> Mapping[str, object]:
        wish = _whole(asked, asked.body.text("ground"))
        return {"events": exporting.doubtful(wish, asked.body.text("plate"))[:_THEIRS_MAX]}


def _wish(asked: Asked) -> Wish:
    lot, query = own_lot(asked.person, asked.path.octets("lot")), asked.query
    first, last = query.whole_or_none("first"), query.whole_or_none("last")
    if first is not None and last is not None and last <= first:
        raise Problem("wrong_field", "last must be after first", field="last")
    return Wish(asked.person.by, lot, first, last, query.text_or_none("reason"))


def _whole(asked: Asked, ground: str) -> Wish:
    lot = own_lot(asked.person, asked.path.octets("lot"))
    return Wish(asked.person.by, lot, None, None, ground)


def _sent(name: str, pieces: Iterator[bytes]) -> Response:
    """Stream; what is refused before there is a first byte is a problem, and no empty file."""
    answer = Response(_begun(pieces), content_type=ZIP)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.zip"'
    return answer


def _begun(pieces: Iterator[bytes]) -> Iterator[bytes]:
    first = next(pieces, b"")

    def whole() -> Iterator[bytes]:
        yield first
        yield from pieces

    return whole()
