"""Where messages go: named addresses as Apprise writes them, with what each of them keeps secret.

Apprise is imported where there is a channel and nowhere else: it takes a second and 40 MB, and
most lots have none. An address is a secret: of a failure no part of it is told.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal
from urllib.parse import quote, unquote

from lot.errors import Unreachable, WrongUsage
from server.refusals import NotThere

if TYPE_CHECKING:
    import apprise

TIMEOUT_S = 8  # of one message; the page waits 15 seconds for a test
WHY_MAX = 200
Reached = Literal["mail", "phone"]

_LOOK = "look at the address in the server's .env"
_SECRET_MIN = 3  # shorter ones would blank out every other word
_MAIL = re.compile(r"[^\s,;<>\"@]{1,64}@[^\s,;<>\"@]{1,190}")  # a comma would add a recipient
_PHONE = re.compile(r"\+?[0-9]{5,15}")


class Undelivered(Unreachable):
    """The service did not take it; what is said of that has no secret in it."""


@dataclass(frozen=True)
class Channel:
    """One address by its name; one with `{mail}` or `{phone}` in it is for customers."""

    name: str
    address: str = field(repr=False)

    @cached_property
    def reaches(self) -> Reached | None:
        """Say by what it reaches customers, None where it always goes to the same people."""
        if "{mail}" in self.address:
            return "mail"
        return "phone" if "{phone}" in self.address else None

    def check(self) -> None:
        """Have Apprise ready for it; Undelivered where it knows no such address."""
        self._sender(
            self.reaches and {"mail": "a@b.example", "phone": "+15125550142"}[self.reaches]
        )

    def deliver(self, title: str, text: str, to: str | None = None) -> None:
        """Send once, and return when the service has it; Undelivered where it has not."""
        said: list[str] = []
        sent = self._sender(to).notify(
            body=text,
            title=title,
            body_format="text",
            timeout=TIMEOUT_S,
            log_callback=lambda entry, _service: said.append(entry.message),
            log_level=logging.WARNING,
        )
        if not sent:
            why = cleaned(said[-1], self.address, to) if said else "it took too long"
            raise Undelivered(why, then=_LOOK)

    def _sender(self, to: str | None) -> apprise.Apprise:
        import apprise  # only where there is a channel

        asset = apprise.AppriseAsset(app_id="Lotkeeper", app_desc="", storage_mode="memory")
        sender, address = apprise.Apprise(asset=asset), self.address
        if to is not None and self.reaches is not None:
            address = address.replace("{" + self.reaches + "}", quote(to, safe=""))
        if not sender.add(address):
            raise Undelivered("Apprise knows no such address", then=_LOOK)
        return sender


@dataclass(frozen=True, slots=True)
class Channels:
    """The channels there are, by name."""

    every: Mapping[str, Channel]

    def named(self, name: str) -> Channel:
        """Return a channel; NotThere where `.env` has none of this name."""
        found = self.every.get(name)
        if found is None:
            raise NotThere("no channel has this name", then="name one in the server's .env")
        return found

    def for_rules(self, name: str) -> Channel:
        """Return a channel that always reaches the same people; WrongUsage for another."""
        found = self.every.get(name)
        if found is None or found.reaches is not None:
            raise WrongUsage(
                "channel is none that a rule can use", then="choose one that is not for customers"
            )
        return found

    def to_customer(self, mail: str | None, phone: str | None) -> tuple[Channel, str] | None:
        """Return how a customer is reached, by mail before phone; None where they are not."""
        by_reach = {one.reaches: one for one in self.every.values()}
        ways: tuple[tuple[Reached, str | None], ...] = (
            ("mail", mail_in(mail)),
            ("phone", phone_in(phone)),
        )
        for reach, given in ways:
            if given is not None and reach in by_reach:
                return by_reach[reach], given
        return None


def channels(addresses: Mapping[str, str]) -> Channels:
    """Return the channels of a server's settings."""
    return Channels({name: Channel(name, text) for name, text in addresses.items()})


def mail_in(text: str | None) -> str | None:
    """Return one address for mail as somebody typed it, None where it is none.

    Few mail servers take letters beyond ASCII in one.
    """
    given = (text or "").strip()
    return given if given.isascii() and _MAIL.fullmatch(given) else None


def phone_in(text: str | None) -> str | None:
    """Return one number for phones as somebody typed it, None where it is none."""
    given = re.sub(r"[\s()./-]", "", text or "")
    return given if _PHONE.fullmatch(given) else None


def cleaned(said: str, address: str, to: str | None = None) -> str:
    """Return what a service said without any part of its address, on one line."""
    inside = re.split(r"[/?&=:@,#]+", address.partition("://")[2])
    pieces = {*inside, *map(unquote, inside), to or ""}
    text = " ".join(said.split())
    for piece in sorted(pieces, key=len, reverse=True):
        if len(piece) >= _SECRET_MIN:
            text = text.replace(piece, "…")
    return text[:WHY_MAX]
