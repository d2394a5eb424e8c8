"""A keyholder that `serve` starts for itself, where no unit of its own runs one."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from lot.errors import Unreachable
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import KeyholderAway
from server.running import child
from server.settings import ServerSettings

_READY_S = 30.0
_LOOKS_S = 0.05


@contextmanager
def running(settings: ServerSettings, env: Mapping[str, str]) -> Iterator[None]:
    """Have a keyholder at the socket while the block lasts, unless one is there or comes apart."""
    keyholder = Keyholder(settings.places.socket)
    if settings.keyholder == "apart" or _answers(keyholder):
        yield
        return
    # Not forked from here: it must hold nothing that this process ever had in memory. It ends with
    # this process also where that is killed: nobody would guard what it holds.
    words = [sys.executable, "-m", "server", "keyholder", "--beside", str(os.getpid())]
    process = subprocess.Popen(words, env=dict(env))
    with child.needed(process):
        _wait(keyholder, process)
        yield


def _wait(keyholder: Keyholder, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + _READY_S
    while not _answers(keyholder):
        if process.poll() is not None or time.monotonic() > until:
            raise Unreachable(
                "the keyholder did not start", then="read what it said above, and look at doctor"
            )
        time.sleep(_LOOKS_S)


def _answers(keyholder: Keyholder) -> bool:
    try:
        keyholder.status()
    except KeyholderAway:
        return False
    return True
