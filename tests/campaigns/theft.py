"""A stolen disk: 10,000 known plates go in, and none of them may be found on it.

`python -m tests.campaigns.theft` lets an edge deliver to a vault that is served with MariaDB, half
of it while locked. Its owner unlocks, searches, looks, notes, keeps customers and lists, takes cars
in, exports and backs up; then all is killed in the midst of that, begun again and shut down. After
each the disk is searched for every plate in every spelling that software leaves behind, for JPEGs,
tokens, seed, passphrase and sheet. A control lets the same server take the same with the seal left
off, and must find them all: else the search would be what fails.
"""

from __future__ import annotations

import argparse
import base64
import http.client
import secrets
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Hashable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from benchmarks import TREE
from benchmarks import vault as vaults
from benchmarks.ingest import Edge, Seen
from benchmarks.mariadb import Mariadb
from benchmarks.vault import PASSPHRASE, Served, Vault
from contract import sealing
from contract.daykeys import DayKeys, Sealed
from contract.plates import normalise
from contract.wire import RECORDS_MAX
from tests.edge.delivery.serving import until
from tests.server.crashing import CHEAP, Desk, Guarded, unlocked
from tests.server.searching import JPEG, Found, searched

PLATES = 10_000

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_LENGTH = 9  # long enough that chance does not write one: 33^9 against some 10^8 places
_LOOKED_AT = 8  # plates that are searched, noted and looked at: no faster than the keyholder lets
_LISTED_AT_ONCE = 100


def known_plates(count: int, seed: int) -> list[str]:
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    found = {"".join(random.choices(_LETTERS, k=_LENGTH)) for _ in range(count)}
    return sorted(one for one in found if normalise(one))


@dataclass(slots=True)
class Stolen:
    """A vault with its whole disk in one folder, and all that is known to have been there."""

    folder: Path
    plates: Sequence[str]
    mariadb: Mariadb
    vault: Vault
    guarded: Guarded
    served: Served
    edge: Edge
    desk: Desk
    did: list[str] = field(default_factory=list)

    def deliver(self, events: int) -> None:
        """Let the edge send so many events, each with its picture."""
        link = self.served.connection()
        for first in range(0, events, RECORDS_MAX):
            self.edge.send(link, self.edge.batch(min(RECORDS_MAX, events - first)))
        link.close()
        self.did.append("upload")

    def use(self) -> None:
        """Do what an owner does in a day, with plates that the edge brought."""
        until(lambda: self._known() == len(self.plates), seconds=1800)
        for plate in self.plates[:: max(1, len(self.plates) // _LOOKED_AT)]:
            self._look(plate)
        self._keep_rows()
        self._export()
        said = self.says("backup", str(self.folder / "backup"))
        assert said.returncode == 0, said.stderr
        self.did.append("backup")

    def crash(self) -> None:
        """Kill everything while edge and owner are at work, and start the database again."""

        def work() -> None:
            with suppress(OSError, http.client.HTTPException, AssertionError):  # under their hands
                while True:
                    self._look(self.plates[0])

        thread = threading.Thread(target=work)
        thread.start()
        time.sleep(0.3)
        self.kill()
        thread.join()
        self.did.append("crash")

    def kill(self) -> None:
        self.guarded.end()
        self.served.kill()
        self.mariadb.kill()

    def stop(self) -> None:
        """Start the database once more after the crash, and shut it down as it should be."""
        self.mariadb.start()
        self.mariadb.stop()
        self.did.append("shutdown")

    def found(self) -> Found:
        """Search the disk."""
        return searched(self.folder, [*self.plates, *self._secrets()])

    def says(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "server", *words],
            cwd=TREE,
            env=self.vault.environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def _secrets(self) -> Iterator[str | bytes]:
        seed = self.vault.begun.foundation.seed
        yield from (PASSPHRASE, seed, base64.b32encode(seed).decode())
        yield self.vault.begun.foundation.recovery
        yield self.edge.of.token.text
        if self.desk.session:
            yield self.desk.session

    def _known(self) -> int:
        """Return how many events the index knows by now."""
        status, said = self.desk.ask(self.served, "GET", "/events?limit=1")
        return int(said["total"]) if status == 200 else 0

    def _look(self, plate: str) -> None:
        for how in ("exact", "near"):
            self.desk.ask(self.served, "GET", f"/visits?plate={plate}&how={how}")
        status, said = self.desk.ask(self.served, "GET", f"/events?plate={plate}")
        assert status == 200, said
        assert said["total"] == 1, said["total"]
        event = said["rows"][0]["id"]
        status, shown = self.desk.ask(self.served, "GET", f"events/{event}")
        assert status == 200, shown
        assert shown["event"]["plate"] == plate
        picture = self.desk.get(self.served, f"events/{event}/pictures/plate")
        assert picture.startswith(JPEG)
        note = {"event": event, "text": f"{plate} asked twice", "reason": plate}
        assert self.desk.ask(self.served, "POST", "statements/note", note)[0] == 201
        typed = {"kind": "entry", "plate": plate}
        assert self.desk.ask(self.served, "POST", "events", typed)[0] == 201
        if "search" not in self.did:
            self.did += ["search", "look", "note", "desk"]

    def _keep_rows(self) -> None:
        for first in range(0, min(len(self.plates), 10 * _LISTED_AT_ONCE), _LISTED_AT_ONCE):
            some = self.plates[first : first + _LISTED_AT_ONCE]
            rows = {"once": secrets.token_hex(16), "rows": [_listed(one) for one in some]}
            status, said = self.desk.ask(self.served, "POST", "known/many", rows)
            assert status in (200, 201), said
        ticket = {"once": secrets.token_hex(16), "plate": self.plates[0], "name": self.plates[1]}
        assert self.desk.ask(self.served, "POST", "tickets", ticket)[0] == 201
        self.did += ["private rows", "ticket"]

    def _export(self) -> None:
        code = self.guarded.fresh_code()
        lot = self.desk.lot.hex()
        asked = {"purpose": "export", "code": code, "lot": lot, "first": None, "last": None}
        status, said = self.desk.ask(self.served, "POST", "/grants", asked)
        assert status in (200, 201), said
        assert len(self.desk.get(self.served, "exports/tables")) > len(self.plates) * _LENGTH
        whose = {"plate": self.plates[0], "ground": self.plates[0], "theirs": []}
        assert self.desk.get(self.served, "exports/subject", whose)
        self.did.append("export")


@contextmanager
def stolen(plates: Sequence[str], *, sealed: bool = True) -> Iterator[Stolen]:
    """Serve a vault whose every file lies in one folder while the block lasts."""
    with tempfile.TemporaryDirectory(prefix="lot-") as name, ExitStack() as ends:
        folder = Path(name)
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.kill)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb, CHEAP, keyholder="apart")
        (folder / "tmp").mkdir()
        # What is spooled to a temporary folder would be on the card as well.
        vault.environment["TMPDIR"] = str(folder / "tmp")
        of = vault.enrolled("gate box")
        edge = Edge(of, lambda n: _seen(plates[n - 1]), None if sealed else _Open(of.writer))
        guarded, served = Guarded(vault), Served(vault, folder / "log")
        ends.callback(guarded.end)
        ends.callback(served.kill)
        guarded.start()
        served.start()
        yield Stolen(folder, plates, mariadb, vault, guarded, served, edge, Desk(of.lot))


