"""Messages that leave the lot: rules, how channels fare, a test, and a customer who is told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import cast

from contract.head import ID_BYTES
from lot.web.problems import Problem
from lot.web.shapes import (
    TIME,
    Given,
    Many,
    Matching,
    Maybe,
    Named,
    Object,
    Octets,
    Shape,
    Text,
    Truth,
    Whole,
    Word,
    fields,
)
from lot.words import LANGUAGES
from server.access.roles import Right
from server.api.app import Asked
from server.api.lots_room import own_lot
from server.api.operations import Operation, Pace, Room
from server.api.spoken import LOT
from server.notifying.channels import WHY_MAX, mail_in, phone_in
from server.notifying.customers import Customers
from server.notifying.deciding import of_test
from server.notifying.outgoing import Outgoing
from server.notifying.rules import HOURS_MAX, QUIET_MINUTES_MAX, RULES_MAX, Rules, Wanted
from server.store.notify_rules import KINDS, Kind, Rule

_ID = Octets(ID_BYTES)
_CHANNEL = Matching("[a-z0-9_]{1,32}", "a channel's name as .env has it, in small letters")
_REACHED = Word(("mail", "phone"))
_CHANNELS_MAX = 100
_CONTENT: Mapping[str, Shape] = {
    "kind": Word(KINDS),
    "channel": _CHANNEL,
    "hours": Maybe(Whole(1, HOURS_MAX, meaning="Of an overstay, null for all others.")),
    "quiet_minutes": Whole(1, QUIET_MINUTES_MAX, meaning="Nothing is told again for so long."),
    "plates": Truth(),
    "language": Word(LANGUAGES),
}
_LATER = frozenset({"language"})  # fields that came later: who leaves them out gets English
_WANTED = Object(_CONTENT, _LATER)
_RULE = Named("NotifyRule", Object({"id": _ID, **_CONTENT}))
_HEALTH = Named(
    "Channel",
    fields(
        name=_CHANNEL,
        reaches=Maybe(_REACHED),
        sent=Whole(),
        failed=Whole(),
        last_sent=Maybe(TIME),
        last_failed=Maybe(TIME),
        why=Maybe(Text(WHY_MAX)),
    ),
)


def room(rules: Rules, customers: Customers) -> Room:
    """Return the room."""
    here = Room("notifications", "Messages that leave the lot")
    _bind_rules(here, rules)
    _bind_channels(here, customers.outgoing, rules)
    _bind_customers(here, customers)
    return here


def _bind_rules(here: Room, rules: Rules) -> None:
    one = {"lot": LOT, "id": _ID}

    @here.answers(
        Operation(
            "list_notifications",
            "GET",
            "/lots/{lot}/notifications",
            Right.ADMINISTER,
            "A lot's rules, the oldest first.",
            answer=fields(rows=Many(_RULE, RULES_MAX)),
            path_shapes={"lot": LOT},
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        return {"rows": [_said(rule) for rule in rules.of_lot(_lot(asked))]}

    @here.answers(
        Operation(
            "add_notification",
            "POST",
            "/lots/{lot}/notifications",
            Right.ADMINISTER,
            "Another rule. Plates leave in clear where it says so, and never while locked: such a "
            "one asks for a fresh code to `admit`.",
            answer=_RULE,
            path_shapes={"lot": LOT},
            body=_WANTED,
            problems=("locked", "busy", "code_needed"),
            status=201,
        )
    )
    def add(asked: Asked) -> Mapping[str, object]:
        return _said(rules.add(asked.person.by, _lot(asked), _wanted(asked.body)))

    @here.answers(
        Operation(
            "change_notification",
            "PUT",
            "/lots/{lot}/notifications/{id}",
            Right.ADMINISTER,
            "Give a rule other values; one that says plates asks for a fresh code to `admit`.",
            answer=_RULE,
            path_shapes=one,
            body=_WANTED,
            problems=("locked", "conflict", "code_needed"),
        )
    )
    def change(asked: Asked) -> Mapping[str, object]:
        id_, wanted = asked.path.octets("id"), _wanted(asked.body)
        return _said(rules.change(asked.person.by, _lot(asked), id_, wanted))

    @here.answers(
        Operation(
            "drop_notification",
            "DELETE",
            "/lots/{lot}/notifications/{id}",
            Right.ADMINISTER,
            "Let a rule go.",
            path_shapes=one,
            problems=("locked", "conflict"),
            status=204,
        )
    )
    def drop(asked: Asked) -> None:
        rules.drop(asked.person.by, _lot(asked), asked.path.octets("id"))


def _bind_channels(here: Room, outgoing: Outgoing, rules: Rules) -> None:
    @here.answers(
        Operation(
            "list_channels",
            "GET",
            "/notifications",
            Right.ADMINISTER,
            "The channels that the server's .env names, and how each fares since the start; "
            "never an address.",
            answer=fields(rows=Many(_HEALTH, _CHANNELS_MAX), waiting=Whole()),
        )
    )
    def every(asked: Asked) -> Mapping[str, object]:
        del asked
        health = outgoing.health()
        rows = [
            {"name": name, "reaches": channel.reaches, **asdict(health[name])}
            for name, channel in outgoing.channels.every.items()
        ]
        return {"rows": rows[:_CHANNELS_MAX], "waiting": outgoing.waiting()}

    @here.answers(
        Operation(
            "test_channel",
            "POST",
            "/notifications/{channel}/test",
            Right.ADMINISTER,
            "Send a message at once, and say why it failed; `to` where the channel is for "
            "customers.",
            answer=fields(why=Maybe(Text(WHY_MAX))),
            path_shapes={"channel": _CHANNEL},
            body=fields(optional=["to", "language"], to=Maybe(Text(200)), language=Word(LANGUAGES)),
            pace=Pace(10, 60),
        )
    )
    def test(asked: Asked) -> Mapping[str, object]:
        channel = outgoing.channels.named(asked.path.text("channel"))
        given = asked.body.text_or_none("to")
        to = {None: lambda _: None, "mail": mail_in, "phone": phone_in}[channel.reaches](given)
        if channel.reaches is not None and to is None:
            raise Problem("wrong_field", "to must be one mail or phone", field="to")
        rules.note_test(asked.person.by, channel.name)
        return {"why": outgoing.send_now(of_test(channel.name, _language(asked.body), to))}


def _bind_customers(here: Room, customers: Customers) -> None:
    @here.answers(
        Operation(
            "list_ways",
            "GET",
            "/lots/{lot}/ways",
            Right.CORRECT,
            "By what a customer can be told that the car is ready.",
            answer=fields(mail=Truth(), phone=Truth()),
            path_shapes={"lot": LOT},
        )
    )
    def ways(asked: Asked) -> Mapping[str, object]:
        _lot(asked)
        return cast("Mapping[str, object]", customers.ways())

    @here.answers(
        Operation(
            "tell_customer",
            "POST",
            "/lots/{lot}/tickets/{id}/message",
            Right.CORRECT,
            "Tell the customer that the car is ready: by mail where there is one, else by phone.",
            answer=fields(by=_REACHED),
            path_shapes={"lot": LOT, "id": _ID},
            body=fields(optional=["language"], language=Word(LANGUAGES)),
            problems=("locked", "too_fast"),
            pace=Pace(60, 3600),
        )
    )
    def tell(asked: Asked) -> Mapping[str, object]:
        id_, language = asked.path.octets("id"), _language(asked.body)
        return {"by": customers.tell(asked.person.by, _lot(asked), id_, language)}


def _wanted(body: Given) -> Wanted:
    return Wanted(
        cast("Kind", body.text("kind")),
        body.text("channel"),
        body.whole_or_none("hours"),
        body.whole("quiet_minutes"),
        body.truth_or_none("plates") is True,
        _language(body),
    )


def _language(body: Given) -> str:
    return body.text_or_none("language") or LANGUAGES[0]


def _said(rule: Rule) -> Mapping[str, object]:
    said = asdict(rule)
    return {name: said[name] for name in ("id", *_CONTENT)}


def _lot(asked: Asked) -> bytes:
    return own_lot(asked.person, asked.path.octets("lot"))
