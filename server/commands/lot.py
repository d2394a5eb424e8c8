"""`python -m server lot`: which lots there are, added and changed by an owner."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace

from lot.errors import DONE, WrongUsage
from server.access.roles import Right
from server.commands import signed
from server.commands.edge import only_lot
from server.commands.signed import Console
from server.keys.holder import bodies
from server.lot_keeping import LotKeeping, New
from server.store.lots import Lot


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("lot", help="parking lots: list, add, change")
    works = parser.add_subparsers(required=True, metavar="WORK")
    works.add_parser("list", help="which there are, and what each keeps").set_defaults(run=_list)
    add = works.add_parser("add", help="another lot; its edges come with edge add --lot")
    add.add_argument("name", metavar="NAME")
    add.add_argument(
        "--timezone", metavar="ZONE", help="as America/Chicago; left out: the server's"
    )
    add.set_defaults(run=_add, text_days=90, picture_days=30)
    change = works.add_parser("change", help="what is not named stays as it is")
    change.add_argument("--lot", metavar="NAME", help="left out: the only one")
    change.add_argument("--name", metavar="NEW", help="what it is called from now on")
    change.add_argument("--timezone", metavar="ZONE")
    change.add_argument("--capacity-unknown", action="store_true", help="nobody says how many fit")
    change.set_defaults(run=_change)
    for one in (add, change):
        one.add_argument("--capacity", type=int, metavar="CARS", help="how many cars fit")
        one.add_argument("--text-days", type=int, metavar="N", help="events are kept")
        one.add_argument("--picture-days", type=int, metavar="N", help="pictures are")
        signed.add_flags(one)


def _keeping(here: Console) -> LotKeeping:
    of = here.parts
    return LotKeeping(of.database, of, of.wall.now_us)


def _list(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        for one in _keeping(here).every():
            sys.stdout.write(f"{_line(one)}\n")
    return DONE


def _add(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        signed.check_right(here, by, Right.ADMINISTER)
        new = New(
            asked.name,
            asked.timezone or str(here.parts.settings.zone),
            asked.capacity,
            asked.text_days,
            asked.picture_days,
        )
        made = _keeping(here).add(bodies.session(by.session.body).account, new)
    sys.stdout.write(f"{_line(made)}\n")
    return DONE


def _change(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    wanted = {
        name: value
        for name in ("name", "timezone", "capacity", "text_days", "picture_days")
        if (value := getattr(asked, name)) is not None
    }
    if asked.capacity_unknown:
        if "capacity" in wanted:
            raise WrongUsage("a capacity that is named is known", then="leave one of the two out")
        wanted["capacity"] = None
    if not wanted:
        raise WrongUsage("nothing is to be changed", then="see python -m server lot change --help")
    with signed.signed_in(asked, env) as (here, by):
        lot = only_lot(here.parts.database, asked.lot)
        only_capacity = wanted.keys() == {"capacity"}
        signed.check_right(here, by, Right.MANAGE if only_capacity else Right.ADMINISTER)
        actor = bodies.session(by.session.body).account
        made = _keeping(here).change(actor, lot.lot, lambda one: replace(one, **wanted))
    sys.stdout.write(f"{_line(made)}\n")
    return DONE


def _line(one: Lot) -> str:
    fits = "nobody says how many cars fit" if one.capacity is None else f"{one.capacity} cars fit"
    kept = f"events are kept {one.text_days} days, pictures {one.picture_days}"
    return f"{one.name} ({one.timezone}): {fits}; {kept}"
