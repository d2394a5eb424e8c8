"""Who may do what, as one table; the API and the keyholder both decide by it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum


class Role(Enum):
    """What a person is to a lot."""

    OWNER = "owner"
    MANAGER = "manager"
    ATTENDANT = "attendant"
    AUDITOR = "auditor"
    VIEWER = "viewer"


class Right(Enum):
    """A thing that can be done."""

    UNLOCK = "unlock"
    SEE_VISITS = "see_visits"
    SEE_PICTURES = "see_pictures"
    SEE_LIVE = "see_live"
    SEARCH = "search"
    SEE_LISTS = "see_lists"
    CORRECT = "correct"  # and reconcile, desk, bookings
    EXPORT = "export"  # and subject access
    ERASE = "erase"
    COUNT = "count"  # counts and statistics
    MANAGE = "manage"  # capacity, holds, known plates
    ADMINISTER = "administer"  # users, devices, tokens, keys, cameras, lots, retention, backup …
    AUDIT = "audit"  # the audit log, the report of verify


class Limit(Enum):
    """How far a right goes."""

    FULL = "full"
    IF_GIVEN_A_SLOT = "if_given_a_slot"
    TODAY_AND_INSIDE = "today_and_inside"
    INSIDE = "inside"
    WITH_A_REASON = "with_a_reason"
    WITH_A_FRESH_CODE = "with_a_fresh_code"
    OWN_LOT = "own_lot"


_EVERYBODY = dict.fromkeys(Role, Limit.FULL)

TABLE: Mapping[Right, Mapping[Role, Limit]] = {
    Right.UNLOCK: {Role.OWNER: Limit.FULL, Role.MANAGER: Limit.IF_GIVEN_A_SLOT},
    Right.SEE_VISITS: {**_EVERYBODY, Role.ATTENDANT: Limit.TODAY_AND_INSIDE},
    Right.SEE_PICTURES: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.FULL,
        Role.ATTENDANT: Limit.TODAY_AND_INSIDE,
        Role.AUDITOR: Limit.FULL,
    },
    Right.SEE_LIVE: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.FULL,
        Role.ATTENDANT: Limit.FULL,
    },
    Right.SEARCH: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.FULL,
        Role.ATTENDANT: Limit.INSIDE,
        Role.AUDITOR: Limit.WITH_A_REASON,
    },
    Right.SEE_LISTS: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.FULL,
        Role.ATTENDANT: Limit.INSIDE,
        Role.AUDITOR: Limit.WITH_A_REASON,
    },
    Right.CORRECT: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.FULL,
        Role.ATTENDANT: Limit.TODAY_AND_INSIDE,
    },
    Right.EXPORT: {
        Role.OWNER: Limit.WITH_A_FRESH_CODE,
        Role.MANAGER: Limit.WITH_A_FRESH_CODE,
        Role.AUDITOR: Limit.WITH_A_FRESH_CODE,
    },
    Right.ERASE: {Role.OWNER: Limit.WITH_A_FRESH_CODE},
    Right.COUNT: _EVERYBODY,
    Right.MANAGE: {Role.OWNER: Limit.FULL, Role.MANAGER: Limit.FULL},
    Right.ADMINISTER: {Role.OWNER: Limit.FULL},
    Right.AUDIT: {
        Role.OWNER: Limit.FULL,
        Role.MANAGER: Limit.OWN_LOT,
        Role.AUDITOR: Limit.FULL,
    },
}


def reads_lines_of(far: Limit, lots: Collection[bytes], lot: bytes | None) -> bool:
    """Say whether audit lines of a lot are within somebody's right; None: those of no lot.

    `lots` are the account's, none for all.
    """
    if lot is None:
        return far is not Limit.OWN_LOT and not lots
    return not lots or lot in lots


def limit(role: Role, right: Right) -> Limit | None:
    """Return how far `role` may go, or None where it may not."""
    return TABLE[right].get(role)
