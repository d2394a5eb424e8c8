"""A lot is set up from nothing: vault, page, owner and gate, each by its own command."""

from __future__ import annotations

import re
import shutil
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from contract import trust
from models.demonstration.commands import Caught, Commands, Failed, Handed, settings_of
from models.demonstration.phone import Phone, Wait
from models.demonstration.processes import Processes, free_port

OWNER = "Ada"
PASSPHRASE = "a stone by the river sings"  # noqa: S105 - printed, and good for the demo alone
CAMERA = "gate"
VAULT, PAGE, GATE, READER = "vault", "page", "gate", "reader"
_PAGE_PORT = 8080
_CODE_COUNTS_S = 9 * 60  # of signing in, to let browsers in; the vault takes it for ten minutes
_BOX = "box"  # the folder that the gate's computer would have for itself


@dataclass(frozen=True, slots=True)
class Edge:
    """What plays the part of the box at the gate."""

    gate: Sequence[str]  # words after `python` that begin playing a film
    reader: Sequence[str]  # and those that answer pictures at a given HOST:PORT
    lot: Sequence[str]  # which borders of the camera's picture the lot lies at


@dataclass(slots=True)
class Lot:
    """The demo's lot while it stands."""

    commands: Commands
    processes: Processes
    phone: Phone
    page: str
    api: str
    vault: httpx.Client
    edge: Edge
    session: Handed = field(default_factory=lambda: Handed(""))
    reads: bool = False
    unlocked_s: float = 0.0  # by the monotonic clock

    def unlock(self) -> None:
        """Open the vault, and keep the session for what the console does later."""
        while isinstance(code := self.phone.code(), Wait):
            time.sleep(code.seconds)
        kept = Caught()
        self.commands.said(
            *("server", "unlock", "--passphrase-file", Handed(PASSPHRASE)),
            *("--code-file", Handed(code), "--keep-session", kept),
        )
        self.session = Handed(kept.text)
        self.unlocked_s = time.monotonic()

    def approve(self, number: str) -> str:
        """Let a browser in by the number that it shows; return what the console says."""
        words = ("server", "device", "approve", number, "--session")
        if time.monotonic() - self.unlocked_s > _CODE_COUNTS_S:
            self.unlock()
        try:
            return self.commands.said(*words, self.session).strip()
        except Failed:
            if self._session_is_good():
                raise
        self.unlock()  # the vault was locked meanwhile, which ends the console's session too
        return self.commands.said(*words, self.session).strip()

    def revisions(self) -> Mapping[str, int] | None:
        """Return the newest revision of each event that the vault shows; None while it is shut."""
        answer = self._asked("events")
        if answer.status_code != httpx.codes.OK:
            return None
        return {row["id"]: row["revision"] for row in answer.json()["rows"]}

    def _session_is_good(self) -> bool:
        return self._asked("sessions/own").status_code == httpx.codes.OK

    def _asked(self, path: str) -> httpx.Response:
        return self.vault.get(
            f"/api/v1/{path}", headers={"Authorization": f"Bearer {self.session.text}"}
        )

    def play(self, clip: Path) -> int:
        """Let the gate play a film as a camera would; return where its events are to be heard."""
        words = (*self.edge.gate, str(clip.resolve()), "--camera", CAMERA, "--json")
        process = self.processes.start(GATE, words, _BOX, heard=True)
        assert process.stdout is not None
        return process.stdout.fileno()

    def played(self) -> None:
        """See the film's end; from now on a desk's photo is read, too.

        What reads it also brings to the vault what the gate left in their outbox.
        """
        self.processes.finish(GATE)
        if not self.reads:
            self.reads = True
            self.processes.start(READER, (*self.edge.reader, self.api), _BOX)


@contextmanager
def standing(folder: Path, edge: Edge, environment: Mapping[str, str]) -> Iterator[Lot]:
    """Set a lot up in `folder`, in place of the one of before, and end it with the block."""
    shutil.rmtree(folder, ignore_errors=True)
    (folder / _BOX).mkdir(mode=0o700, parents=True)
    folder.chmod(0o700)
    vault, page = f"127.0.0.1:{free_port()}", f"127.0.0.1:{free_port(_PAGE_PORT)}"
    # Off loopback it speaks TLS, as the vault expects of a box at a gate.
    api = f"0.0.0.0:{free_port()}"
    env = settings_of(
        environment,
        # Relative: a socket's path may have 107 bytes, and trees lie deeper than that.
        LOT_SERVER_FOLDER="vault",
        LOT_KEYS_FOLDER="keys",
        LOT_EDGE_FOLDER="kept",
        LOT_CAMERAS_FILE="cameras.toml",
        LOT_API_BIND=api,
        LOT_GUI_SERVER=f"https://{vault}",
        LOT_GUI_ROOT="root.pem",
    )
    commands, processes = Commands(folder, env), Processes(folder, env)
    with ExitStack() as stack:
        stack.callback(processes.close)
        phone = _founded(commands)
        client = stack.enter_context(closing(_client(folder, vault)))
        processes.start(VAULT, ("-m", "server", "serve", "--bind", vault))
        processes.wait(VAULT, lambda: client.get("/api/v1/health").status_code == httpx.codes.OK)
        lot = Lot(commands, processes, phone, f"http://{page}", api, client, edge)
        lot.unlock()
        _enrol(lot, vault)
        processes.start(PAGE, ("-m", "gui", "--bind", page))
        processes.wait(PAGE, lambda: _answers(lot.page))
        yield lot


def _founded(commands: Commands) -> Phone:
    """Set the server up; return the owner's phone."""
    address, sheet = Caught(), Caught()
    commands.said(
        *("server", "init", "--unattended", "--owner", OWNER, "--lot", "Demo lot"),
        *("--capacity", "50", "--passphrase-file", Handed(PASSPHRASE)),
        *("--otp-address", address, "--sheet", sheet),
    )
    return Phone(address.text, time.time)


def _enrol(lot: Lot, vault: str) -> None:
    """Make the box at the gate an edge of the lot, by the commands of both sides."""
    of = lot.commands
    code = of.said("server", "edge", "add", CAMERA, "--address", vault, "--session", lot.session)
    (of.folder / _BOX / "cameras.toml").write_text(_cameras(lot.edge), encoding="utf-8")
    of.said("edge", "enrol", code.strip(), "--name", "demo box", within=_BOX)


def _cameras(edge: Edge) -> str:
    """Say of the camera what its owner would: where the lot lies; the rest is the street."""
    borders = ", ".join(f'"{one}"' for one in edge.lot)
    return f"[{CAMERA}]\nlot = [{borders}]\n"


def _client(folder: Path, vault: str) -> httpx.Client:
    """Return who asks the vault, trusting the root that its owner's phones would."""
    root = ssl.DER_cert_to_PEM_cert(trust.pack_own((folder / "vault/trust.json").read_bytes()).root)
    (folder / "root.pem").write_text(root, encoding="ascii")
    trusted = ssl.create_default_context(cadata=root)
    return httpx.Client(base_url=f"https://{vault}", verify=trusted, trust_env=False, timeout=30)


def _answers(page: str) -> bool:
    """Say whether the page lets a new browser ask for its approval."""
    with httpx.Client(trust_env=False, timeout=30) as browser:
        return re.search("<form[^>]*/device", browser.get(f"{page}/device").text) is not None
