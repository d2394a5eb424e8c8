"""Whether a phone has the seed that was shown to it."""

from __future__ import annotations

import time

from contract import otp
from lot.errors import WrongUsage


def check_code(seed: bytes, typed: str) -> str:
    """See that a phone has the seed; the code is not spent, since no door was opened by it."""
    step = int(time.time()) // otp.STEP_S
    good = [otp.code_at(seed, step + ahead) for ahead in (-1, 0, 1)]
    if typed.strip().replace(" ", "") not in good:
        raise WrongUsage(
            "this is not the code that it should show",
            then="compare both clocks, and type the next",
        )
    return typed
