"""`python -m server backup DIR`: a consistent copy while the server runs, sealed as it lies."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from contract.head import ID_BYTES
from lot.clock import now_us
from lot.errors import DONE, Refused, Unreachable, Unwritable
from server.api.ways_in import after_opening
from server.backup import house
from server.backup.taking import take_data, take_keys
from server.commands import signed
from server.store import alarms


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "backup", help="copy everything, sealed as it lies; needs no passphrase"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="best on another disk")
    parser.add_argument(
        "--keys-only", action="store_true", help="the keys part alone, as after an erasure"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Write a data part and a keys part; say what is in them."""
    _check_place(asked.folder)
    with signed.console(env) as here:
        parts, folder = here.parts, asked.folder
        sources = house.sources(parts.settings.places)
        parts.database.write(lambda write: parts.line(write, "backup"))
        with suppress(Refused, Unreachable):  # a vault that is shut, or away, signs nothing
            after_opening(parts).mark()
        made, part = now_us(), os.urandom(ID_BYTES)
        with parts.database.read() as read:
            head = house.newest_head(read)
            if not asked.keys_only:
                taken = take_data(sources, read, folder, part=part, made=made, audit=head)
                sys.stdout.write(
                    f"{taken.folder}: {taken.rows} rows, "
                    f"{taken.pictures} pictures that were not there yet\n"
                )
        # Later than the rows on purpose: a wrap too many is no harm, one too few is a day lost.
        with parts.database.read() as read:
            keys = take_keys(sources, read, folder, part=part, made=made, audit=head)
        house.note_folder(parts.settings.places, folder)
        parts.database.write(lambda write: alarms.end_all(write, house.KEYS_PART, made))
    sys.stdout.write(f"{keys}: what opens them; restoring needs both\n")
    return DONE


def _check_place(folder: Path) -> None:
    """A disk that is not there would leave the copy on the card, beside what it is a copy of."""
    above = folder.absolute().parent
    if not above.is_dir():
        raise Unwritable(f"{above} is not there", then="mount the disk, or make that folder")
