"""`python -m server token`: an edge's token is replaced, or taken away."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from lot.errors import DONE
from server.commands import signed, talk
from server.commands.edge import edges_of


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("token", help="the edges' tokens: rotate, revoke")
    works = parser.add_subparsers(required=True, metavar="WORK")
    rotate = works.add_parser("rotate", help="print a new one for the edge's LOT_SERVER_TOKEN")
    rotate.set_defaults(run=_rotate)
    revoke = works.add_parser("revoke", help="take away every token of an edge")
    revoke.set_defaults(run=_revoke)
    for one in (rotate, revoke):
        one.add_argument("edge", metavar="EDGE", help="its name, or how its id begins")
        signed.add_flags(one)


def _rotate(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        edges = edges_of(here)
        token = edges.rotate_token(by, edges.named(asked.edge))
    sys.stdout.write(f"{token.text}\n")
    talk.say("the one before holds until this one is used, for seven days at most")
    return DONE


def _revoke(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        edges = edges_of(here)
        edges.revoke_tokens(by, edges.named(asked.edge))
    sys.stdout.write(f"{asked.edge} has no token any more\n")
    return DONE
