"""The web process: granian over TLS 1.3, one worker, and what it needs before it may start."""

from __future__ import annotations

import logging
import os
import re
import socket
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass

from flask import Flask
from granian import Granian
from granian.constants import HTTPModes, Interfaces

from lot.errors import Unreadable, Unwritable, WrongUsage
from server.settings import ServerSettings
from server.store import schema
from server.store.database import Database

_THREADS = 64  # eight hold streams, some read slow bodies, the others answer
_KILL_AFTER_S = 3  # an open stream else holds up the stop
_PORT_MAX = 65_535
_BIND = re.compile(r"(?:\[(?P<six>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9.-]+)):(?P<port>[0-9]{1,5})")


@dataclass(frozen=True, slots=True)
class Bind:
    """Where to listen."""

    host: str
    port: int


def bind(text: str) -> Bind:
    """Return what HOST:PORT says."""
    found = _BIND.fullmatch(text)
    if found is None or not 0 < int(found["port"]) <= _PORT_MAX:
        raise WrongUsage("--bind is no HOST:PORT", then="write 0.0.0.0:8443 or [::]:8443")
    return Bind(found["six"] or found["host"], int(found["port"]))


def check_ready_to_serve(settings: ServerSettings, where: Bind) -> None:
    """Raise, in one line, what keeps the server from starting."""
    database = Database.open(settings.database)
    with closing(database):
        schema.check(database)
    for path in (settings.places.chain, settings.places.tls_key):
        if not os.access(path, os.R_OK):
            raise Unreadable(
                f"the certificate's {path} cannot be read",
                then="run python -m server init, or put an own certificate and key there",
            )
    _check_free(where)


def serve(settings: ServerSettings, where: Bind, make: Callable[[], Flask]) -> None:
    """Serve until a signal; `make` is called in the worker, which is a process of its own."""
    Granian(
        target="server",
        address=where.host,
        port=where.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=_THREADS,
        http=HTTPModes.http1,  # the page and the edges keep connections; nothing needs HTTP/2
        websockets=False,
        log_dictconfig=LOGGING,
        ssl_cert=settings.places.chain,
        ssl_key=settings.places.tls_key,
        workers_kill_timeout=_KILL_AFTER_S,
    ).serve(target_loader=make, wrap_loader=False)


# Lines with key=value on standard error, where journald reads them; granian's own among them.
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(levelname)s %(name)s %(message)s", "class": "logging.Formatter"}
    },
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {
        "lotkeeper": {"handlers": ["stderr"], "level": logging.INFO, "propagate": False},
        "_granian": {"handlers": ["stderr"], "level": logging.WARNING, "propagate": False},
        "granian.access": {"handlers": [], "level": logging.CRITICAL, "propagate": False},
    },
}


def _check_free(where: Bind) -> None:
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((where.host, where.port))
    except OSError as error:
        raise Unwritable(
            f"cannot listen at {where.host}:{where.port}: {error.strerror or error}",
            then="stop what listens there, or give another --bind",
        ) from error