def campaign(count: int, *, seed: int) -> tuple[Found, Found, list[str]]:
    """Return what a thief finds after the crash and after a shutdown, and what was done before."""
    plates = known_plates(count, seed)
    with stolen(plates) as disk:
        disk.deliver(len(plates) // 2)
        disk.desk.session = unlocked(disk.vault, disk.guarded)
        disk.deliver(len(plates) - len(plates) // 2)
        disk.use()
        disk.crash()
        crashed = disk.found()
        disk.stop()
        return crashed, disk.found(), disk.did


def control(count: int, *, seed: int) -> Found:
    """Return what a thief finds where the edge leaves the seal off."""
    plates = known_plates(count, seed)
    with stolen(plates, sealed=False) as disk:
        disk.deliver(len(plates))
        disk.kill()
        return disk.found()


class _Open(DayKeys):
    """The control: all that sealing does, and then the content laid where its cipher was."""

    def sealed(
        self,
        content: bytes,
        *,
        head_hash: bytes,
        name: str,
        under: RSAPublicKey,
        day: Hashable,
        now: int,
    ) -> Sealed:
        made = super().sealed(
            content, head_hash=head_hash, name=name, under=under, day=day, now=now
        )
        begin = sealing.HEADER_BYTES
        part = made.part[:begin] + content + made.part[begin + len(content) :]
        return Sealed(part, made.wrap)


def _seen(plate: str) -> Seen:
    return Seen(plate, JPEG + plate.encode() * 20)


def _listed(plate: str) -> dict[str, object]:
    plain = {"list": "staff", "plate": plate, "holder": plate, "note": f"knows {plate}"}
    return {**plain, "begins": None, "ends": None, "alarm": False}


def main(arguments: Sequence[str]) -> int:
    """Run at full size, or as asked; 1 where anything was found, or by the control too little."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.theft")
    parser.add_argument("--plates", type=int, default=PLATES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    crashed, shut, did = campaign(asked.plates, seed=asked.seed)
    for name, one in (("after the crash", crashed), ("after a shutdown", shut)):
        sys.stdout.write(
            f"theft, {name}: {asked.plates} plates, {one.size} bytes searched, {len(one.known)} "
            f"known things and {one.pictures} pictures found {' '.join(one.where[:5])}\n"
        )
    sys.stdout.write(f"done before: {', '.join(did)}; {swap_said()}\n")
    bare = control(asked.plates, seed=asked.seed)
    sys.stdout.write(
        f"with the seal off: {len(bare.known)} plates and {bare.pictures} pictures found\n"
    )
    holds = crashed.is_clean and shut.is_clean and len(bare.known) >= asked.plates
    return 0 if holds else 1


def swap_said() -> str:
    """Say whether anything could have been swapped out on this machine."""
    lines = Path("/proc/swaps").read_text(encoding="ascii").splitlines()[1:]
    return f"swap: {len(lines)} areas" if lines else "no swap here, so its pressure was not tried"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
