"""`python -m server erase PLATE`: one plate forgotten before its time; a dry run at first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from lot.errors import DONE
from lot.times import local_text, moment, zone
from server.access.roles import Right
from server.commands import signed
from server.commands.edge import only_lot
from server.keys.holder import calls
from server.private.belongings import Fate
from server.retention.erasing import Meant, Sight, erasing
from server.store.lots import Lot


@dataclass(frozen=True, slots=True)
class _How:
    """What is said of one thing, and of many."""

    one: str
    many: str


_WOULD = _How("would go", "would go")
_DID = _How("is forgotten now", "are forgotten now")
_FATES: Mapping[Fate, str] = {
    "loses_plate": "this plate is taken out, the rest is of other cars and stays",
    "stays": "stays: the desk has the car in its care, or a person holds its event",
}


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "erase", help="list what is kept about one plate; --confirm forgets it, under a fresh code"
    )
    parser.add_argument("plate", metavar="PLATE")
    parser.add_argument("--lot", metavar="NAME", help="left out: the only one")
    parser.add_argument("--ground", metavar="TEXT", required=True, help="on what it is to go")
    parser.add_argument(
        "--theirs",
        action="append",
        default=[],
        metavar="EVENT",
        help="a doubtful event that a person saw to be this plate's",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="list it and change nothing: default")
    what.add_argument("--confirm", action="store_true", help="forget it now")
    signed.add_flags(parser)
    signed.add_fresh_code_flag(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """List what would go, or let it go; say what can still be seen."""
    with signed.signed_in(asked, env) as (here, by):
        signed.check_right(here, by, Right.ERASE)
        lot = only_lot(here.parts.database, asked.lot)
        erases = erasing(here.parts)
        meant = Meant(by, lot.lot, asked.plate, asked.ground, tuple(asked.theirs))
        signed.see_to_index(here)
        if not asked.confirm:
            _tell(erases.sight(meant), lot, _WOULD)
            return DONE
        signed.confirm(asked, here, by, "erase", calls.Range(lot.lot, None, None))
        _tell(erases.erase(meant), lot, _DID)
    return DONE


def _tell(found: Sight, lot: Lot, how: _How) -> None:
    here = zone(lot.timezone)
    say = sys.stdout.write
    if found.is_empty:
        say("nothing is kept about this plate that may go\n")
    if found.first is not None and found.last is not None:
        first, last = (local_text(moment(at), here)[:16] for at in (found.first, found.last))
        say(
            f"{len(found.events)} events from {first} to {last} and {len(found.statements)} "
            f"statements about them, {found.records} records, {how.many}\n"
        )
    for row in found.written.rows:
        what = f"{row.kind} {row.called or row.id.hex()}"
        say(f"{what}: {_FATES.get(row.fate, how.one)}\n")
    if found.written.unreadable:
        say(f"{found.written.unreadable} rows cannot be read: nobody can say whose they are\n")
    for event in found.doubtful:
        say(f"{event} may be this plate's: look at it, then name it --theirs\n")
    for event in found.held:
        say(f"{event} is held by a person: it stays until the hold ends\n")
    for line in found.still:
        say(f"still to be seen: {line}\n")
