"""A Flask app over HTTP: granian, one worker, TLS 1.3; the same for vault, page and recognition.

Granian comes with the server's and the edge's packages; nothing here is imported by who serves
nothing.
"""

from __future__ import annotations

import gc
import logging
import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lot import memory
from lot.addresses import Address
from lot.errors import Unwritable

THREADS = 64  # eight hold streams, some read slow bodies, the others answer
_KILL_AFTER_S = 3  # an open stream else holds up the stop


@dataclass(frozen=True, slots=True)
class Tls:
    """The certificate's chain and its key, as files."""

    chain: Path
    key: Path


def check_free(where: Address) -> None:
    """Raise Unwritable where somebody listens already, or nobody may."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    try:
        with socket.socket(family) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind((where.host, where.port))
    except OSError as error:
        raise Unwritable(
            f"cannot listen at {where}: {error.strerror or error}",
            then="stop what listens there, or give another --bind",
        ) from error


def serve(name: str, where: Address, tls: Tls | None, make: Callable[[], Any]) -> None:
    """Serve until a signal; `make` gives the app, in the worker, which is a process of its own."""
    from granian import Granian
    from granian.constants import HTTPModes, Interfaces

    memory.give_back()
    gc.freeze()  # else the worker's first collection writes to every page that it shares with us
    Granian(
        target=name,
        address=where.host,
        port=where.port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        http=HTTPModes.http1,  # pages and edges keep connections; nothing needs HTTP/2
        websockets=False,
        log_dictconfig=LOGGING,
        ssl_cert=tls.chain if tls else None,
        ssl_key=tls.key if tls else None,
        workers_kill_timeout=_KILL_AFTER_S,
    ).serve(target_loader=make, wrap_loader=False)


class _Intended(logging.Filter):
    """Leaves out that 64 threads are many for the cores: most of them wait, and reckon nothing."""

    def filter(self, record: logging.LogRecord) -> bool:
        return not record.getMessage().startswith("Configuration allows spawning up to ")


# Lines with key=value on standard error, where journald reads them; granian's own among them.
LOGGING: dict[str, object] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "%(levelname)s %(name)s %(message)s", "class": "logging.Formatter"}
    },
    "filters": {"intended": {"()": _Intended}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["intended"],
            "stream": "ext://sys.stderr",
        }
    },
    "loggers": {
        "lotkeeper": {"handlers": ["stderr"], "level": logging.INFO, "propagate": False},
        "_granian": {"handlers": ["stderr"], "level": logging.WARNING, "propagate": False},
        "granian.access": {"handlers": [], "level": logging.CRITICAL, "propagate": False},
    },
}
