"""What the vault needs before it may be served; how it is served, `lot.serving` says."""

from __future__ import annotations

import os
from contextlib import closing

from lot.addresses import Address
from lot.errors import Refused, Unreadable
from lot.serving import Tls, check_free
from server.settings import Places, ServerSettings
from server.store import schema
from server.store.database import Database


def check_ready_to_serve(settings: ServerSettings, where: Address) -> None:
    """Raise, in one line, what keeps the server from starting."""
    _check_not_restoring(settings.places)
    with closing(Database.open(settings.database)) as database:
        schema.check(database)
    for path in (settings.places.chain, settings.places.tls_key):
        if not os.access(path, os.R_OK):
            raise Unreadable(
                f"the certificate's {path} cannot be read",
                then="run python -m server init, or put an own certificate and key there",
            )
    check_free(where)


def _check_not_restoring(places: Places) -> None:
    """Refuse to serve what is only half put back."""
    if places.restoring.exists():
        raise Refused(
            "a backup is being put back on this machine",
            then="run the same python -m server restore again; it goes on from there",
        )


def tls_of(places: Places) -> Tls:
    """Return the certificate that the server shows."""
    return Tls(places.chain, places.tls_key)
