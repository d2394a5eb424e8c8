"""`python -m server keyholder`: the one process that can read, in a unit of its own."""

from __future__ import annotations

import argparse
from collections.abc import Mapping

from server.commands import asked as common
from server.keys.holder import guardian


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("keyholder", help="hold the keys, for a server with =apart")
    parser.add_argument(
        "--beside", type=int, metavar="PID", help="end with this process, which started it"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Guard a keyholder until stopped."""
    return guardian.main(common.settings(env), asked.beside)
