"""`python -m server device`: the console lets in the first browser, and closes any."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from lot.errors import DONE, WrongUsage
from server.access.approving import Approving, NotAsked
from server.commands import signed
from server.commands.signed import Console


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("device", help="browsers that may sign in: approve, list, revoke")
    works = parser.add_subparsers(required=True, metavar="WORK")
    approve = works.add_parser("approve", help="let the browser in that shows this number")
    approve.add_argument("number", metavar="NUMBER", help="six digits")
    approve.add_argument("--desk", action="store_true", help="may stay open for a working day")
    approve.set_defaults(run=_approve)
    signed.add_fresh_code_flag(approve)
    works.add_parser("list", help="which there are, and which wait").set_defaults(run=_list)
    revoke = works.add_parser("revoke", help="close a browser: its sessions end")
    revoke.add_argument("device", metavar="ID", help="as list prints it, or how it begins")
    revoke.set_defaults(run=_revoke)
    for one in (approve, revoke):
        signed.add_flags(one)


def _approving(here: Console) -> Approving:
    return Approving(here.parts.database, here.parts.keyholder, here.parts, here.parts.wall.now_us)


def _approve(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    number = asked.number.replace(" ", "")
    with signed.signed_in(asked, env) as (here, by):
        approving = _approving(here)
        signed.see_to_code(asked, here, by, "admit")
        found = [one for one in approving.waiting() if one.number == number]
        if not found:
            raise NotAsked(
                "no browser that waits shows this number",
                then="compare it; each waits for ten minutes",
            )
        approving.approve(by, found[0].id, number, is_desk=asked.desk)
    sys.stdout.write(f"{found[0].name} may sign in now\n")
    return DONE


def _list(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        approving = _approving(here)
        for one in approving.devices():
            kind = "desk" if one.is_desk else "browser"
            sys.stdout.write(f"{one.id.hex()} {kind} {one.name}\n")
        for asking in approving.waiting():
            sys.stdout.write(f"{asking.id.hex()} waits {asking.name}\n")
    return DONE


def _revoke(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        approving = _approving(here)
        found = [one for one in approving.devices() if one.id.hex().startswith(asked.device)]
        if len(found) != 1:
            raise WrongUsage(
                f"{len(found)} browsers have an id that begins so",
                then="see python -m server device list",
            )
        approving.revoke(by, found[0].id)
    sys.stdout.write(f"{found[0].name} is closed\n")
    return DONE
