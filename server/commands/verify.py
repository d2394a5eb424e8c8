"""`python -m server verify`: nothing missing, nothing altered, or what is; needs no unlocking.

With --open somebody signs in, and every part is tried through the keyholder as well.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from sqlalchemy import Connection

from lot.clock import now_us
from lot.errors import DAMAGED, DONE, Damaged, Unreadable, WrongUsage
from lot.files import write_whole
from lot.times import local_text, moment
from server.access.roles import Right
from server.commands import asked as common
from server.commands import signed
from server.commands.signed import Console
from server.exports.exporting import Patient
from server.keys.holder import bodies, calls
from server.records.sealed import Shelf
from server.settings import ServerSettings
from server.store import schema
from server.store.database import Database
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder
from server.trust_file import TrustFile
from server.verify.opening import tried, with_opened
from server.verify.report import NOTHING_EARLIER, Earlier, Report, earlier, encoded
from server.verify.telling import lines
from server.verify.whole import Ground, verified


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "verify", help="walk chains, signatures, hashes, gaps and erasures; 5: damage"
    )
    parser.add_argument("--json", action="store_true", help="the report as one object")
    parser.add_argument("--report", type=Path, metavar="FILE", help="keep the report there too")
    parser.add_argument(
        "--against", type=Path, metavar="FILE", help="an earlier report: what it saw must be there"
    )
    parser.add_argument(
        "--open", action="store_true", help="sign in, and try to open every part too: takes long"
    )
    parser.add_argument("--reason", metavar="TEXT", help="with --open: why; an auditor must say")
    signed.add_flags(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Walk everything, tell it, keep it; 5 where something is missing or altered."""
    settings = common.settings(env)
    known = NOTHING_EARLIER if asked.against is None else _earlier(asked.against)
    if asked.open:
        with signed.signed_in(asked, env) as (here, by):
            report = opened(here, by, known, asked.reason)
    else:
        with closing(Database.open(settings.database)) as database:
            schema.check(database)
            with database.read() as read:
                report = walked(settings, read, known)
    if asked.report is not None:
        write_whole(asked.report, encoded(report))
    return told(report, settings, as_json=asked.json)


def walked(settings: ServerSettings, read: Connection, known: Earlier = NOTHING_EARLIER) -> Report:
    """Walk everything that needs no unlocking."""
    places = settings.places
    pictures, wraps = picture_folder(places.pictures), wrap_folder(places.wraps)
    ground = Ground(read, pictures, wraps, TrustFile(places.trust_pack).pack())
    return verified(ground, made=now_us(), earlier=known)


def opened(
    here: Console, by: calls.Caller, known: Earlier = NOTHING_EARLIER, reason: str | None = None
) -> Report:
    """Walk, then open every part in the name of who signed in; that it was done is audited."""
    signed.check_right(here, by, Right.AUDIT)
    parts, actor = here.parts, bodies.session(by.session.body).account
    parts.database.write(
        lambda write: parts.line(write, "verify_opened", {"reason": reason}, actor=actor)
    )
    with parts.database.read() as read:
        report = walked(parts.settings, read, known)
        shelf = Shelf(read, parts.pictures, parts.wraps)
        found = tried(read, shelf, Patient(parts.keyholder).open, by, reason)
    return with_opened(report, found)


def told(report: Report, settings: ServerSettings, *, as_json: bool = False) -> int:
    """Print a report; return the status that it stands for."""
    if as_json:
        sys.stdout.write(encoded(report).decode() + "\n")
    else:
        for line in lines(report, lambda at: local_text(moment(at), settings.zone)):
            sys.stdout.write(line + "\n")
    return DONE if report.is_whole else DAMAGED


def _earlier(path: Path) -> Earlier:
    try:
        return earlier(path.read_bytes())
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="name a file that verify --report wrote",
        ) from error
    except Damaged as fault:
        # Not status 5: that would say that the server's own records are damaged.
        raise WrongUsage(
            f"{path} is {fault.what}", then="name a file that verify --report wrote"
        ) from None
