"""Whom to tell of events: nobody, unless an owner names them."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from lot import addresses
from lot.addresses import Address
from lot.errors import LotError
from lot.settings import Variables

SECRET_CHARACTERS_MIN = 20
HOOKS_MAX = 8


@dataclass(frozen=True, slots=True)
class Broker:
    """An MQTT broker, and who we are to it."""

    address: Address
    user: str
    password: str = field(repr=False)
    root: Path | None  # None: plain


@dataclass(frozen=True, slots=True)
class Hooks:
    """Addresses that are told over HTTP, and what that is signed with."""

    targets: tuple[str, ...] = field(repr=False)  # an address may hold a token
    secret: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Told:
    """Who is told."""

    broker: Broker | None
    hooks: Hooks | None
    pictures: bool


def told_from(values: Mapping[str, str]) -> Told:
    """Read who is told; all that is wrong is raised at once."""
    read = Variables(values, "edge")
    told = Told(_broker(read), _hooks(read), bool(read.whole("LOT_WEBHOOK_PICTURES")))
    read.done()
    return told


def _broker(read: Variables) -> Broker | None:
    text = read.text("LOT_MQTT")
    if not text:
        return None
    try:
        address = addresses.address(text)
    except LotError as error:
        read.refuse(f"LOT_MQTT: {error}")
        return None
    root = Path(read.text("LOT_MQTT_CA")) if read.text("LOT_MQTT_CA") else None
    if root is not None:
        try:
            ssl.create_default_context(cafile=root)
        except (OSError, ssl.SSLError):
            read.refuse(f"LOT_MQTT_CA={root} is no certificate that can be read")
    return Broker(address, read.text("LOT_MQTT_USER"), read.text("LOT_MQTT_PASSWORD"), root)


def _hooks(read: Variables) -> Hooks | None:
    targets = tuple(one.strip() for one in read.text("LOT_WEBHOOKS").split(",") if one.strip())
    if not targets:
        return None
    secret = read.text("LOT_WEBHOOK_SECRET")
    if len(secret) < SECRET_CHARACTERS_MIN:
        read.refuse(f"LOT_WEBHOOK_SECRET has fewer than {SECRET_CHARACTERS_MIN} characters")
    if len(targets) > HOOKS_MAX:
        read.refuse(f"LOT_WEBHOOKS names more than {HOOKS_MAX} addresses")
    for number, one in enumerate(targets, start=1):
        parts = urlsplit(one)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            read.refuse(f"LOT_WEBHOOKS: number {number} is no http:// or https:// address")
    return Hooks(targets, secret.encode())
