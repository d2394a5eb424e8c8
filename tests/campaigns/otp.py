"""A code is good once: raced, tried by force over restarts, killed between compare and count.

`python -m tests.campaigns.otp` runs it at full size. Each round is a keyholder of its own with
real processes; what passed that must not is counted, and a control shows that the count counts.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from contract import otp
from lot.errors import LotError
from server.keys.holder import calls, refusals
from tests.server.keys.holder.running import House, house, wait_for

RACERS, KILLS, GUESSES = 200, 100, 200


@dataclass(frozen=True, slots=True)
class Told:
    """What was tried, and how often a code was good that must not be."""

    tried: int
    passed: int
    expected: int

    @property
    def holds(self) -> bool:
        return self.passed == self.expected


def raced(home: House, racers: int) -> Told:
    """Let many type one code at the same moment: one comes in."""
    code, start = home.code(), threading.Barrier(racers)
    inside: list[calls.Admission] = []

    def attempt() -> None:
        start.wait()
        with suppress(LotError):
            inside.append(home.unlock(code))

    threads = [threading.Thread(target=attempt) for _ in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return Told(racers, len(inside), 1)


def killed(home: House, kills: int, seed: int = 1) -> Told:
    """Kill the keyholder at any moment of a try; a code that let somebody in never does again.

    A used step counts as passed twice where it is taken after the restart.
    """
    random, twice = Random(seed), 0  # noqa: S311 - moments, no secrets
    for _ in range(kills):
        code = home.code(1)
        inside: list[calls.Admission] = []

        def attempt(code: str = code, inside: list[calls.Admission] = inside) -> None:
            with suppress(LotError):
                inside.append(home.unlock(code))

        typing = threading.Thread(target=attempt)
        typing.start()
        typing.join(random.random() * 0.06)
        with suppress(ProcessLookupError):
            os.kill(_child(home.guardian), signal.SIGKILL)
        typing.join()
        wait_for(home.keyholder)
        home.keyholder.reopen(home.founding.account.id)
        if inside:
            with suppress(LotError):
                home.unlock(code)
                twice += 1
        _door(home).unlink(missing_ok=True)  # so that the next round's code is fresh again
        home.keyholder.lock(calls.Console())
        wait_for(home.keyholder)
    return Told(kills, twice, 0)


def forced(home: House, guesses: int) -> Told:
    """Guess codes over restarts, with the right passphrase: the waits hold, the misses count."""
    taken = inside = 0
    for guess in range(guesses):
        try:
            home.unlock(_wrong(home, guess))
            inside += 1
        except refusals.NotThem:
            taken += 1
        except refusals.MustWait:
            home.keyholder.lock(calls.Console())
            wait_for(home.keyholder)
    return Told(guesses, inside + (taken != otp.MISSES_FREE + 1), 0)


def control(home: House) -> bool:
    """Say whether a code that is remembered by nobody would pass twice: else nothing is shown."""
    code = home.code()
    home.unlock(code)
    _door(home).unlink()
    home.keyholder.lock(calls.Console())
    home.unlock(code)
    return True


def main(arguments: Sequence[str]) -> int:
    """Run it all; 0 where a code was good once and never more."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0, help="of the full size")
    share = parser.parse_args(arguments).share
    started_at_s, held = time.monotonic(), []
    for name, play, size in (
        ("raced", raced, RACERS),
        ("killed", killed, KILLS),
        ("forced", forced, GUESSES),
    ):
        with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as home:
            told = play(home, max(8, int(size * share)))
        held.append(told.holds)
        sys.stdout.write(f"{name}: {told.tried} tried, {told.passed} passed of {told.expected}\n")
    with tempfile.TemporaryDirectory() as folder, house(Path(folder)) as home:
        held.append(control(home))
    sys.stdout.write(f"the control finds: {held[-1]}, {time.monotonic() - started_at_s:.0f} s\n")
    return 0 if all(held) else 1


def _child(guardian: int) -> int:
    text = Path(f"/proc/{guardian}/task/{guardian}/children").read_text()
    return int(text.split()[0]) if text.split() else 2**22  # none at this moment: no such process


def _door(home: House) -> Path:
    return home.folder.doors / f"{home.founding.account.id.hex()}.otp"


def _wrong(home: House, guess: int) -> str:
    near = {home.code(ahead) for ahead in range(-2, 3)}
    return next(code for n in range(6) if (code := f"{guess * 7 + n:06d}") not in near)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
