"""`python -m edge enrol`: make this box an edge of the lot whose code is typed."""

from __future__ import annotations

import argparse
import getpass
import socket
import sys
from collections.abc import Mapping
from pathlib import Path

from edge.delivery.enrolment import Enrolling, enrol
from edge.delivery.settings import places_from
from lot.settings import given_values

ENV_FILE = Path(".env")


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("enrol", help="make this box an edge of a lot")
    parser.add_argument(
        "code",
        metavar="CODE",
        nargs="?",
        help="CODE@HOST:PORT as `python -m server edge add` printed it; left out: asked for",
    )
    parser.add_argument(
        "--name", default=socket.gethostname()[:64], help="what people call this box"
    )
    parser.add_argument(
        "--anew",
        action="store_true",
        help="though it is enrolled: as a new edge, old records aside",
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    places = places_from(given_values(env, ENV_FILE))
    code = asked.code or _typed()
    done = enrol(Enrolling(code, asked.name, places, ENV_FILE, is_anew=asked.anew))
    sys.stdout.write(f"enrolled as edge {done.edge.hex()} at {done.server}\n")
    sys.stdout.write(f"cameras: {', '.join(done.cameras) or 'none yet'}\n")
    if done.put_aside is not None:
        sys.stdout.write(f"the outbox of before lies at {done.put_aside}\n")
    return 0


def _typed() -> str:
    """Return the code from a terminal, where it is not shown, or from a pipe."""
    if sys.stdin.isatty():
        return getpass.getpass("code: ")
    return sys.stdin.readline()
