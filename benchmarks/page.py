"""The owner's page as its own command, before a served vault with a year in its index."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from benchmarks import TREE
from benchmarks import vault as vaults
from benchmarks.mariadb import Mariadb
from benchmarks.search import filled
from benchmarks.vault import Enrolled, Served, family, pss_mb
from contract import otp
from lot.errors import Unreachable

_READY_S = 120.0
_LOOKS_S = 0.1


@dataclass(frozen=True, slots=True)
class Standing:
    """A page that answers, the vault behind it, and who is signed in there."""

    address: str
    session: str = field(repr=False)
    process: subprocess.Popen[bytes]
    served: Served
    edges: Sequence[Enrolled]

    @property
    def cookie(self) -> str:
        return f"__Host-lot-session={self.session}"

    def held_mb(self) -> float:
        """Return what the page's own processes hold now."""
        return sum(pss_mb(one) for one in family(self.process.pid))


@contextmanager
def standing(events: int, edges: Sequence[str] = ()) -> Iterator[Standing]:
    """Set all of it up on MariaDB, with edges of these names; Unreadable where there is none."""
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="lot-")))
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.stop)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb)
        enrolled = [vault.enrolled(name) for name in edges]
        served = ends.enter_context(vaults.served(vault, folder / "log"))
        code = otp.code_at(vault.begun.foundation.seed, int(time.time()) // otp.STEP_S)
        session = vaults.opened(vault, code)
        filled(vault, events)
        address, process = ends.enter_context(_page(served, folder / "gui.log"))
        yield Standing(address, session, process, served, enrolled)


@contextmanager
def _page(served: Served, log: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    root = str(served.vault.root)
    own = {"LOT_GUI_SERVER": f"https://127.0.0.1:{served.port}", "LOT_GUI_ROOT": root}
    command = [sys.executable, "-m", "gui", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as said:
        process = subprocess.Popen(
            command, cwd=TREE, env={**mine, **own, "LOT_TIMEZONE": "UTC"}, stderr=said
        )
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, log)
        yield address, process
    finally:
        process.terminate()
        process.wait()


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    ends = time.monotonic() + _READY_S
    while True:
        try:
            httpx.get(f"{address}/sign-in", trust_env=False)
        except httpx.TransportError:
            if process.poll() is not None or time.monotonic() > ends:
                told = log.read_text(encoding="utf-8", errors="replace")
                raise Unreachable("the page did not start", then=told[-600:]) from None
            time.sleep(_LOOKS_S)
            continue
        return
