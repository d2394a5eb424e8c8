"""Which requests are somebody's presence: what a person does, and nothing that a page asks."""

from __future__ import annotations

import pytest

from server.access.roles import Right
from server.api.app import Asked, Frame, create
from server.api.callers import Person
from server.api.operations import Operation, Room
from server.api.refused import problem_of
from server.api.watching import Watch
from tests.server.api.identities import Everybody, Unnoted


class Recording(Everybody):
    def __init__(self) -> None:
        self.acted: list[bool] = []

    def person(self, token: str, device: str | None, *, acts: bool) -> Person:
        self.acted.append(acts)
        return super().person(token, device, acts=acts)


class Unpaced:
    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0


@pytest.mark.parametrize(
    ("path", "headers", "acts"),
    [
        ("look", {}, True),
        ("look", {"Lot-Automatic": "1"}, False),
        ("poll", {}, False),
    ],
)
def test_a_request_is_presence_where_a_person_makes_it(
    path: str, headers: dict[str, str], acts: bool
) -> None:
    callers = Recording()
    app = create(Frame(callers, Unpaced(), Watch(), problem_of, Unnoted()), [_room()])
    asked = {"Authorization": "Bearer owner", **headers}
    assert app.test_client().get(f"/api/v1/{path}", headers=asked).status_code == 204
    assert callers.acted == [acts]


def _room() -> Room:
    room = Room("some", "Some")
    for name, is_presence in (("look", True), ("poll", False)):

        @room.answers(
            Operation(name, "GET", f"/{name}", Right.COUNT, "", status=204, is_presence=is_presence)
        )
        def view(_: Asked) -> None:
            return None

    return room
