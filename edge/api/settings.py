"""What the recognition API is told at its start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contract.digest import H
from edge.cameras import is_name
from edge.delivery.identity import Identity, Places, identity_in
from edge.delivery.journal import Keeps, keeps_from
from edge.delivery.settings import places_from
from edge.settings import Settings, settings_from
from lot import addresses
from lot.addresses import Address
from lot.errors import WrongUsage
from lot.settings import Variables

TOKEN_CHARACTERS_MIN = 20
DEFAULT_BIND = "127.0.0.1:8445"


@dataclass(frozen=True, slots=True)
class ApiSettings:
    """The recognition API's settings, whole and in range."""

    edge: Settings
    places: Places
    identity: Identity | None  # None: events are kept nowhere
    token_hashes: tuple[bytes, ...] = field(repr=False)
    bind: Address
    plain: bool
    camera: str
    keeps: Keeps
    values: Mapping[str, str] = field(repr=False)


def api_settings(values: Mapping[str, str], given_bind: str | None) -> ApiSettings:
    """Read them, or name all that is wrong at once."""
    if given_bind:
        values = {**values, "LOT_API_BIND": given_bind}  # the server is told this one
    places = places_from(values)
    identity = identity_in(places) if places.enrolled.exists() else None
    read = Variables(values, "edge")
    token = read.text("LOT_API_TOKEN")
    if token and not (len(token) >= TOKEN_CHARACTERS_MIN and token.isascii()):
        read.refuse(f"LOT_API_TOKEN has fewer than {TOKEN_CHARACTERS_MIN} characters, or odd ones")
    if not token and identity is None:  # an enrolled one is asked by its server, with grants
        read.refuse(
            "LOT_API_TOKEN is missing; make one: "
            'python -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    camera = read.text("LOT_API_CAMERA")
    known = identity.certificate.cameras if identity else ()
    if not camera:
        camera = known[0] if known else "gate"
    elif not is_name(camera) or (known and camera not in known):
        read.refuse(f"LOT_API_CAMERA={camera} is no camera of this edge's certificate")
    settings = ApiSettings(
        edge=settings_from(values),
        places=places,
        identity=identity,
        token_hashes=(H(token.encode()),) if token else (),
        bind=_bind(read, given_bind),
        plain=bool(read.whole("LOT_API_PLAIN")),
        camera=camera,
        keeps=keeps_from(values),
        values=values,
    )
    read.done()
    return settings


def _bind(read: Variables, given: str | None) -> Address:
    try:
        return addresses.address(given or read.text("LOT_API_BIND") or DEFAULT_BIND)
    except WrongUsage as error:
        if given:
            raise
        read.refuse(f"LOT_API_BIND: {error}")
        return addresses.address(DEFAULT_BIND)


def certificate_of(places: Places) -> Path:
    """Return where certificate and key of the API lie."""
    return places.api_certificate
