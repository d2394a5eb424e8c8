"""A vault of our own: set up as `init` does, its edges enrolled, served over TLS by its command.

Server, keyholder and database are pinned to one core, who asks them to another.
"""

from __future__ import annotations

import http.client
import os
import secrets
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from benchmarks import TREE
from benchmarks.mariadb import Mariadb
from contract import signature, tokens, trust
from contract.otp import Typed
from contract.tokens import Token
from contract.trust import Certificate
from contract.wrap import rsa_public
from lot.clock import now_us
from lot.errors import Unreachable
from server import setting_up
from server.access.signing_in import Attempt
from server.commands import signed
from server.keys.founding import Begun, Owner
from server.keys.holder import calls
from server.keys.holder.newest import Newest
from server.keys.slots import Cost
from server.lot_keeping import New
from server.settings import ServerSettings, settings_from
from server.store import lots, writers
from server.store import tokens as kept_tokens
from server.store.database import Database
from server.store.writers import WriterRow

PASSPHRASE = "six words that nobody guesses"  # noqa: S105 - of a vault that lasts a minute

PLAIN = Cost()
_STOPS_S = 20.0
_QUOTA_BYTES = 1 << 40
_READY_S = 240.0  # beside a full machine a start takes minutes
_LOOKS_S = 0.05
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


@dataclass(frozen=True, slots=True)
class Enrolled:
    """An edge as the vault certified it, and what it needs to write and to come in."""

    key: Ed25519PrivateKey
    writer: bytes
    lot: bytes
    token: Token
    under: RSAPublicKey


@dataclass(frozen=True, slots=True)
class Vault:
    """A vault that is set up and not served yet."""

    settings: ServerSettings
    environment: dict[str, str]
    begun: Begun
    root: Path  # the certificate that edges pin

    def enrolled(self, name: str, *cameras: str) -> Enrolled:
        """Take an edge in, as enrolment does once its code was right; before anything runs."""
        now, key = now_us(), Ed25519PrivateKey.generate()
        public, server = signature.public_half(key), self.begun.foundation.server
        token = tokens.drawn(signature.writer_id(public))
        with closing(Database.open(self.settings.database)) as database:
            with database.read() as read:
                (lot,) = lots.every(read)
            rights = Certificate(server, lot.lot, public, "edge", cameras or ("gate",), now)
            certificate = trust.certificate_encoded(rights, self.begun.vault.sign)
            row = WriterRow(
                lot.lot,
                rights.writer,
                name,
                "edge",
                certificate,
                now,
                secrets.token_bytes(32),
                closed=False,
                day_bytes_max=_QUOTA_BYTES,
                stamp=None,
            )
            with closing(Newest(self.begun.folder.newest)) as newest:
                newest.put(calls.Version.of("writers", rights.writer, now, certificate))
            database.write(lambda write: writers.add(write, row, now))
            database.write(lambda write: kept_tokens.add(write, lot.lot, token, now))
        pack = trust.pack_own(self.settings.places.trust_pack.read_bytes())
        under = rsa_public(pack.statement.current.spki)
        return Enrolled(key, rights.writer, lot.lot, token, under)


@dataclass(slots=True)
class Served:
    """A vault behind its own command; it can be killed, and started again."""

    vault: Vault
    log: Path
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it at a free port, and return when it answers."""
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = int(free.getsockname()[1])
        words = [sys.executable, "-m", "server", "serve", "--bind", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as said:
            self.process = subprocess.Popen(
                words, cwd=TREE, env=self.vault.environment, stderr=said
            )
        ends = time.monotonic() + _READY_S
        while not self._answers():
            if self.process.poll() is not None or time.monotonic() > ends:
                told = self.log.read_text(encoding="utf-8", errors="replace")
                raise Unreachable("the server did not start", then=told[-600:])
            time.sleep(_LOOKS_S)

    def kill(self) -> None:
        """End all of it as a crash does."""
        for number in self.processes():
            with suppress(ProcessLookupError):
                os.kill(number, signal.SIGKILL)
        self._ended()

    def stop(self) -> None:
        """End it as its unit does."""
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(_STOPS_S)
            except subprocess.TimeoutExpired:
                self.kill()
            self._ended()

    def connection(self) -> http.client.HTTPSConnection:
        trusted = ssl.create_default_context(cafile=self.vault.root)
        return http.client.HTTPSConnection(
            "127.0.0.1", self.port, context=trusted, timeout=_READY_S
        )

    def processes(self) -> list[int]:
        """Return the numbers of the command and all that it started."""
        return [] if self.process is None else family(self.process.pid)

    def _ended(self) -> None:
        if self.process is not None:
            self.process.wait()
            self.process = None

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException), closing(self.connection()) as link:
            link.request("GET", "/api/v1/health")
            return link.getresponse().status == 200
        return False


def set_up(folder: Path, database: Mariadb, cost: Cost = PLAIN, keyholder: str = "own") -> Vault:
    """Set a vault up in an empty folder, with tables in an empty database."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    values = {
        "LOT_SERVER_FOLDER": str(folder / "server"),
        "LOT_KEYS_FOLDER": str(folder / "keys"),
        "LOT_DATABASE": database.url,
        "LOT_TIMEZONE": "UTC",
    }
    settings, now = settings_from(values), now_us()
    setting_up.check_new(settings)
    begun = setting_up.begin(settings, Owner("Ada", PASSPHRASE, cost), now)
    first = New("North", "UTC", None, text_days=400, picture_days=400)
    setting_up.complete(settings, begun, first, now)
    root = folder / "root.pem"
    pack = trust.pack_own(settings.places.trust_pack.read_bytes())
    root.write_text(ssl.DER_cert_to_PEM_cert(pack.root), encoding="ascii")
    return Vault(settings, {**mine, **values, "LOT_KEYHOLDER": keyholder}, begun, root)


def opened(vault: Vault, code: str) -> str:
    """Open a vault at the console, once its keyholder answers; return the session."""
    account = vault.begun.foundation.account
    with signed.console(vault.environment) as here:
        attempt = Attempt(account.name, PASSPHRASE, Typed(code))
        return here.door.sign_in(attempt, calls.Console()).token


@contextmanager
def served(vault: Vault, log: Path) -> Iterator[Served]:
    """Serve a vault while the block lasts."""
    found = Served(vault, log)
    try:
        found.start()
        yield found
    finally:
        found.stop()


@contextmanager
def on_cores(cores: Sequence[int]) -> Iterator[None]:
    """Keep this thread, and what it starts meanwhile, on these cores."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, cores)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def processor_s(processes: Sequence[int]) -> float:
    """Return how long these processes have worked so far, all cores together."""
    ticks = 0
    for number in processes:
        with suppress(OSError):  # it has ended
            said = Path(f"/proc/{number}/stat").read_text(encoding="utf-8").rpartition(")")[2]
            ticks += sum(map(int, said.split()[11:13]))
    return ticks / _TICKS_A_SECOND


def pss_mb(process: int) -> float:
    """Return a process's share of the memory that it has mapped."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def family(process: int) -> list[int]:
    """Return the numbers of a process and of all that it started."""
    found = [process]
    for task in Path(f"/proc/{process}/task").glob("*/children"):
        with suppress(OSError):  # it ends at this moment
            for child in task.read_text(encoding="ascii").split():
                found += family(int(child))
    return found
