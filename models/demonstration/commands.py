"""Commands of the house, run in the demo's folder; secrets go through pipes, as at a lot."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from lot.errors import LotError

TREE = Path(__file__).resolve().parents[2]
_LONGEST_S = 300  # a small board draws RSA keys for a minute


@dataclass(frozen=True, slots=True)
class Handed:
    """A secret that a command reads: no flag's value, and on no disk."""

    text: str = field(repr=False)


@dataclass(slots=True)
class Caught:
    """A secret that a command may not put on the card."""

    text: str = field(default="", repr=False)


class Failed(LotError):
    """A command of the house did not do what the demo asked; its own complaint."""


@dataclass(frozen=True, slots=True)
class Commands:
    """What runs `python -m PART …` in the demo's folder, with the demo's settings alone."""

    folder: Path
    env: Mapping[str, str] = field(repr=False)

    def said(self, *words: str | Handed | Caught, within: str = ".") -> str:
        """Run one to its end and return what it printed; Failed with its complaint."""
        with ExitStack() as stack:
            given = [_Pipe(word, stack) for word in words if not isinstance(word, str)]
            paths = iter(given)
            done = subprocess.run(
                [
                    sys.executable,
                    "-m",
                    *(w if isinstance(w, str) else next(paths).path for w in words),
                ],
                cwd=self.folder / within,
                env=dict(self.env),
                pass_fds=[one.theirs for one in given],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=_LONGEST_S,
                check=False,
            )
            for one in given:
                one.finish()
        if done.returncode != 0:
            complaint = (done.stderr.strip().splitlines() or [f"status {done.returncode}"])[-1]
            what, _, then = complaint.partition("; ")  # as every LotError is written
            raise Failed(what, then=then or f"run python -m {words[0]} yourself")
        return done.stdout


class _Pipe:
    """One end is the command's, the other ours; what goes through fits into the kernel's buffer."""

    def __init__(self, word: Handed | Caught, stack: ExitStack) -> None:
        read, write = os.pipe()
        self._word = word
        if isinstance(word, Handed):
            self.theirs, self._ours = read, write
            os.write(write, word.text.encode())
            os.close(write)
        else:
            self.theirs, self._ours = write, read
            stack.callback(os.close, read)
        self._open = True
        stack.callback(self._let_go)

    @property
    def path(self) -> str:
        return f"/dev/fd/{self.theirs}"

    def finish(self) -> None:
        self._let_go()
        if isinstance(self._word, Caught):
            with open(self._ours, "rb", closefd=False) as caught:
                self._word.text = caught.read().decode()

    def _let_go(self) -> None:
        if self._open:
            self._open = False
            os.close(self.theirs)


def settings_of(environment: Mapping[str, str], **settings: str) -> Mapping[str, str]:
    """Return an environment that says these settings and no other of ours.

    What stands in a `.env` or was exported for a real lot must not reach the demo's, nor back.
    """
    kept = {name: text for name, text in environment.items() if not name.startswith("LOT_")}
    return {**kept, "PYTHONPATH": str(TREE), **settings}
