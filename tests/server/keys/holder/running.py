"""A keyholder of its own for a test: real processes, a real socket, cheap derivations."""

from __future__ import annotations

import atexit
import multiprocessing
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from contract import otp
from contract.otp import Typed
from lot import times
from server.keys import founding
from server.keys.folder import KeysFolder
from server.keys.founding import Foundation, Owner
from server.keys.holder import calls, guardian
from server.keys.holder.client import Keyholder
from server.keys.holder.process import Terms
from server.keys.holder.refusals import KeyholderAway
from server.keys.slots import Cost
from tests.edge.delivery.serving import until

# Not from the test's own process: a worker of the tests has threads, and a lock that one of them
# holds at the fork would never be given back in the child.
_FORKS = multiprocessing.get_context("forkserver")
_FORKS.set_forkserver_preload(["server.keys.holder.guardian"])

PASSPHRASE = "six words that nobody guesses"  # noqa: S105 - a test's own
CHEAP = Cost(19 * 1024, 1)
_ANSWERED_S = 5


@dataclass(frozen=True, slots=True)
class House:
    """A server that was founded, its keyholder running, and what its owner knows."""

    folder: KeysFolder
    keyholder: Keyholder
    founding: Foundation
    guardian: int

    def code(self, ahead: int = 0) -> str:
        """Return a code of a step that stays good for some seconds, however loaded the machine."""
        if ahead < 0:  # the step before is refused as soon as this one ends
            until(lambda: time.time() % otp.STEP_S < otp.STEP_S - _ANSWERED_S)
        return otp.code_at(self.founding.seed, int(time.time()) // otp.STEP_S + ahead)

    def unlock(self, code: str, passphrase: str = PASSPHRASE) -> calls.Admission:
        asked = calls.Unlock(
            self.founding.row, passphrase, Typed(code), calls.Console(), clock="ntp"
        )
        found = self.keyholder.unlock(asked)
        assert isinstance(found, calls.Admission)
        return found

    def owner(self, ahead: int = 0) -> calls.Caller:
        return caller(self.unlock(self.code(ahead)), self.founding.row)


def caller(admitted: calls.Admission, account: calls.Vouched) -> calls.Caller:
    return calls.Caller(admitted.token, admitted.session, account)


@contextmanager
def house(
    folder: Path, *, name: str = "Ada", idle_s: int = 3600, uids: frozenset[int] = frozenset()
) -> Iterator[House]:
    """Found a server and run its keyholder while the block lasts."""
    template, founded = _template(name)
    shutil.copytree(template, folder / "keys")
    keys = KeysFolder(folder / "keys")
    with guarded(keys, folder / "k.sock", idle_s=idle_s, uids=uids) as number:
        yield House(keys, Keyholder(folder / "k.sock"), founded, number)


@cache
def _template(name: str) -> tuple[Path, Foundation]:
    """Return a founded server to copy: drawing its RSA pair anew for each test takes seconds."""
    folder = Path(tempfile.mkdtemp(prefix="lotkeeper-founded-")) / "keys"
    atexit.register(shutil.rmtree, folder.parent, ignore_errors=True)
    owner = Owner(name, PASSPHRASE, CHEAP)
    return folder, founding.founded(KeysFolder(folder), owner, time.time_ns() // 1000)


@contextmanager
def guarded(
    keys: KeysFolder, path: Path, idle_s: int = 3600, uids: frozenset[int] = frozenset()
) -> Iterator[int]:
    """Run a guardian while the block lasts; give its number."""
    terms = Terms(keys, times.zone("UTC"), idle_s, uids)
    guard = _FORKS.Process(target=guardian.guarded, args=(path, terms))
    guard.start()
    try:
        wait_for(Keyholder(path))
        assert guard.pid is not None
        yield guard.pid
    finally:
        guard.terminate()
        guard.join()


def wait_for(keyholder: Keyholder) -> calls.Condition:
    """Return how it stands as soon as it answers."""
    until = time.monotonic() + 60
    while True:
        try:
            return keyholder.status()
        except KeyholderAway:
            if time.monotonic() > until:
                raise
            os.sched_yield()
