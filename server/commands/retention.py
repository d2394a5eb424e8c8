"""`python -m server retention`: what is due to be forgotten, and an owner who lets it go."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from lot.errors import DONE
from lot.times import local_text, moment
from server.access.roles import Right
from server.commands import signed
from server.commands.signed import Console
from server.keys.holder import bodies
from server.retention.retaining import Due, retaining
from server.retention.telling import lines


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "retention",
        help="list what is due to be forgotten; --confirm lets it go where it waits for a person",
    )
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--dry-run", action="store_true", help="list it and change nothing: default")
    what.add_argument("--confirm", action="store_true", help="sign in, and let it go now")
    signed.add_flags(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """List what is due, or let it go."""
    if not asked.confirm:
        with signed.console(env) as here:
            _tell(here, retaining(here.parts).due())
        return DONE
    with signed.signed_in(asked, env) as (here, by):
        signed.check_right(here, by, Right.ADMINISTER)
        runs = retaining(here.parts)
        due = runs.due()
        _tell(here, due)
        if due.plan.going:
            actor = bodies.session(by.session.body).account
            runs.confirmed(due.mark, here.parts, actor)
            sys.stdout.write("this is forgotten now\n")
    return DONE


def _tell(here: Console, due: Due) -> None:
    zone = here.parts.settings.zone
    for line in lines(due.plan, due.names, lambda at: local_text(moment(at), zone)[:10]):
        sys.stdout.write(f"{line}\n")
    if not due.plan.going:
        return
    if due.waits is None:
        sys.stdout.write("it goes by itself, once a day\n")
    else:
        sys.stdout.write(f"it waits: {due.waits}; or confirm it: retention --confirm\n")
