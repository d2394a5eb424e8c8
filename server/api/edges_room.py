"""The boxes at the gates: invited, given cameras and tokens, sent away."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from lot.addresses import Address
from lot.web.problems import Problem
from lot.web.shapes import TIME, Many, Maybe, Named, Octets, Text, Whole, Word, fields
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Room
from server.api.spoken import LOT
from server.edges.register import Edge, Edges

EDGES_MAX = 1000
CAMERAS_MAX = 64
_ID = Octets(16)
_CAMERA = Text(64)  # as in the edge's settings
_EDGE = Named(
    "Edge",
    fields(
        lot=LOT,
        id=_ID,
        name=Text(64),
        state=Word(("good", "revoked", "closed")),
        cameras=Many(Text(64), CAMERAS_MAX),
        brought=Maybe(TIME),
    ),
)
_PATH = {"edge": _ID}


def room(edges: Edges, where: Callable[[], Address]) -> Room:
    """Return the room; `where` says where an edge finds this server."""
    here = Room("edges", "The boxes at the gates, their cameras and tokens")
    _bind_list(here, edges)
    _bind_inviting(here, edges, where)
    _bind_tokens(here, edges)
    return here


def _bind_list(here: Room, edges: Edges) -> None:
    @here.answers(
        Operation(
            "list_edges",
            "GET",
            "/edges",
            Right.SEE_LIVE,
            "Every edge of the caller's lots, the oldest first; `brought` is when a record of it "
            "last came. Revoked ones stay in the list, since what they brought counts.",
            answer=fields(rows=Many(_EDGE, EDGES_MAX)),
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        mine = [one for one in edges.every() if asked.person.sees(one.row.lot)]
        return {"rows": [_said(one, edges.brought(one)) for one in mine[:EDGES_MAX]]}

    @here.answers(
        Operation(
            "add_cameras",
            "POST",
            "/edges/{edge}/cameras",
            Right.ADMINISTER,
            "Let an edge testify for more cameras; it asks for a fresh code to `admit`.",
            path_shapes=_PATH,
            body=fields(cameras=Many(_CAMERA, CAMERAS_MAX)),
            problems=("locked", "conflict", "forbidden", "code_needed"),
            status=204,
        )
    )
    def cameras(asked: Asked) -> None:
        edge, more = _good(asked, edges), asked.body.texts("cameras")
        if len({*edge.rights.cameras, *more}) > CAMERAS_MAX:
            raise Problem("wrong_field", f"an edge has {CAMERAS_MAX} cameras at most")
        edges.add_cameras(asked.person.by, edge, more)

    @here.answers(
        Operation(
            "revoke_edge",
            "DELETE",
            "/edges/{edge}",
            Right.ADMINISTER,
            "Send an edge away: what it brought so far counts, and nothing after it. Said again it "
            "is confirmed again.",
            path_shapes=_PATH,
            problems=("locked", "conflict", "forbidden"),
            status=204,
        )
    )
    def revoke(asked: Asked) -> None:
        edges.revoke(asked.person.by, _edge(asked, edges))


def _bind_inviting(here: Room, edges: Edges, where: Callable[[], Address]) -> None:
    @here.answers(
        Operation(
            "invite_edge",
            "POST",
            "/lots/{lot}/invitations",
            Right.ADMINISTER,
            "A code for `python -m edge enrol`: good once, and while the vault stays open. It asks "
            "for a fresh code to `admit`.",
            answer=fields(code=Text(256), seconds=Whole(1)),
            path_shapes={"lot": LOT},
            body=fields(cameras=Many(_CAMERA, CAMERAS_MAX)),
            problems=("locked", "busy", "forbidden", "code_needed"),
            status=201,
        )
    )
    def invite(asked: Asked) -> Mapping[str, object]:
        lot, cameras = own_lot(asked.person, asked.path.octets("lot")), asked.body.texts("cameras")
        if not cameras:
            raise Problem("wrong_field", "name a camera at least", field="cameras")
        made = edges.invite(asked.person.by, lot, cameras)
        return {"code": f"{made.code}@{where()}", "seconds": made.seconds}


def _bind_tokens(here: Room, edges: Edges) -> None:
    path = "/edges/{edge}/token"

    @here.answers(
        Operation(
            "rotate_token",
            "POST",
            path,
            Right.ADMINISTER,
            "Another token for the edge's `LOT_SERVER_TOKEN`, shown once; the one before holds "
            "until this one is used, seven days at most.",
            answer=fields(token=Text(256)),
            path_shapes=_PATH,
            problems=("conflict", "forbidden"),
            status=201,
        )
    )
    def rotate(asked: Asked) -> Mapping[str, object]:
        return {"token": edges.rotate_token(asked.person.by, _good(asked, edges)).text}

    @here.answers(
        Operation(
            "revoke_tokens",
            "DELETE",
            path,
            Right.ADMINISTER,
            "Take away every token of an edge; it comes back with another one.",
            path_shapes=_PATH,
            problems=("forbidden",),
            status=204,
        )
    )
    def drop(asked: Asked) -> None:
        edges.revoke_tokens(asked.person.by, _edge(asked, edges))


def _edge(asked: Asked, edges: Edges) -> Edge:
    """Return an edge of the caller's lots; all others are not there for them."""
    id_ = asked.path.octets("edge")
    for one in edges.every():
        if one.row.writer == id_ and asked.person.sees(one.row.lot):
            return one
    raise Problem("not_found", "there is no such edge")


def _good(asked: Asked, edges: Edges) -> Edge:
    """Return an edge that was not sent away."""
    edge = _edge(asked, edges)
    if edge.rights.until is not None:
        raise Problem("conflict", "this edge was sent away: it comes back by enrolling anew")
    return edge


def _said(one: Edge, brought: int | None) -> dict[str, object]:
    gone = one.rights.until is not None
    return {
        "lot": one.row.lot,
        "id": one.row.writer,
        "name": one.row.name,
        "state": "revoked" if gone else "closed" if one.row.closed else "good",
        "cameras": one.rights.cameras,
        "brought": brought,
    }
