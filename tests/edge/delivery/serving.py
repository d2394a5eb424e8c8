"""Starting the tests' server, and looking at what it has."""

from __future__ import annotations

import contextlib
import json
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from contract import opening, record, wrap
from contract.canonical import encoded
from contract.opening import Opened
from contract.trust import certificate_object
from lot.files import write_private
from tests.contract import golden
from tests.edge.delivery import lot

ROOT = Path(__file__).parents[3]


@dataclass(slots=True)
class Serving:
    """A running server, and what lies in its folder."""

    folder: Path
    port: int
    process: subprocess.Popen[str]

    def set(self, **settings: Any) -> None:
        write_private(self.folder / "settings.json", json.dumps(settings).encode())

    def came(self) -> list[dict[str, Any]]:
        """Return what each stored batch brought, in their order."""
        return [json.loads(what) for (what,) in self._rows("SELECT what FROM came ORDER BY at")]

    def blind(self) -> str:
        """Return what the last call said of blind cameras."""
        return (self.folder / "blind").read_text(encoding="utf-8")

    def refusals(self) -> int:
        """Return how many batches were refused as it was set."""
        return len(self._rows("SELECT at FROM refused"))

    def sequences(self) -> list[int]:
        return [n for (n,) in self._rows("SELECT sequence FROM records ORDER BY sequence")]

    def records(self) -> list[record.Record]:
        rows = self._rows("SELECT signed FROM records ORDER BY sequence")
        return [record.opened(signed, lot.PUBLIC) for (signed,) in rows]

    def parts(self) -> dict[bytes, bytes]:
        return dict(self._rows("SELECT hash, sealed FROM parts"))

    def opened(self, rsa: str = "rsa") -> list[Opened]:
        """Open every record with those of its parts that are here, as the owner would."""
        keys = {}
        for key, data in self._rows("SELECT key, wrap FROM wraps"):
            found = wrap.decoded(data)
            if found.rsa == wrap.rsa_id(golden.rsa(rsa).public_key()):
                day_key = wrap.unwrapped(found, golden.rsa(rsa))
                keys[key] = opening.DayKeyFound(found, day_key)
        here, prk_of = self.parts(), opening.by_day_keys(lot.EDGE, keys)
        return [
            opening.opened(
                one.signed,
                lot.rights(),
                {p.name: here[p.hash] for p in one.envelope.parts if p.hash in here},
                prk_of,
            )
            for one in self.records()
        ]

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def again(self) -> None:
        """Start it anew at the same port, after it was killed."""
        self.process, _ = _process(self.folder, self.port)

    def empty(self) -> None:
        """Take everything away that it has, as a restore of an old backup does."""
        with sqlite3.connect(self.folder / "store.sqlite3") as db:
            db.executescript("DELETE FROM records; DELETE FROM parts; DELETE FROM wraps")
        db.close()

    def _rows(self, query: str) -> list[Any]:
        with contextlib.closing(sqlite3.connect(self.folder / "store.sqlite3", timeout=30)) as db:
            return db.execute(query).fetchall()


@contextlib.contextmanager
def serving(folder: Path, tls: lot.Tls) -> Iterator[Serving]:
    """Run a server over TLS, of the lot whose root it is."""
    folder.mkdir(parents=True)
    (folder / "tls.pem").write_bytes(tls.leaf_pem)
    (folder / "token").write_text(lot.TOKEN.text, encoding="utf-8")
    (folder / "pack.json").write_bytes(lot.pack(tls.root))
    certificate = encoded(certificate_object(lot.rights(), lot.VAULT))
    (folder / "certificate.json").write_bytes(certificate)
    process, port = _process(folder, 0)
    running = Serving(folder, port, process)
    try:
        yield running
    finally:
        running.kill()


def _process(folder: Path, port: int) -> tuple[subprocess.Popen[str], int]:
    words = [sys.executable, "-m", "tests.edge.delivery.fake_server", str(folder), str(port)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None
    with process.stdout:
        return process, int(process.stdout.readline())


def until(holds: Callable[[], bool], *, seconds: float = 30) -> None:
    """Wait for something that other processes do; what takes longer never comes."""
    ends = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < ends, "it did not happen"
        time.sleep(0.02)
