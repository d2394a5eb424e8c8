"""How the keyholder says no; each has a name on the socket, so that a client raises the same."""

from __future__ import annotations

from collections.abc import Mapping

from contract.canonical import Malformed
from lot.errors import (
    Damaged,
    LotError,
    Refused,
    RolledBack,
    Unreachable,
    Unreadable,
    Unwritable,
    WrongUsage,
)
from lot.errors import WrongCode as WrongInvitation


class Locked(Refused):
    """The vault is shut, so nothing can be read."""


class SignedOut(Refused):
    """The session has ended, was taken back, or never was."""


class NotAllowed(Refused):
    """Signed in, but this person may not do that."""


class NeedsCode(NotAllowed):
    """It can be done, after a fresh one-time code for this purpose and range."""


class BeingChanged(Refused):
    """Somebody else changes at the same moment what this depends on."""


class Overtaken(RolledBack):
    """A version made from one that counts no more: somebody changed the row meanwhile."""


class NotThem(Refused):
    """Wrong passphrase, wrong code or used code: one answer for all."""


class MustWait(Refused):
    """Too many misses in a row; `wait_s` seconds from now the next try is taken."""

    def __init__(self, what: str, *, then: str, wait_s: int = 0) -> None:
        super().__init__(what, then=then)
        self.wait_s = wait_s


class Closed(Refused):
    """So many misses that only the console opens this door again."""


class NotReady(Refused):
    """The index is being built since the vault was opened: the same goes through soon."""


class TooFast(Refused):
    """A session asked for more than people look at."""


class Busy(Unreachable):
    """One derivation is under way and as many wait as may."""


class KeyholderAway(Unreachable):
    """Nobody answers at the keyholder's socket."""


_KINDS: Mapping[str, type[LotError]] = {
    kind.__name__: kind
    for kind in (
        *(Locked, SignedOut, NotAllowed, NeedsCode, BeingChanged, NotThem, MustWait, Closed),
        *(NotReady, TooFast, Busy, Overtaken),
        *(RolledBack, Damaged, Refused, Unreadable, Unwritable, WrongUsage, WrongInvitation),
    )
}


def spelt(error: LotError) -> dict[str, object]:
    """Return a refusal as the socket carries it."""
    kind = next((one for one in type(error).__mro__ if one.__name__ in _KINDS), Refused)
    wait_s = error.wait_s if isinstance(error, MustWait) else 0
    return {"kind": kind.__name__, "what": error.what, "then": error.then, "wait_s": wait_s}


def read(value: object) -> LotError:
    """Return the refusal that the socket carried."""
    if not isinstance(value, dict):
        raise Malformed("a refusal is no object")
    what, then, wait_s = value.get("what"), value.get("then"), value.get("wait_s")
    kind = _KINDS.get(str(value.get("kind")))
    if kind is None or not isinstance(what, str) or not isinstance(then, str):
        raise Malformed("a refusal is of no known kind")
    if kind is MustWait and isinstance(wait_s, int):
        return MustWait(what, then=then, wait_s=wait_s)
    return kind(what, then=then)
