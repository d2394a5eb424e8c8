"""What delivery is told at the start, by `.env` and the environment."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import tzinfo
from pathlib import Path

from contract import tokens
from contract.tokens import Token
from edge.delivery.delivering import Asked
from edge.delivery.identity import Identity, Places
from lot import addresses
from lot.addresses import Address
from lot.errors import LotError
from lot.settings import Variables
from lot.times import system_zone, zone

_MB = 1_000_000


def places_from(values: Mapping[str, str]) -> Places:
    """Return where the edge keeps its own."""
    home = Path.home() / ".local" / "share" / "lotkeeper"
    return Places(Variables(values, "edge").path("LOT_EDGE_FOLDER", home))


def asked_from(values: Mapping[str, str], identity: Identity) -> Asked:
    """Read delivery's settings; the token must be that of the edge which is enrolled here."""
    read = Variables(values, "edge")
    address = _address(read)
    token = _token(read, identity)
    lot_zone = _zone(read)
    bytes_max = read.whole("LOT_OUTBOX_MB_MAX") * _MB
    api_port = _api_port(read)
    read.done()
    assert address is not None
    assert token is not None
    return Asked(places_from(values), address, token, bytes_max, lot_zone, api_port)


def _address(read: Variables) -> Address | None:
    try:
        return addresses.address(read.text("LOT_SERVER"))
    except LotError as error:
        read.refuse(f"LOT_SERVER: {error}")
        return None


def _api_port(read: Variables) -> int | None:
    text = read.text("LOT_API_BIND")
    try:
        return addresses.address(text).port if text else None
    except LotError as error:
        read.refuse(f"LOT_API_BIND: {error}")
        return None


def _token(read: Variables, identity: Identity) -> Token | None:
    text = read.text("LOT_SERVER_TOKEN")
    try:
        token = tokens.token(text)
    except LotError:
        read.refuse("LOT_SERVER_TOKEN is missing or has not the form lk1_ID_RANDOM; enrol anew")
        return None
    if token.edge != identity.edge:
        read.refuse("LOT_SERVER_TOKEN is another edge's than the one enrolled here; enrol anew")
    return token


def _zone(read: Variables) -> tzinfo:
    name = read.text("LOT_TIMEZONE")
    try:
        return zone(name) if name else system_zone()
    except LotError as error:
        read.refuse(str(error))
        return system_zone()
