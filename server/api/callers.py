"""Who calls, told from headers alone: no byte of a body is read before this is known."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from dataclasses import dataclass, field
from ipaddress import ip_address
from typing import Protocol

from server.access.roles import Limit, Right, Role, limit
from server.api.operations import Access, Door
from server.api.problems import Problem
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

    def person(self, token: str, device: str | None) -> Person:
        """Return whose session this is, at the browser that `device` shows."""

    def edge(self, token: str) -> Edge:
        """Return whose token this is."""

    def device(self, text: str) -> Device:
        """Return which browser this is."""


def let_in(access: Access, headers: Mapping[str, str], address: str, callers: Callers) -> Caller:
    """Return who calls an operation; Problem where they may not."""
    if isinstance(access, Right):
        return _with_right(access, headers, callers)
    if access is Door.EDGE:
        return callers.edge(_credential(headers))
    if access is Door.DEVICE:
        return callers.device(_short(headers.get("Lot-Device", ""), "device_unknown"))
    if access is Door.SIGNED_IN:
        return _person(headers, callers)
    if access is Door.THIS_MACHINE:
        if is_here(address):
            return Stranger()
        return _with_right(Right.ADMINISTER, headers, callers)
    return _person(headers, callers) if "Authorization" in headers else Stranger()


def is_here(address: str) -> bool:
    """Say whether an address is this machine's own."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return False


def _with_right(right: Right, headers: Mapping[str, str], callers: Callers) -> Person:
    person = _person(headers, callers)
    if person.may(right) is None:
        raise Problem("forbidden", f"a {person.role.value} has not the right {right.value}")
    return person


def _person(headers: Mapping[str, str], callers: Callers) -> Person:
    return callers.person(_bearer(headers), headers.get("Lot-Device"))


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
