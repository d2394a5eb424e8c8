"""Reports of verify that are asked for over HTTP: made by a process of their own, kept, fetched.

One walks at a time. A report lies under its id and how it came out, so that a list needs to read
none of them; what was broken off is swept at the next.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from contract import canonical
from contract.head import ID_BYTES
from lot.errors import DAMAGED, DONE, Unreadable
from lot.files import write_private
from server.access.ledger import Ledger
from server.refusals import AlreadyThere, NotThere
from server.store.database import Database
from server.verify.report import REPORT_BYTES_MAX

State = Literal["running", "whole", "damaged", "failed"]

KEPT_MAX = 20
_TIME_BYTES = 8
_WHY_CHARACTERS_MAX = 500
_ENDS: tuple[State, ...] = ("whole", "damaged", "failed")

Walk = Callable[[Path], tuple[int, str]]  # writes a report there; its status, and why there is none


@dataclass(frozen=True, slots=True)
class Listed:
    """A report that there is, or will be."""

    id: bytes
    made: int  # µs UTC, when it was asked for
    state: State
    why: str | None = None  # of one that failed


@dataclass
class Verifying:
    """Makes and keeps reports."""

    folder: Path
    database: Database
    ledger: Ledger
    now: Callable[[], int]  # µs UTC
    walk: Walk
    _running: bytes | None = field(default=None, init=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, init=False)

    def begin(self, actor: bytes) -> bytes:
        """Begin a walk, and return the id of the report to come; AlreadyThere while one runs."""
        id_ = self.now().to_bytes(_TIME_BYTES, "big") + os.urandom(ID_BYTES - _TIME_BYTES)
        with self._lock:
            if self._running is not None:
                raise AlreadyThere("a walk is under way", then="wait for its report")
            self._running = id_
        try:
            self.database.write(
                lambda write: self.ledger.line(write, "verify", {"report": id_}, actor=actor)
            )
        except BaseException:
            self._running = None
            raise
        threading.Thread(target=self._made, args=(id_,), name="verify", daemon=True).start()
        return id_

    def every(self) -> list[Listed]:
        """Return the reports, the newest first."""
        running = self._running  # first: one that ends meanwhile then lies among the files
        found = [_listed(path) for path in self._files()]
        if running is not None and all(one.id != running for one in found):
            found.append(Listed(running, _made_at(running), "running"))
        return sorted(found, key=lambda one: one.id, reverse=True)

    def report(self, id_: bytes) -> bytes:
        """Return a report as it is kept, byte for byte; NotThere where there is none."""
        for state in ("whole", "damaged"):
            path = self.folder / f"{id_.hex()}.{state}"
            try:
                return path.read_bytes()
            except FileNotFoundError:
                continue
            except OSError as error:
                raise Unreadable(
                    f"cannot read {path}: {error.strerror}", then="begin anew"
                ) from error
        raise NotThere("there is no such report", then="look at the list of reports")

    def _made(self, id_: bytes) -> None:
        part = self.folder / f"{id_.hex()}.part"
        try:
            self._sweep()
            status, why = self.walk(part)
            if status in (DONE, DAMAGED):
                part.replace(part.with_suffix(".whole" if status == DONE else ".damaged"))
            else:
                write_private(part.with_suffix(".failed"), why[:_WHY_CHARACTERS_MAX].encode())
        finally:
            self._running = None

    def _sweep(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        for path in self.folder.glob("*.part"):
            path.unlink(missing_ok=True)
        for path in self._files()[: -(KEPT_MAX - 1)]:
            path.unlink(missing_ok=True)

    def _files(self) -> list[Path]:
        """Return the files of reports that ended, the oldest first."""
        return sorted(path for state in _ENDS for path in self.folder.glob(f"*.{state}"))


def walked_apart(path: Path) -> tuple[int, str]:
    """Walk in a process of its own: it takes minutes of a small machine, and nobody waits."""
    command = [sys.executable, "-m", "server", "verify", "--report", str(path)]
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=False)
    said = ended.stderr.decode("utf-8", "replace").strip()
    return ended.returncode, said.rpartition("\n")[2]


def of_lots(report: bytes, lots: Collection[bytes]) -> bytes:
    """Return what of a report concerns these lots' writers: for who may see no other's."""
    said = canonical.decoded(report, bytes_max=REPORT_BYTES_MAX)
    theirs = {lot.hex() for lot in lots}
    found = said["writers"]
    assert isinstance(found, list)
    kept = [one for one in found if isinstance(one, dict) and one["lot"] in theirs]
    return canonical.encoded({**said, "writers": kept, "nodes": [], "rows": [], "notes": []})


def _listed(path: Path) -> Listed:
    id_ = bytes.fromhex(path.stem)
    state = next(one for one in _ENDS if path.suffix == f".{one}")
    why = path.read_text(encoding="utf-8") if state == "failed" else None
    return Listed(id_, _made_at(id_), state, why)


def _made_at(id_: bytes) -> int:
    return int.from_bytes(id_[:_TIME_BYTES], "big")
