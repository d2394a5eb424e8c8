"""`python -m server hold`: events that are kept beyond their time, with a reason."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping

from lot.errors import DONE, WrongUsage
from lot.times import local_text, moment, zone
from server.access.roles import Right
from server.commands import signed
from server.commands.edge import only_lot
from server.index.ids import id_text
from server.private.rows import Kept
from server.retention.holding import REASON_MAX, holding
from server.store.lots import Lot

_EVENT = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PAGE = 200


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("hold", help="events kept beyond their time: add, list, end")
    works = parser.add_subparsers(required=True, metavar="WORK")
    add = works.add_parser("add", help="keep an event, and what opens it, until the hold is ended")
    add.add_argument("--reason", metavar="TEXT", required=True, help="stands with the hold")
    add.set_defaults(run=_add)
    every = works.add_parser("list", help="which events are held, by whom and why")
    every.set_defaults(run=_list)
    end = works.add_parser("end", help="let it go: it is forgotten when its time is over")
    end.set_defaults(run=_end)
    for one in (add, end):
        one.add_argument("event", metavar="EVENT", type=_event, help="its id")
    for one in (add, every, end):
        one.add_argument("--lot", metavar="NAME", help="left out: the only one")
        signed.add_flags(one)


def _add(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if not 0 < len(asked.reason.strip()) <= REASON_MAX:
        raise WrongUsage(f"a reason has from 1 to {REASON_MAX} characters", then="say it shortly")
    with signed.signed_in(asked, env) as (here, by):
        lot = only_lot(here.parts.database, asked.lot)
        holding(here.parts).hold(by, lot.lot, asked.event, asked.reason)
    sys.stdout.write(f"{asked.event} is held\n")
    return DONE


def _list(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        signed.check_right(here, by, Right.MANAGE)
        lot = only_lot(here.parts.database, asked.lot)
        names = {one.id.hex(): one.name for one in here.people.every()}
        after: bytes | None = b""
        while after is not None:
            page = holding(here.parts).page(by, lot.lot, after, _PAGE)
            for one in page.rows:
                sys.stdout.write(f"{_line(one, names, lot)}\n")
            after = page.after
    return DONE


def _end(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        lot = only_lot(here.parts.database, asked.lot)
        holding(here.parts).release(by, lot.lot, asked.event)
    sys.stdout.write(f"{asked.event} is held no more\n")
    return DONE


def _line(one: Kept, names: Mapping[str, str], lot: Lot) -> str:
    event = id_text(one.id)
    if one.content is None:
        return f"{event} its hold is damaged, or an older one was put back"
    at = one.content.get("at")
    since = local_text(moment(at), zone(lot.timezone))[:16] if isinstance(at, int) else "?"
    who = names.get(str(one.content.get("by")), "somebody")
    return f"{event} since {since} by {who}: {one.content.get('reason')}"


def _event(text: str) -> str:
    if not _EVENT.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is no id of an event")
    return text
