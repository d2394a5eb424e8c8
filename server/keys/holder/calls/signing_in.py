"""Opening the vault, signing in and out, locking."""

from __future__ import annotations

from dataclasses import dataclass, field

from contract.audit import ServerClock
from contract.otp import Typed
from server.access.roles import Role
from server.keys.holder.calls.asking import Caller, Console, Via, Vouched
from server.keys.holder.calls.rows import SealedRow


@dataclass(frozen=True, slots=True)
class Unlock:
    """Sign in with a slot, and open the vault if it is shut."""

    account: Vouched
    passphrase: str = field(repr=False)
    typed: Typed
    via: Via
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class Recover:
    """Open the vault with the code of the recovery sheet."""

    account: Vouched  # an owner's
    code: str = field(repr=False)
    via: Via


@dataclass(frozen=True, slots=True)
class SignIn:
    """Sign in with a password; `seed` is the private row of who has a code of their own."""

    account: Vouched
    password: str = field(repr=False)
    pepper: bytes = field(repr=False)
    typed: Typed | None
    seed: SealedRow | None
    via: Via
    clock: ServerClock


@dataclass(frozen=True, slots=True)
class Admission:
    """Somebody is signed in: store the session's row, give the token to the person."""

    token: str = field(repr=False)
    session: Vouched
    identity: Identity
    opened_vault: bool  # it was shut before: mark the audit, add what came in meanwhile


@dataclass(frozen=True, slots=True)
class Lock:
    """Shut the vault: the process ends, a fresh one begins."""

    by: Caller | Console


@dataclass(frozen=True, slots=True)
class SignOut:
    """End a session for good, whatever the database says of it later."""

    by: Caller


@dataclass(frozen=True, slots=True)
class WhoAmI:
    """Whose session is this, and what may they do? `acts`: a person does something just now."""

    by: Caller
    acts: bool = False


@dataclass(frozen=True, slots=True)
class Identity:
    """Who is signed in."""

    account: bytes
    name: str
    role: Role
    lots: tuple[bytes, ...]  # none: all
    session: bytes
    device: bytes | None
    ends: int
    unlocked: bool


@dataclass(frozen=True, slots=True)
class Reopen:
    """Forgive a person's misses; taken from root or the keyholder's own user alone."""

    person: bytes
