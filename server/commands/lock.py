"""`python -m server lock`: shut the vault at the machine itself."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from lot.errors import DONE
from server.commands import signed
from server.keys.holder import calls


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("lock", help="shut the vault, for everybody")
    parser.set_defaults(run=run)


def run(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Shut it; nobody need sign in for that."""
    with signed.console(env) as here:
        here.door.lock(calls.Console(), None)
    sys.stdout.write("the vault is locked\n")
    return DONE
