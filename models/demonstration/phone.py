"""The demo owner's phone: one-time codes, none of them twice."""

from __future__ import annotations

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass

from contract import otp

_SECRET = re.compile(r"secret=([A-Z2-7]{32})\b")


@dataclass(frozen=True, slots=True)
class Wait:
    """No code is left that the vault would take yet."""

    seconds: int


class Phone:
    """Shows codes of a seed; each is shown once, since each is good once."""

    def __init__(self, otp_address: str, clock_s: Callable[[], float]) -> None:
        found = _SECRET.search(otp_address)
        assert found is not None, "init writes an address of the form that apps read"
        self.key = found[1]
        self._seed = base64.b32decode(self.key)
        self._clock_s = clock_s
        self._shown = 0

    def code(self) -> str | Wait:
        """Return the code that will be good longest, a minute or more, or how long none will be."""
        now_s = self._clock_s()
        latest = int(now_s) // otp.STEP_S + otp.EITHER_WAY
        if latest <= self._shown:
            return Wait(max(1, (self._shown + 1 - otp.EITHER_WAY) * otp.STEP_S - int(now_s)))
        # The first is one step earlier: the demo opens the vault with it, and a person comes next.
        self._shown = latest if self._shown else latest - otp.EITHER_WAY
        return otp.code_at(self._seed, self._shown)
