"""What the vault's document says of its callers; the document itself is `lot.web.openapi`'s."""

from __future__ import annotations

from collections.abc import Sequence

from lot.web.openapi import House, Security
from lot.web.shapes import Schema
from server.access.roles import TABLE, Right
from server.api.operations import AUTOMATIC, Access, Door, Operation

_SECURITY: dict[Door, Security] = {
    Door.ANYBODY: [],
    Door.THIS_MACHINE: [],
    Door.DEVICE: [{"device": []}],
    Door.EDGE: [{"edge": []}],
    Door.SIGNED_IN: [{"session": []}],
}
_SCHEMES = {
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "What a sign-in or an unlock answered.",
    },
    "edge": {
        "type": "http",
        "scheme": "bearer",
        "description": "An edge's token; also as `Token X`, or Basic with X as the password.",
    },
    "device": {
        "type": "apiKey",
        "in": "header",
        "name": "Lot-Device",
        "description": "An approved browser's id and key, a dot between.",
    },
}


def _codes(access: Access) -> set[str]:
    found = {"database_away", "unconfigured"}
    if access is not Door.ANYBODY:
        found |= {"unauthenticated", "session_ended", "keyholder_away", "too_fast"}
    if isinstance(access, Right) or access is Door.THIS_MACHINE:
        found.add("forbidden")
    if isinstance(access, Right):
        found.add("not_ready")
    if access is Door.DEVICE:
        found.add("device_unknown")
    if access is Door.EDGE:
        found.add("edge_revoked")
    return found


def _whose(access: Access) -> str:
    if isinstance(access, Door):
        return f"For: {access.value.replace('_', ' ')}."
    roles = TABLE[access]
    said = ", ".join(
        f"{role.value} ({limit.value.replace('_', ' ')})" for role, limit in roles.items()
    )
    return f"Right `{access.value}`: {said}."


def _security(access: Access) -> Security:
    return _SECURITY[access] if isinstance(access, Door) else [{"session": []}]


def _headers(operation: Operation) -> Sequence[Schema]:
    access = operation.access
    if not operation.is_presence or not (isinstance(access, Right) or access is Door.SIGNED_IN):
        return ()
    said = "Sent with what a page asks by itself, so that it keeps no vault open."
    schema = {"type": "string", "const": "1"}
    return (
        {
            "name": AUTOMATIC,
            "in": "header",
            "required": False,
            "schema": schema,
            "description": said,
        },
    )


HOUSE: House[Access] = House(
    title="Lotkeeper",
    about="The server that stores what it cannot read until an owner unlocks it. "
    "Times are microseconds since 1970, UTC; ids and hashes are lower hex.",
    schemes=_SCHEMES,
    security=_security,
    whose=_whose,
    codes=_codes,
    headers=_headers,
)
