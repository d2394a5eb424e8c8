"""`python -m server verify`: nothing missing, nothing altered, or what is; needs no unlocking."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from lot.errors import DAMAGED, DONE, Unreadable
from lot.files import write_whole
from lot.times import local_text, moment
from server.clock import now_us
from server.commands import asked as common
from server.store import schema
from server.store.database import Database
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder
from server.trust_file import TrustFile
from server.verify.report import NOTHING_EARLIER, Earlier, earlier, encoded
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
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Walk everything, tell it, keep it; 5 where something is missing or altered."""
    settings = common.settings(env)
    places = settings.places
    known = NOTHING_EARLIER if asked.against is None else _earlier(asked.against)
    pack = TrustFile(places.trust_pack).pack()
    pictures, wraps = picture_folder(places.pictures), wrap_folder(places.wraps)
    with closing(Database.open(settings.database)) as database:
        schema.check(database)
        with database.read() as read:
            report = verified(Ground(read, pictures, wraps, pack), made=now_us(), earlier=known)
    if asked.report is not None:
        write_whole(asked.report, encoded(report))
    if asked.json:
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
