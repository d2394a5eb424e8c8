"""`python -m server backup DIR`: a consistent copy while the server runs, sealed as it lies."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from contract.head import ID_BYTES
from lot.errors import DONE
from server.backup import house
from server.backup.taking import take_data, take_keys
from server.clock import now_us
from server.commands import asked as common
from server.store import schema
from server.store.database import Database
from server.store.pictures import picture_folder
from server.trust_file import TrustFile


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "backup", help="copy everything, sealed as it lies; needs no passphrase"
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="best on another disk")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Write a data part and a keys part; say what is in them."""
    settings = common.settings(env)
    places = settings.places
    made, part = now_us(), os.urandom(ID_BYTES)
    pictures = picture_folder(places.pictures)
    sources = house.sources(places, pictures, TrustFile(places.trust_pack).pack().server)
    with closing(Database.open(settings.database)) as database:
        schema.check(database)
        with database.read() as read:
            head = house.newest_head(read)
            taken = take_data(sources, read, asked.folder, part=part, made=made, audit=head)
        # Later than the rows on purpose: a wrap too many is no harm, one too few is a day lost.
        with database.read() as read:
            keys = take_keys(sources, read, asked.folder, part=part, made=made, audit=head)
    sys.stdout.write(
        f"{taken.folder}: {taken.rows} rows, {taken.pictures} pictures that were not there yet\n"
        f"{keys}: what opens them; restoring needs both\n"
    )
    return DONE
