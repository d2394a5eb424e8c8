"""How the refusals of the house are said over HTTP; the one place that knows both."""

from __future__ import annotations

from lot.errors import (
    Damaged,
    LotError,
    NoSpace,
    Refused,
    Unreachable,
    Unreadable,
    Unwritable,
    WrongCode,
    WrongUsage,
)
from lot.web.problems import Problem
from server import refusals as own
from server.ingest.refusals import NeverTaken, NotTaken
from server.keys.holder import refusals

# The first that fits: what is narrower stands before what is wider.
_CODES: tuple[tuple[type[LotError], str], ...] = (
    (refusals.Locked, "locked"),
    (refusals.SignedOut, "session_ended"),
    (refusals.NeedsCode, "code_needed"),
    (refusals.NotAllowed, "forbidden"),
    (refusals.BeingChanged, "conflict"),
    (refusals.Overtaken, "conflict"),
    (refusals.NotThem, "wrong_credentials"),
    (refusals.MustWait, "too_many_tries"),
    (refusals.Closed, "console_needed"),
    (refusals.NotReady, "not_ready"),
    (refusals.TooFast, "too_fast"),
    (refusals.Busy, "busy"),
    (refusals.KeyholderAway, "keyholder_away"),
    (own.KeeperAway, "keeper_away"),
    (own.EdgeAway, "edge_away"),
    (own.NotThere, "not_found"),
    (own.Changed, "conflict"),
    (own.AlreadyThere, "already_there"),
    (own.TooMany, "busy"),
    (WrongCode, "wrong_credentials"),
    (Refused, "forbidden"),
    (NoSpace, "storage_full"),
    (Unwritable, "storage_full"),
    (Unreachable, "database_away"),
    (Unreadable, "gone"),
    (WrongUsage, "wrong_field"),
    (Damaged, "malformed"),
)
_AGAIN_S = {
    "busy": 2,
    "not_ready": 2,
    "too_fast": 10,
    "keyholder_away": 5,
    "database_away": 5,
    "storage_full": 60,
}


def problem_of(error: LotError) -> Problem:
    """Return an error of the house as a problem with its code."""
    if isinstance(error, Problem):
        return error
    if isinstance(error, NotTaken):
        return _not_taken(error)
    code = next((code for kind, code in _CODES if isinstance(error, kind)), "internal")
    wait_s = error.wait_s if isinstance(error, refusals.MustWait) else _AGAIN_S.get(code)
    return Problem(code, str(error), retry_s=wait_s)


def _not_taken(error: NotTaken) -> Problem:
    """Say which record can never be taken: the edge's sender goes on by that."""
    sequence = error.sequence if isinstance(error, NeverTaken) else None
    more = {} if sequence is None else {"sequence": sequence}
    return Problem(error.code, str(error), retry_s=_AGAIN_S.get(error.code), **more)
