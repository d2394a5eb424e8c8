"""Who calls, told from headers alone: no byte of a body is read before this is known."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

from lot.web.problems import Problem
from server.access.roles import Limit, Right, Role, limit
from server.api.operations import AUTOMATIC, Door, Operation
from server.keys.holder import calls

_CREDENTIAL_CHARACTERS_MAX = 512


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody signed in, as the keyholder vouches for them."""

    account: bytes
    name: str
    role: Role
    lots: frozenset[bytes] | None  # None: every lot
    session: bytes  # its id
    ends: int
    unlocked: bool
    by: calls.Caller = field(repr=False)  # what every question to the keyholder bears

    def may(self, right: Right) -> Limit | None:
        return limit(self.role, right)

    def sees(self, lot: bytes) -> bool:
        return self.lots is None or lot in self.lots


@dataclass(frozen=True, slots=True)
class Device:
    """An approved browser."""

    id: bytes
    by: calls.Device = field(repr=False)


@dataclass(frozen=True, slots=True)
class Edge:
    """An enrolled edge, by its token."""

    id: bytes
    lot: bytes


@dataclass(frozen=True, slots=True)
class Stranger:
    """Anybody else."""


Caller = Person | Device | Edge | Stranger


class Callers(Protocol):
    """Tells who holds a credential; Problem where nobody does."""

    def person(self, token: str, device: str | None, *, acts: bool) -> Person:
        """Return whose session this is, at the browser that `device` shows.

        Who `acts` does something just now, which keeps the vault open.
        """

    def edge(self, token: str) -> Edge:
        """Return whose token this is."""

    def device(self, text: str) -> Device:
        """Return which browser this is."""


def caller_of(
    operation: Operation, headers: Mapping[str, str], address: str, callers: Callers
) -> Caller:
    """Return who calls an operation; Problem where nobody holds what it asks for."""
    access, acts = operation.access, operation.is_presence and AUTOMATIC not in headers
    if access is Door.EDGE:
        return callers.edge(_credential(headers))
    if access is Door.DEVICE:
        return callers.device(_short(headers.get("Lot-Device", ""), "device_unknown"))
    if access is Door.THIS_MACHINE and is_here(address):
        return Stranger()
    if access is Door.ANYBODY and "Authorization" not in headers:
        return Stranger()
    return callers.person(_bearer(headers), headers.get("Lot-Device"), acts=acts)


def check_right(operation: Operation, caller: Caller) -> None:
    """Refuse who has not the right that an operation needs.

    What is administered and is of no lot concerns them all, so it is for who has them all.
    """
    if not isinstance(caller, Person):
        return
    access = operation.access
    right = Right.ADMINISTER if access is Door.THIS_MACHINE else access
    if not isinstance(right, Right):
        return
    check_may(caller, right)
    if right is Right.ADMINISTER and "lot" not in operation.path_shapes and caller.lots is not None:
        raise Problem("forbidden", "this concerns every lot, and not all are yours")


def check_may(person: Person, right: Right) -> None:
    """Refuse who has not a right at all."""
    if person.may(right) is None:
        raise Problem("forbidden", f"a {person.role.value} has not the right {right.value}")


def is_here(address: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _bearer(headers: Mapping[str, str]) -> str:
    kind, _, token = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise Problem("unauthenticated", "sign in, and send the session as Authorization: Bearer")
    return _short(token.strip(), "unauthenticated")


def _credential(headers: Mapping[str, str]) -> str:
    """Return an edge's token, however its client spells it."""
    kind, _, given = headers.get("Authorization", "").partition(" ")
    if kind.lower() in ("bearer", "token") and given.strip():
        return _short(given.strip(), "unauthenticated")
    if kind.lower() == "basic":
        try:
            said = base64.b64decode(given.strip(), validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            said = ""
        return _short(said.partition(":")[2], "unauthenticated")
    raise Problem("unauthenticated", "send the edge's token as Authorization: Bearer")


def _short(text: str, code: str) -> str:
    if not 0 < len(text) <= _CREDENTIAL_CHARACTERS_MAX or not text.isascii():
        raise Problem(code, "what was sent is no credential of ours")
    return text
