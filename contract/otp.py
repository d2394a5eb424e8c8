"""The rules of the one-time code (RFC 6238): who may try, which step a code is, what it costs.

The keyholder and the share keeper both go through here. Nothing in it holds a clock or a disk:
the caller brings the time and what is remembered, and keeps what comes out. pyotp makes the
digits; what it does not know stands here: a step is good once, a miss is written down before
anything is tried, and a clock that lost its time is found again by two codes in a row.

What is remembered are steps, never codes.
"""

import hmac
import re
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from math import ceil
from struct import Struct
from typing import Literal, get_args

import pyotp

from contract import canonical
from contract.audit import ServerClock
from contract.canonical import Fields, within
from lot.errors import WrongUsage

CODE = re.compile("[0-9]{6}")
SEED_BYTES = 20  # 160 bit, as RFC 4226 recommends and every authenticator takes
STEP_S = 30
EITHER_WAY = 1  # steps beside the clock's own: half a minute of drift, or of typing slowly
AHEAD_MAX = 30 * 86_400 // STEP_S  # a month without power is the longest outage that is healed

MISSES_FREE = 4
FIRST_WAIT_S = 15 * 60
WAIT_MAX_S = 86_400
MISSES_MAX = 20  # from here on the console alone opens: 60 steps tried make 6 in 100,000

_FOUR_BYTES = Struct(">I").unpack_from
_FIELDS = ("last_step", "misses", "v")
_RECORD_BYTES_MAX = 1024

Result = Literal["yes", "no", "wait", "closed"]
RESULTS: tuple[Result, ...] = get_args(Result)


@dataclass(frozen=True, slots=True)
class Typed:
    """What a person typed: a code, and the one after it where the clock may be wrong."""

    code: str = field(repr=False)
    code2: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        for one in (self.code, self.code2):
            if one is not None and not CODE.fullmatch(one):
                raise WrongUsage(
                    "a one-time code has six digits from 0 to 9", then="type the one shown now"
                )


@dataclass(frozen=True, slots=True)
class Clock:
    """The wall clock at the moment of a try."""

    time_s: int  # since 1970, UTC
    state: ServerClock

    @property
    def step(self) -> int:
        return self.time_s // STEP_S


@dataclass(frozen=True, slots=True)
class Remembered:
    """What of a person must be durable: the last step that was accepted, and misses in a row."""

    last_step: int = 0
    misses: int = 0

    def __post_init__(self) -> None:
        within("last_step", self.last_step, 0)
        within("misses", self.misses, 0)


@dataclass(frozen=True, slots=True)
class Hit:
    """The step that a code is good for, and how far it lies ahead of a clock that was found."""

    step: int
    ahead: int


