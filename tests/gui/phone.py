"""The owner's authenticator, as tests use it: no code of it is good twice."""

from __future__ import annotations

import time

from contract import otp
from server.keys.holder import calls
from tests.gui.vault import Vault


class Phone:
    """Remembers which codes it gave out."""

    def __init__(self, home: Vault) -> None:
        self._home, self._spent = home, 0

    def code(self) -> str:
        """Return a code that is good now: the newest one."""
        step = int(time.time()) // otp.STEP_S + 1
        if step <= self._spent:
            self._start_anew()
        self._spent = step
        return self._home.code()

    def unlocks(self) -> None:
        self._spent = int(time.time()) // otp.STEP_S
        self._home.unlock()

    def _start_anew(self) -> None:
        """Open the vault under a keyholder that never saw a code: the next is half a minute off."""
        house = self._home.home
        house.keyholder.lock(calls.Console())
        (house.folder.doors / f"{house.founding.account.id.hex()}.otp").unlink()
        self.unlocks()
