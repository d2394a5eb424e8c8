"""`python -m server rotate`: a new recovery sheet in place of one that was used or seen."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from lot.errors import DONE
from server.commands import signed, talk


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("rotate", help="make a new recovery sheet")
    works = parser.add_subparsers(required=True, metavar="WHAT")
    recovery = works.add_parser("recovery", help="the sheet before opens nothing any more")
    recovery.add_argument(
        "--to", type=Path, metavar="FILE", help="below /run or a pipe; left out: the terminal"
    )
    recovery.set_defaults(run=_recovery)
    signed.add_flags(recovery)


def _recovery(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if asked.to is not None:
        talk.check_off_the_card(asked.to)
    with signed.signed_in(asked, env) as (here, by):
        code = here.parts.keyholder.renew_recovery(by)
    if asked.to is not None:
        talk.put_off_the_card(asked.to, code.encode() + b"\n")
    else:
        talk.say(f"Recovery code, to be written down and kept in a safe:\n\n{code}\n")
    return DONE
