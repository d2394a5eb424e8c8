"""The demo's processes: started one by one, waited for, and all ended with the demo."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path

import httpx

from lot.errors import Unreachable

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)  # by hand, by a program, by a lost line
_READY_S = 90.0
_LOOKS_S = 0.1
_ENDS_S = 15.0


class Processes:
    """Keeps them; each writes its log into the folder that it is given."""

    def __init__(self, folder: Path, env: Mapping[str, str]) -> None:
        self._folder = folder
        self._env = dict(env)
        self._kept: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self, name: str, words: Sequence[str], within: str = ".", *, heard: bool = False
    ) -> subprocess.Popen[bytes]:
        """Start `python WORDS…`; where it is heard, its standard output is the caller's."""
        with self._log(name).open("ab") as log:
            self._kept[name] = process = subprocess.Popen(
                [sys.executable, *words],
                cwd=self._folder / within,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE if heard else log,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the demo's to answer: it ends them in order
            )
        return process

    def wait(self, name: str, answers: Callable[[], bool]) -> None:
        """Wait until a process answers; Unreachable where it ends before, or takes too long."""
        until = time.monotonic() + _READY_S
        while True:
            self.check(name)
            with contextlib.suppress(httpx.TransportError):
                if answers():
                    return
            if time.monotonic() > until:
                raise Unreachable(f"the {name} does not answer", then=f"read {self._log(name)}")
            time.sleep(_LOOKS_S)

    def check(self, *names: str) -> None:
        """Raise Unreachable where one of them has ended by itself."""
        for name in names:
            if (status := self._kept[name].poll()) is not None:
                raise Unreachable(
                    f"the {name} ended with status {status}", then=f"read {self._log(name)}"
                )

    def finish(self, name: str) -> None:
        """Let go of one that has done its work; Unreachable where it failed."""
        process = self._kept.pop(name)
        if process.stdout is not None:
            process.stdout.close()
        if status := process.wait(_ENDS_S):
            raise Unreachable(
                f"the {name} ended with status {status}", then=f"read {self._log(name)}"
            )

    def close(self) -> None:
        """End them, the last that was started first."""
        with _undisturbed():
            for process in reversed(self._kept.values()):
                process.terminate()
                try:
                    process.wait(_ENDS_S)
                except subprocess.TimeoutExpired:
                    os.killpg(process.pid, signal.SIGKILL)
                    process.wait()
                if process.stdout is not None:
                    process.stdout.close()
            self._kept.clear()

    def _log(self, name: str) -> Path:
        return self._folder / f"{name}.log"


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C leave processes behind while the first one ends them."""
    before = {one: signal.signal(one, signal.SIG_IGN) for one in ENDINGS}
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


def free_port(wished: int = 0) -> int:
    """Return a port of this machine that nobody listens at: the wished one, if it is free."""
    with socket.socket() as tried:
        # As whoever will listen there: what has just ended must not keep the port from the next.
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", wished))
        except OSError:
            tried.bind(("127.0.0.1", 0))
        return int(tried.getsockname()[1])
