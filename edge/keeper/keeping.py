"""What the keeper does with a message. A stranger's costs nobody a miss and writes no line.

The order in all of it: what must not happen twice is on the disk before anything is done, the
log line before the answer.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from contract import keeper, otp, pairing
from contract.doors import Doors
from contract.keeper import Ask, Forget, Pinned, Put, Request, Said, Secrets
from contract.otp import Clock, Door, Hit, Outcome
from contract.pairing import Pair
from edge.keeper.folder import Folder
from edge.keeper.inviting import Invitations
from lot.clock import WallClock
from lot.errors import Damaged, Refused, WrongCode


@dataclass(frozen=True, slots=True)
class _Done:
    """What a message came to."""

    outcome: Outcome
    share: bytes | None = None


class Keeping:
    """The service's side of one folder. One message at a time, whoever sends it."""

    def __init__(
        self,
        folder: Folder,
        clock: WallClock | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._folder = folder
        self._clock = clock or WallClock()
        self._doors = Doors(folder.doors, monotonic)
        self._invitations = Invitations(folder, monotonic)
        self._own = folder.own()
        self._newest_us = folder.newest_line_us()

    def pack(self) -> bytes:
        return self._folder.pack()

    def pair(self, data: bytes) -> bytes:
        """Pin the server that knows the code, and answer it."""
        with self._folder.locked():
            invited = self._invitations.standing()
            if invited is None:
                raise Refused(
                    "no code to pair with stands", then="print one: `python -m edge keeper pair`"
                )
            try:
                asked = pairing.pair_opened(data, invited.secret)
            except WrongCode:
                self._invitations.count_wrong(invited)
                self._log("pair", None, "wrong_code")
                raise
            self._check_may_pair(asked)
            self._invitations.spend()
            keeper_id = self._own.keeper
            self._folder.pin(Pinned(asked.server, keeper_id, asked.vault_sign, asked.keyholder))
            self._log("pair", None, "yes")
        return pairing.paired_made(keeper_id, invited.secret, request=data)

    def answer(self, data: bytes) -> bytes:
        """Answer a put, a forget or an ask; Damaged for all that is none to this keeper."""
        with self._folder.locked():
            pinned = self._folder.pinned()
            if pinned is None:
                raise Refused(
                    "this keeper has no server yet", then="pair it: `python -m edge keeper pair`"
                )
            request = keeper.request_opened(data, pinned)
            done = self._done(request)
            purpose = request.purpose if isinstance(request, Ask) else None
            clock = self._clock.state(self._newest_us)
            said = Said(done.outcome.result, done.outcome.wait_s, clock, self._clock.now_us())
            self._log(_name(request), request.parties.person, said.result, purpose)
        return keeper.answer_signed(request, said, done.share, self._own.sign)

    def _done(self, request: Request) -> _Done:
        if isinstance(request, Ask):
            return self._asked(request)
        if request.number <= self._folder.last_number():
            return _Done(Outcome("no", 0))
        # First of all, or after a crash an old message could be played again.
        self._folder.keep_number(request.number)
        if isinstance(request, Forget):
            return self._forgotten(request)
        return self._put(request)

    def _put(self, request: Put) -> _Done:
        person = request.parties.person
        if self._folder.secrets_of(person) is not None:
            return _Done(Outcome("no", 0))
        self._folder.keep_secrets(person, keeper.put_opened(request, self._own.box))
        return _Done(Outcome("yes", 0))

    def _forgotten(self, request: Forget) -> _Done:
        self._folder.forget_secrets(request.parties.person)
        self._doors.forget(request.parties.person)
        return _Done(Outcome("yes", 0))

    def _asked(self, request: Ask) -> _Done:
        person = request.parties.person
        kept = self._folder.secrets_of(person)
        if kept is None:
            return _Done(Outcome("no", 0))
        self._reopen_if_asked(person)
        outcome = self._doors.tried(person, lambda door: self._hit(kept, request, door))
        return _Done(outcome, kept.share)

    def _hit(self, kept: Secrets, request: Ask, door: Door) -> Hit | None:
        now = self._clock.now_us() // 1_000_000
        state = self._clock.state(self._newest_us)
        return otp.hit(kept.seed, request.typed, Clock(now, state), door)

    def _reopen_if_asked(self, person: bytes) -> None:
        if not self._folder.is_to_reopen(person):
            return
        try:
            self._doors.reopen(person)
        except Damaged:
            # Which codes were used is not known any more: none of before this moment is good.
            step = self._clock.now_us() // 1_000_000 // otp.STEP_S
            self._doors.renew(person, otp.Remembered(last_step=step + otp.EITHER_WAY))
        self._folder.reopened(person)
        self._log("reopen", person, "yes")

    def _check_may_pair(self, asked: Pair) -> None:
        """Let a new server in only where no shares of another one are kept."""
        pinned = self._folder.pinned()
        if pinned is None or not self._folder.persons():
            return
        if (asked.server, asked.vault_sign) != (pinned.server, pinned.vault_sign):
            raise Refused(
                "this keeper keeps shares of another server",
                then="forget its persons first: `python -m edge keeper forget`",
            )

    def _log(self, act: str, person: bytes | None, result: str, purpose: str | None = None) -> None:
        time_us = self._clock.now_us()
        whom = f" person={person.hex()}" if person is not None else ""
        what = f" purpose={purpose}" if purpose is not None else ""
        clock = self._clock.state(self._newest_us)
        self._folder.log(f"time={time_us} clock={clock} act={act}{whom}{what} result={result}")
        self._newest_us = max(self._newest_us, time_us)


def _name(request: Request) -> str:
    return type(request).__name__.lower()
