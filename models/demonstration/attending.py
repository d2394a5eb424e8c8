"""The demo's screen: what one needs to come in, what the gate says, and a person's few words."""

from __future__ import annotations

import os
import re
import select
import sys
import textwrap
from dataclasses import dataclass, field
from datetime import tzinfo
from pathlib import Path

from contract.event import Event, decoded
from edge.replay.telling import line
from lot.errors import DONE, SOME_REFUSED, LotError
from models.demonstration.phone import Wait
from models.demonstration.standing import OWNER, PAGE, PASSPHRASE, READER, VAULT, Lot

_LOOKS_S = 0.5
_NUMBER = re.compile(r"[0-9]{6}")
_COLUMNS = 80


@dataclass(slots=True)
class _Lines:
    """Whole lines out of a descriptor; select must see what Python's own buffer would hide."""

    descriptor: int
    ended: bool = False
    _rest: bytes = b""

    def come(self) -> list[str]:
        read = os.read(self.descriptor, 65_536)
        self.ended = not read
        *whole, self._rest = (self._rest + read).split(b"\n")
        return [one.decode(errors="replace") for one in whole]


@dataclass(slots=True)
class Attending:
    """Follows the gate and, where somebody sits there, answers the keyboard."""

    lot: Lot
    zone: tzinfo
    clip: Path
    keyboard: int | None  # nobody sits there: it ends once all has arrived
    _gate: _Lines | None = None  # while it plays
    _told: dict[str, Event] = field(default_factory=dict)
    _arrived: bool = False

    def run(self) -> int:
        """Show the clip pass through the lot; return the exit status once it may end."""
        self._invite()
        _say("5. The gate plays the clip now, as a camera would show it; look at Now:")
        self._play()
        keyboard = _Lines(self.keyboard) if self.keyboard is not None else None
        while True:
            open_ = [one for one in (self._gate, keyboard) if one is not None]
            ready = select.select([one.descriptor for one in open_], [], [], _LOOKS_S)[0]
            if self._gate is not None and self._gate.descriptor in ready:
                self._hear(self._gate)
            if keyboard is not None and keyboard.descriptor in ready:
                self._obey(keyboard)
                if keyboard.ended:
                    return DONE
            self._look()
            if keyboard is None and self._arrived:
                return DONE if self._told else SOME_REFUSED

    def _play(self) -> None:
        self._gate, self._arrived = _Lines(self.lot.play(self.clip)), False

    def _invite(self) -> None:
        _say(f"4. The page is open at   {self.lot.page}/")
        if self.keyboard is None:
            _say("   (nobody sits at a terminal here, so the demo ends by itself)")
            return
        if "SSH_CONNECTION" in self.lot.commands.env:
            port = self.lot.page.rpartition(":")[2]
            _say(f"   from another machine: ssh -L {port}:127.0.0.1:{port} to this one first")
        _say("   Only browsers that the owner let in may try a passphrase. Ask on the page,")
        _say("   then type the six digits that it shows here, and Enter.")
        _say(f"   name             {OWNER}")
        _say(f"   passphrase       {PASSPHRASE}")
        self._show_code()
        _say(f"   for your app     {self.lot.phone.key}   (or use the codes from here)")
        _say("   All three are for this demo alone: known to everybody, good for nothing else.")
        _say("   A code is good once. Enter alone shows the next one, p and Enter plays the")
        _say("   clip again, Ctrl-C ends the demo.")

    def _show_code(self) -> None:
        code = self.lot.phone.code()
        if isinstance(code, Wait):
            _say(f"   the next code is there in {code.seconds} s: Enter again then")
        else:
            _say(f"   one-time code    {code}   (for a minute)")

    def _hear(self, gate: _Lines) -> None:
        for said in gate.come():
            event = decoded(said.encode())
            before = self._told.get(event.id)
            self._told[event.id] = event
            if before is None or (before.kind, before.plate) != (event.kind, event.plate):
                _tell(line(event, self.zone))
        if gate.ended:
            self._gate = None
            self.lot.played()

    def _obey(self, keyboard: _Lines) -> None:
        for typed in keyboard.come():
            number = "".join(typed.split())
            if not number:
                self._show_code()
            elif number == "p" and self._gate is None:
                self._play()
            elif _NUMBER.fullmatch(number):
                self._approve(number)
            else:
                _say("   six digits let a browser in; p plays the clip again, once it is over")

    def _approve(self, number: str) -> None:
        try:
            _tell(self.lot.approve(number))
        except LotError as error:
            _tell(str(error))

    def _look(self) -> None:
        """See that all lives, and once the film is over that everything is in the vault."""
        self.lot.processes.check(VAULT, PAGE)
        if self._gate is not None or self._arrived:
            return
        self.lot.processes.check(READER)
        there = self.lot.revisions()
        if there is None:
            self._arrived = True  # somebody locked the vault: nobody can look, and all goes on
        elif all(there.get(one.id, 0) >= one.revision for one in self._told.values()):
            self._arrived = True
            _say(f"   The clip is over. Events that lie sealed in the vault now: {len(there)}")


def _tell(text: str) -> None:
    """Say what others worded, in as many lines as that takes."""
    _say(textwrap.fill(text, _COLUMNS, initial_indent="   ", subsequent_indent="   "))


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