@dataclass(frozen=True, slots=True)
class Door:
    """One person's way in, in the memory of one process."""

    remembered: Remembered
    opens_at_s: float  # on the monotonic clock
    ahead: int = 0  # steps from the clock to true time, as two codes in a row showed

    @staticmethod
    def after_start(remembered: Remembered, at_s: float) -> "Door":
        """Return the door as it stands after a start, which begins a wait again.

        Otherwise whoever can cut the power would never wait.
        """
        return Door(remembered, at_s + wait_after(remembered.misses))

    def wait_s(self, at_s: float) -> int:
        """Return whole seconds until the next try is taken, 0 for now."""
        return max(0, ceil(self.opens_at_s - at_s))

    def reopened(self, at_s: float) -> "Door":
        """Return the door as the console sets it: no misses, the last step as it was."""
        return replace(self, remembered=replace(self.remembered, misses=0), opens_at_s=at_s)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a try came to. A wrong code, a used one and a wrong passphrase are all `no`."""

    result: Result
    wait_s: int


def tried(
    door: Door,
    attempt: Callable[[Door], Hit | None],
    *,
    keep: Callable[[Remembered], None],
    monotonic: Callable[[], float],
) -> tuple[Door, Outcome]:
    """Let `attempt` try passphrase and code, between what must be durable before and after.

    `keep` has written what it is given when it returns; what it raises ends the try, with
    nothing tried or nothing answered. The caller holds one lock a person around all of it.
    """
    if door.remembered.misses >= MISSES_MAX:
        return door, Outcome("closed", 0)
    if wait := door.wait_s(monotonic()):
        return door, Outcome("wait", wait)
    counted = replace(door.remembered, misses=door.remembered.misses + 1)
    keep(counted)
    hit = attempt(door)
    if hit is None or hit.step <= counted.last_step:
        opens_at_s = monotonic() + wait_after(counted.misses)
        missed = replace(door, remembered=counted, opens_at_s=opens_at_s)
        return missed, Outcome("no", wait_after(counted.misses))
    accepted = Remembered(hit.step, misses=0)
    keep(accepted)
    return replace(door, remembered=accepted, ahead=hit.ahead), Outcome("yes", 0)


def wait_after(misses: int) -> int:
    """Return the seconds that this many misses in a row cost."""
    if misses <= MISSES_FREE:
        return 0
    doublings = min(misses - MISSES_FREE - 1, MISSES_MAX)  # a damaged count must not stall us
    return min(FIRST_WAIT_S << doublings, WAIT_MAX_S)


def hit(seed: bytes, typed: Typed, clock: Clock, door: Door) -> Hit | None:
    """Return the step beyond the last one that was typed, or None.

    Every step that comes into question is compared, also after a match, so that the time taken
    says nothing. A caller without the seed, because the passphrase was wrong, brings random
    bytes and takes the answer for None.
    """
    ahead = 0 if clock.state == "ntp" else door.ahead
    now = clock.step + ahead
    steps = range(max(0, now - EITHER_WAY), now + EITHER_WAY + 1)
    fresh = [s for s in _typed_at(seed, typed.code, steps) if s > door.remembered.last_step]
    if typed.code2 is not None and clock.state != "ntp":
        pair = _pair(seed, typed.code, typed.code2, clock.step, door.remembered.last_step)
        if pair is not None:
            return Hit(pair, pair - clock.step)
    return Hit(max(fresh), ahead) if fresh else None


def code_at(seed: bytes, step: int) -> str:
    """Return the six digits of a step."""
    return pyotp.TOTP(b32encode(seed).decode(), interval=STEP_S).generate_otp(step)


def encoded(remembered: Remembered) -> bytes:
    """Return the file that keeps it."""
    return canonical.encoded(
        {
            "v": canonical.VERSION,
            "last_step": remembered.last_step,
            "misses": remembered.misses,
        }
    )


@canonical.reading("the state of a one-time code")
def decoded(data: bytes) -> Remembered:
    """Return what the file keeps; Damaged for all other bytes."""
    read = Fields(canonical.decoded(data, bytes_max=_RECORD_BYTES_MAX), _FIELDS)
    read.version()
    return Remembered(last_step=read.whole("last_step"), misses=read.whole("misses"))


def _typed_at(seed: bytes, code: str, steps: range) -> list[int]:
    equal = [hmac.compare_digest(code_at(seed, step), code) for step in steps]
    return [step for step, is_equal in zip(steps, equal, strict=True) if is_equal]


def _pair(seed: bytes, code: str, code2: str, now: int, last_step: int) -> int | None:
    """Return the step of `code2` where both follow one another, up to a month ahead of now.

    Chance finds such a pair once in ten million tries.
    """
    steps = range(max(now - EITHER_WAY, last_step + 1, 0), now + AHEAD_MAX + 1)
    first, second = _steps_of(seed, (int(code), int(code2)), steps)
    pairs = [step + 1 for step in first if step + 1 in second]
    return max(pairs, default=None)


def _steps_of(seed: bytes, numbers: tuple[int, int], steps: range) -> tuple[set[int], set[int]]:
    """Return the steps at which either number is shown, by all of a month's 86,400 steps.

    The digits are those of `code_at`, which would take minutes for it on a Pi 3.
    """
    one, other = numbers
    found: tuple[set[int], set[int]] = set(), set()
    for step in steps:
        digest = hmac.digest(seed, step.to_bytes(8, "big"), "sha1")
        shown = (_FOUR_BYTES(digest, digest[-1] & 15)[0] & 0x7FFFFFFF) % 1_000_000
        if shown == one:
            found[0].add(step)
        if shown == other:
            found[1].add(step)
    return found
