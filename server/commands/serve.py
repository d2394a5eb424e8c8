"""`python -m server serve`: the vault over HTTPS, until it is told to stop."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from functools import partial

from lot import addresses
from lot.errors import DONE
from lot.serving import serve
from server.api import assembling
from server.commands import asked as common
from server.running import own_keyholder, serving


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("serve", help="answer edges and pages until stopped")
    parser.add_argument("--bind", required=True, metavar="HOST:PORT", help="as 0.0.0.0:8443")
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Serve; what keeps it from starting is one line."""
    where = addresses.address(asked.bind)
    settings = common.settings(env)
    serving.check_ready_to_serve(settings, where)
    with own_keyholder.running(settings, env):
        serve("server", where, serving.tls_of(settings.places), partial(assembling.app, settings))
    return DONE
