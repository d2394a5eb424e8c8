"""`python -m server export`: tables, a film, one plate's pack or crops, under a fresh code.

What leaves is open, so it goes to another disk, below /run or into a pipe: never onto the card.
"""

from __future__ import annotations

import argparse
import os
import stat
import sys
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from lot.errors import DONE, WrongUsage
from lot.files import unwritable, written_aside
from lot.times import instants, microseconds, zone
from server.access.roles import Right
from server.commands import signed, talk
from server.commands.edge import only_lot
from server.commands.signed import Console
from server.exports.exporting import Exporting, Subject, Wish, exporting
from server.store.lots import Lot

_IN_MEMORY = Path("/run")
_TIMES = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%d")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "export", help="what leaves the server opened, signed: tables, film, subject, crops"
    )
    works = parser.add_subparsers(required=True, metavar="WHAT")
    tables = works.add_parser("tables", help="events and visits of a range as CSV")
    film = works.add_parser("film", help="pictures and clips of a range as one MP4")
    crops = works.add_parser("crops", help="plates with what they say, to train a reader: owners")
    subject = works.add_parser("subject", help="all that is kept about one plate, for who asks")
    for one, made in ((tables, Exporting.tables), (film, Exporting.film), (crops, Exporting.crops)):
        one.add_argument("--from", dest="first", metavar="TIME", help="as '2026-05-01 07:00'")
        one.add_argument("--until", dest="last", metavar="TIME", help="what is before it")
        one.add_argument("--reason", metavar="TEXT", required=True, help="stands in the audit")
        one.set_defaults(run=_range, made=made)
    subject.add_argument("plate", metavar="PLATE")
    subject.add_argument("--ground", metavar="TEXT", required=True, help="on what they may have it")
    subject.add_argument(
        "--theirs",
        action="append",
        default=[],
        metavar="EVENT",
        help="a doubtful event that a person saw to be this plate's",
    )
    subject.set_defaults(run=_subject)
    for one in (tables, film, crops, subject):
        one.add_argument("--lot", metavar="NAME", help="left out: the only one")
        one.add_argument(
            "--to", type=Path, metavar="FILE", help="a ZIP; left out: standard output, a pipe"
        )
        signed.add_flags(one)
        signed.add_fresh_code_flag(one)


def _range(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        _check_place(asked.to, here)
        if asked.made is Exporting.crops:
            signed.check_right(here, by, Right.ADMINISTER)
        lot = only_lot(here.parts.database, asked.lot)
        first, last = _time(asked.first, lot), _time(asked.last, lot)
        if first is not None and last is not None and last <= first:
            raise WrongUsage("--until is not after --from", then="turn them round")
        wish = Wish(by, lot.lot, first, last, asked.reason)
        signed.confirm(asked, here, by, "export", wish.range)
        signed.see_to_index(here)
        _put(asked.to, asked.made(exporting(here.parts), wish))
    return DONE


def _subject(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        _check_place(asked.to, here)
        wish = Wish(by, only_lot(here.parts.database, asked.lot).lot, None, None, asked.ground)
        signed.see_to_index(here)
        makes = exporting(here.parts)
        doubtful = [one for one in makes.doubtful(wish, asked.plate) if one not in asked.theirs]
        signed.confirm(asked, here, by, "export", wish.range)
        whose = Subject(asked.plate, asked.ground, tuple(asked.theirs))
        _put(asked.to, makes.subject(wish, whose))
    for event in doubtful:
        talk.say(f"{event} may be this plate's and is left out: look at it, then name it --theirs")
    return DONE


def _time(text: str | None, lot: Lot) -> int | None:
    """Return a time by the lot's clock; of an hour that comes twice, the first."""
    if text is None:
        return None
    for form in _TIMES:
        try:
            wall = datetime.strptime(text, form)  # noqa: DTZ007 - by the lot's zone, below
        except ValueError:
            continue
        return microseconds(instants(wall, zone(lot.timezone))[0])
    raise WrongUsage(f"{text!r} is no time", then="write it as '2026-05-01 07:00'")


def _check_place(path: Path | None, here: Console) -> None:
    """Refuse a place on the card before anybody types a code."""
    if path is None:
        if sys.stdout.isatty():
            raise WrongUsage("a ZIP is nothing for a screen", then="name a file with --to")
        return
    if path.exists() and stat.S_ISFIFO(path.stat().st_mode):
        return
    folder = path.resolve().parent
    if not folder.is_dir():
        raise WrongUsage(f"there is no folder {folder}", then="make it, or name another")
    if _IN_MEMORY in (folder, *folder.parents):
        return
    if folder.stat().st_dev == here.parts.settings.places.state.stat().st_dev:
        raise WrongUsage(
            f"{path} lies on the server's own disk, where nothing open may stay",
            then="name a file on another disk or below /run, or leave --to out and read the pipe",
        )


def _put(path: Path | None, pieces: Iterator[bytes]) -> None:
    if path is None:
        _poured(sys.stdout.buffer, pieces)
    elif path.exists() and stat.S_ISFIFO(path.stat().st_mode):
        with path.open("wb") as pipe:
            _poured(pipe, pieces)
    else:
        try:
            with written_aside(path) as aside, aside.open("wb") as file:
                os.fchmod(file.fileno(), 0o600)
                _poured(file, pieces)
        except OSError as error:
            raise unwritable(path, error) from error


def _poured(to: BinaryIO, pieces: Iterator[bytes]) -> None:
    for piece in pieces:
        to.write(piece)
    to.flush()
