"""Everybody who may call, for tests that walk all routes: nothing of it is looked up anywhere."""

from __future__ import annotations

from lot.web.problems import Problem
from server.access.refusing import Refusal
from server.access.roles import Role
from server.api.callers import Device, Edge, Person
from server.keys.holder import calls

ROW = calls.Vouched(b"", b"")
BY = calls.Caller("", ROW, ROW)


class Everybody:
    """A session a role, named by its role; one edge; one browser."""

    def person(self, token: str, device: str | None, *, acts: bool) -> Person:
        if token not in {role.value for role in Role}:
            raise Problem("session_ended", "sign in again")
        return Person(bytes(16), token, Role(token), None, bytes(16), 0, False, BY)

    def edge(self, token: str) -> Edge:
        if token != "edge":  # noqa: S105 - a word of the tests
            raise Problem("unauthenticated", "no such edge")
        return Edge(bytes(16), bytes(16))

    def device(self, text: str) -> Device:
        if text != "browser":
            raise Problem("device_unknown", "ask to be approved")
        return Device(bytes(16), calls.Device(ROW, ""))


class Unnoted:
    """Writes no refusal down: there is no audit beside these routes."""

    def note(self, one: Refusal) -> None:
        return None


IDENTITIES: dict[str, dict[str, str]] = {
    "nobody": {},
    "somebody unknown": {"Authorization": "Bearer unknown", "Lot-Device": "unknown"},
    "edge": {"Authorization": "Bearer edge"},
    "browser": {"Lot-Device": "browser"},
    **{role.value: {"Authorization": f"Bearer {role.value}"} for role in Role},
}
