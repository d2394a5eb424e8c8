"""Trying a passphrase or password together with a one-time code, by the rules of the code.

A wrong passphrase, a wrong code and a used one end alike, also in the time they take: after a
wrong passphrase the code is compared with that of a random seed.
"""

from __future__ import annotations

import hmac
import os
import time
from collections.abc import Callable

from contract import otp
from contract.audit import ServerClock
from contract.doors import Doors
from contract.otp import SEED_BYTES, Clock, Door, Hit, Outcome, Typed
from lot.errors import Refused
from server.keys import slots
from server.keys.holder.bodies import Password
from server.keys.holder.refusals import Closed, MustWait, NotThem
from server.keys.passphrases import passphrase_bytes
from server.keys.slots import Cost, Held, Slot

Attempt = Callable[[Door], Hit | None]


def slot_tried(doors: Doors, slot: Slot, passphrase: str, typed: Typed, clock: Clock) -> Held:
    """Return what a slot with its own seed holds; NotThem for whatever was wrong."""
    assert slot.terms.person is not None
    wanted = passphrase_bytes(passphrase)
    held: list[Held] = []

    def attempt(door: Door) -> Hit | None:
        opened = _opened(slot, wanted)
        seed = os.urandom(SEED_BYTES) if opened is None else opened.seed
        assert seed is not None
        hit = otp.hit(seed, typed, clock, door)
        if opened is None:
            return None
        held.append(opened)
        return hit

    check(doors.tried(slot.terms.person, attempt))
    return held[0]


def password_tried(
    doors: Doors, person: bytes, is_right: Callable[[], bool], code: Attempt | None
) -> None:
    """Accept a password, and the code of who has one; NotThem for whatever was wrong."""

    def attempt(door: Door) -> Hit | None:
        right = is_right()
        # Without a code each try is a step of its own, so that misses are counted all the same.
        hit = code(door) if code else Hit(door.remembered.last_step + 1, door.ahead)
        return hit if right else None

    check(doors.tried(person, attempt))


def by_seed(seed: bytes, typed: Typed, clock: Clock) -> Attempt:
    """Return how a code is tried whose seed is at hand."""

    def attempt(door: Door) -> Hit | None:
        return otp.hit(seed, typed, clock, door)

    return attempt


def check(outcome: Outcome) -> None:
    """Return where a try was good; else raise what it came to."""
    if outcome.result == "wait":
        raise MustWait(
            f"too many misses in a row: the next try is taken in {outcome.wait_s} s",
            then="wait, and look at the authenticator's clock meanwhile",
            wait_s=outcome.wait_s,
        )
    if outcome.result == "closed":
        raise Closed(
            "too many misses in a row", then="run python -m server user reopen at the machine"
        )
    if outcome.result == "no":
        raise not_them()


def not_them() -> NotThem:
    """Return the one answer for whatever was wrong."""
    return NotThem("passphrase or code is not right", then="try again with the next code")


def clock_now(state: ServerClock) -> Clock:
    """Return the wall's time in the state that the server's clock is in."""
    return Clock(int(time.time()), state)


def password_made(password: str, pepper: bytes, cost: Cost) -> Password:
    """Return how a new password is recognised."""
    salt = os.urandom(slots.SALT_BYTES)
    return Password(salt, cost, _hashed(password, pepper, salt, cost))


def password_is(kept: Password, password: str, pepper: bytes) -> bool:
    """Say whether this is the password: the dear step."""
    found = _hashed(password, pepper, kept.salt, kept.cost)
    return hmac.compare_digest(found, kept.hash)


def _opened(slot: Slot, passphrase: bytes) -> Held | None:
    try:
        return slots.opened(slot, slots.kek_of_passphrase(slot.terms, passphrase))
    except Refused:
        return None


def _hashed(password: str, pepper: bytes, salt: bytes, cost: Cost) -> bytes:
    peppered = hmac.digest(pepper, passphrase_bytes(password), "sha256")
    return slots.stretched(peppered, salt, cost)
