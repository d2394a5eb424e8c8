"""`python -m server doctor`: what is wrong on this machine, and what to do about it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing
from datetime import datetime, timezone
from pathlib import Path

from lot.clock import WallClock
from lot.errors import DONE, SOME_REFUSED, LotError
from server.commands import asked as common
from server.doctor.ailment import Ailment
from server.doctor.certificates import certificates
from server.doctor.database import database
from server.doctor.folders import folders, secret_file
from server.doctor.keyholder import idle_lock
from server.doctor.machine import machine
from server.keys.holder.client import Keyholder
from server.settings import ServerSettings
from server.store import audit_lines, schema
from server.store.database import Database

_PROC, _CGROUPS = Path("/proc"), Path("/sys/fs/cgroup")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "doctor", help="what is wrong on this machine, a line each; 1: something is"
    )
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Look at everything; say each ailment with the next step."""
    found = list(_ailments(common.settings(env)))
    for one in found:
        sys.stdout.write(f"{one}\n")
    if not found:
        sys.stdout.write("nothing is wrong here\n")
    return SOME_REFUSED if found else DONE


def _ailments(settings: ServerSettings) -> Iterator[Ailment]:
    places = settings.places
    yield from machine(_PROC, _CGROUPS, places.state)
    yield from folders(sorted({places.state, places.keys}))
    yield from secret_file(Path(common.ENV_FILE))
    yield from certificates(places.tls, datetime.now(timezone.utc))
    yield from _database(settings)
    yield from _keyholder(settings)


def _database(settings: ServerSettings) -> Iterator[Ailment]:
    try:
        with closing(Database.open(settings.database)) as opened:
            with opened.read() as read:
                yield from database(read)
            schema.check(opened)
            with opened.read() as read:
                newest = audit_lines.newest_time(read)
    except LotError as error:
        yield Ailment(error.what, error.then)
        return
    if WallClock().state(newest) == "behind":
        yield Ailment(
            "the clock is behind, or nothing vouches for it: nothing is erased and nothing expires",
            "let the machine reach a time server, or give it a clock with a battery (DS3231)",
        )


def _keyholder(settings: ServerSettings) -> Iterator[Ailment]:
    try:
        condition = Keyholder(settings.places.socket).status()
    except LotError as error:
        starts = "start python -m server serve, which starts it"
        yield Ailment(error.what, starts if settings.keyholder == "own" else error.then)
        return
    if not condition.memory_locked:
        yield Ailment(
            "the keyholder's memory is not locked: keys could be written to swap",
            "set LimitMEMLOCK=infinity in its unit and restart it",
        )
    yield from idle_lock(settings.idle_lock_minutes, condition.idle_s)
