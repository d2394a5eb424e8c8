"""Tells a customer that the car is ready, by the mail or phone that the desk wrote down."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from lot.words import Words
from server.access.ledger import Ledger
from server.desk.service import Service
from server.desk.values import Ticket
from server.keys.holder import bodies, calls
from server.notifying.channels import Reached
from server.notifying.message import Message
from server.notifying.outgoing import Outgoing
from server.notifying.spoken import words
from server.refusals import NotThere
from server.store import lots
from server.store.database import Database


@dataclass(frozen=True, slots=True)
class Customers:
    """Tells customers; what it says has the ticket's number and no plate."""

    database: Database
    ledger: Ledger
    desk: Service
    outgoing: Outgoing

    def ways(self) -> Mapping[Reached, bool]:
        """Say by what customers can be reached at all."""
        there = {one.reaches for one in self.outgoing.channels.every.values()}
        return {"mail": "mail" in there, "phone": "phone" in there}

    def tell(self, by: calls.Caller, lot: bytes, id_: bytes, language: str) -> Reached:
        """Let the message of one ticket wait for its turn; return by what it goes."""
        ticket = next((one for one in self.desk.tickets(by, lot) if one.id == id_), None)
        if ticket is None:
            raise NotThere("there is no such ticket", then="look at the desk again")
        found = self.outgoing.channels.to_customer(ticket.mail, ticket.phone)
        if found is None:
            raise NotThere("nothing reaches this customer", then="write down a mail or phone")
        channel, to = found
        assert channel.reaches is not None  # it is one for customers
        with self.database.read() as read:
            place = lots.found(read, lot)
        actor = bodies.session(by.session.body).account
        detail = {"row": id_, "by": channel.reaches}
        self.database.write(
            lambda write: self.ledger.line(write, "customer_told", detail, lot=lot, actor=actor)
        )
        name = None if place is None else place.name
        self.outgoing.put(_ready(channel.name, to, ticket, name, words(language)))
        return channel.reaches


def _ready(channel: str, to: str, ticket: Ticket, lot: str | None, _: Words) -> Message:
    """Say that a car is ready, by its ticket's number and no plate."""
    number = f"{ticket.number[:3]} {ticket.number[3:]}"
    said = [
        _("Your car is ready.") if lot is None else _("Your car is ready at %(lot)s.", lot=lot),
        _("Ticket %(number)s.", number=number),
        *([] if ticket.bay is None else [_("Bay %(bay)s.", bay=ticket.bay)]),
    ]
    return Message(channel, _("Your car is ready"), " ".join(said), to=to)
