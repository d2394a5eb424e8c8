"""What unlocking costs beyond the passphrase, and what unwrapping a whole year's day keys costs.

Unlocking unwraps only what came in while locked, here one night's two keys. A year's keys are
needed at once only where an index is built again from the records; that is reported beside it.
Reading a year's segments of the index is not in these figures.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.figure import Figure, figure, main
from contract import otp, trust, wrap
from contract.otp import Typed
from lot import times
from server.keys import founding, slots
from server.keys.folder import KeysFolder
from server.keys.founding import Foundation, Owner
from server.keys.holder import admitting, calls
from server.keys.holder.desk import desk_at

KEYS_A_YEAR = 2 * 365  # one of text and one of pictures a day, of one edge
A_NIGHT = 2
TURNS = 3
_PASSPHRASE = "six words that nobody guesses"  # noqa: S105 - of a vault that lasts a minute


def measured(arguments: argparse.Namespace) -> Sequence[Figure]:
    """Unlock in turns with the derivation alone."""
    with tempfile.TemporaryDirectory() as name:
        folder = KeysFolder(Path(name) / "keys")
        made = founding.founded(folder, Owner("Ada", _PASSPHRASE), time.time_ns() // 1000)
        wraps = _wraps(folder, arguments.keys)
        night = median(_turn(folder, made, wraps[:A_NIGHT]) for _ in range(TURNS))
        year = _turn(folder, made, wraps)
    against = "one Argon2id derivation of the slot, subtracted, timed in the same turn"
    return [
        figure("unlock: beyond Argon2id", night, "s", "<= 1", against),
        figure("unlock: a year's keys all unwrapped", year, "s", "", against),
    ]


def _turn(folder: KeysFolder, made: Foundation, wraps: Sequence[wrap.Wrap]) -> float:
    (folder.doors / f"{made.account.id.hex()}.otp").unlink(missing_ok=True)
    desk = desk_at(folder, times.zone("UTC"))
    code = otp.code_at(made.seed, int(time.time()) // otp.STEP_S)
    asked = calls.Unlock(made.row, _PASSPHRASE, Typed(code), calls.Console(), clock="ntp")
    started_at_s = time.perf_counter()
    admitting.unlock(desk, asked)
    for one in wraps:
        wrap.unwrapped(one, desk.vault.rsa[one.rsa])
    unlocked_at_s = time.perf_counter()
    slots.stretched(b"six words", bytes(slots.SALT_BYTES), slots.Cost())
    derived_s = time.perf_counter() - unlocked_at_s
    return unlocked_at_s - started_at_s - derived_s


def _wraps(folder: KeysFolder, count: int) -> list[wrap.Wrap]:
    from_disk = trust.pack_own(folder.trust_pack.read_bytes())
    under = wrap.rsa_public(from_disk.statement.current.spki)
    return [
        wrap.wrapped(bytes(32), under, writer=bytes(16), key_class="T", made=number)
        for number in range(count)
    ]


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--keys", type=int, default=KEYS_A_YEAR, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
