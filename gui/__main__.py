"""Serve the owner's page. A thin main.

python -m gui --bind 0.0.0.0:443
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from flask import Flask

from gui.app import create
from gui.server_api import Server
from gui.settings import GuiSettings, settings_from, trusted
from lot import addresses, serving
from lot.addresses import Address
from lot.errors import DONE, WrongUsage
from lot.mains import Parser, status_of
from lot.serving import Tls
from lot.settings import given_values


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("gui", lambda: _serve(words, env))


def _serve(words: Sequence[str], env: Mapping[str, str]) -> int:
    parser = Parser(prog="python -m gui", description="Serve the owner's page until stopped.")
    parser.add_argument("--bind", required=True, metavar="HOST:PORT", help="as 0.0.0.0:443")
    where = addresses.address(parser.parse_args(words).bind)
    settings = settings_from(given_values(env, Path(".env")))
    tls = _tls(settings, where)
    trusted(settings)  # a wrong root is told here: the worker is a process of its own
    serving.check_free(where)
    serving.serve("gui", where, tls, partial(_made, settings))
    return DONE


def _made(settings: GuiSettings) -> Flask:
    return create(settings, Server(settings.server, trusted(settings)))


def _tls(settings: GuiSettings, where: Address) -> Tls | None:
    """Cookies that open the vault go over no wire in clear; a browser takes them on loopback."""
    if settings.certificate is not None and settings.key is not None:
        return Tls(settings.certificate, settings.key)
    if where.is_loopback:
        return None
    raise WrongUsage(
        f"without a certificate the page is for this machine alone, not for {where.host}",
        then="set LOT_GUI_CERTIFICATE and LOT_GUI_KEY, or bind to 127.0.0.1",
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
