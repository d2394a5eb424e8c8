"""Somebody at the console of a vault that is open: commands as typed, and what they say."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from contract import event
from contract.record import Record
from lot.files import write_private
from server.__main__ import main
from tests.contract.writers import NOON, Writer
from tests.server.api.vaulted import Vaulted
from tests.server.keys.holder.running import PASSPHRASE


@dataclass(frozen=True)
class Pipe:
    """What a command writes to, and a test reads afterwards."""

    end: int
    into: int

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.into}"

    def read(self) -> str:
        return self.octets().decode()

    def octets(self) -> bytes:
        os.close(self.into)
        with os.fdopen(self.end, "rb") as said:
            return said.read()


@dataclass(frozen=True)
class Console:
    """A vault, the settings that lead to it, and the owner's session in a file."""

    vault: Vaulted
    env: dict[str, str]
    folder: Path
    said: pytest.CaptureFixture[str]

    def do(self, *words: str) -> tuple[int, str, str]:
        """Return status, answer and talk of a command."""
        self.said.readouterr()
        status = main(words, self.env)
        out, err = self.said.readouterr()
        return status, out, err

    def owner(self, *words: str) -> tuple[int, str, str]:
        """Do it in the owner's session."""
        return self.do(*words, "--session", str(self.file("session", self.vault.owner.token)))

    def file(self, name: str, secret: str) -> Path:
        """Return a file that holds a secret."""
        write_private(self.folder / name, secret.encode())
        return self.folder / name

    def by_code(self, ahead: int = 1, passphrase: str = PASSPHRASE) -> tuple[str, ...]:
        """Return how the owner signs in with a code that was not used yet."""
        secret = str(self.file("passphrase", passphrase))
        return "--passphrase-file", secret, "--code-file", self.fresh_code(ahead)

    def by_sheet(self) -> tuple[str, ...]:
        """Return how the owner comes in with the recovery sheet."""
        return "--recovery-file", str(self.file("sheet", self.vault.home.founding.recovery))

    def pipe(self) -> Pipe:
        """Return a pipe that a secret may go into: it holds some kilobytes until it is read."""
        read, write = os.pipe()
        return Pipe(read, write)

    def fresh_code(self, ahead: int = 1) -> str:
        """Return a file with a code that was not used yet."""
        return str(self.file("code", self.vault.home.code(ahead)))


def event_of(edge: Writer, plate: str, at: int = NOON) -> Record:
    """Return an event in which this plate was read."""
    head = edge.head(at=at)
    characters = (990,) * len(plate)
    said = replace(edge.said(head, {}), plate=plate, characters=characters, alternatives=())
    return edge.signed(head, edge.part("event", event.encoded(said), head))


def console_of(vault: Vaulted, folder: Path, said: pytest.CaptureFixture[str]) -> Console:
    """Return the console; its keyholder is found where settings look for one."""
    places = vault.places
    places.socket.parent.mkdir(mode=0o700, exist_ok=True)
    places.socket.symlink_to(vault.home.keyholder.socket)
    env = {
        "LOT_SERVER_FOLDER": str(places.state),
        "LOT_KEYS_FOLDER": str(places.keys),
        "LOT_DATABASE": vault.parts.settings.database,
        "LOT_TIMEZONE": "UTC",
    }
    return Console(vault, env, folder, said)
