"""What there is to tell, as pure functions: nothing twice, nothing in a flood, no plate unasked."""

from __future__ import annotations

import pytest

from server.desk.matching import MINUTE_US
from server.desk.noticing import Named, Noticed
from server.notifying import deciding
from server.notifying.deciding import Place
from server.store.alarms import Alarm
from server.store.notify_rules import Kind, Rule
from tests.server.desk.cars import HOUR, MINUTE, NOON

NORTH = Place("North", lambda at: f"{(at - NOON) // MINUTE} min")


def rule(
    kind: Kind = "alarm", *, plates: bool = False, told: int | None = None, language: str = "en"
) -> Rule:
    hours = 24 if kind == "overstay" else None
    return Rule(b"l" * 16, b"r" * 16, kind, "office", hours, 30, language, plates, told, NOON)


def alarm(kind: str, at: int, said: str = "something is wrong") -> Alarm:
    return Alarm(b"l" * 16, at.to_bytes(16, "big"), kind, None, None, said, at)


@pytest.mark.parametrize(
    ("sent", "told", "minutes", "quiet"),
    [
        (None, None, 0, False),
        (NOON, None, 29, True),
        (NOON, None, 30, False),
        (None, NOON, 29, True),  # a restart forgets when it spoke, and not what it told
        (NOON, None, -5, True),  # a clock that was put back ends no quiet
    ],
)
def test_a_rule_is_quiet_after_it_spoke(
    sent: int | None, told: int | None, minutes: int, *, quiet: bool
) -> None:
    now = NOON + minutes * MINUTE_US
    assert deciding.is_quiet(rule(told=told), sent, now) == quiet


def test_each_alarm_is_told_once_by_the_rule_of_its_kind() -> None:
    standing = [alarm("fork", NOON + 3), alarm("blind", NOON + 2), alarm("edge_silent", NOON + 1)]
    kinds: dict[Kind, str] = {"alarm": "fork", "blind": "blind", "silent": "edge_silent"}
    for kind, its in kinds.items():
        new = deciding.new_alarms(rule(kind), standing)
        assert [one.kind for one in new] == [its]
        assert deciding.new_alarms(rule(kind, told=new[0].at), standing) == []
    assert deciding.new_alarms(rule("blind"), [alarm("blind", NOON - 1)]) == []  # before the rule


def test_many_alarms_are_one_message_that_names_a_few() -> None:
    message = deciding.of_alarms(rule(), NORTH, [alarm("fork", NOON)] * 7)
    assert message.title == "North: 7 alarms"
    assert message.text.splitlines()[-2:] == ["0 min  something is wrong", "and 2 more"]


@pytest.mark.parametrize(("inside", "capacity", "full"), [(9, 10, 0), (10, 10, 1), (9, None, 0)])
def test_a_lot_that_nobody_counts_is_never_full(
    inside: int, capacity: int | None, *, full: bool
) -> None:
    assert deciding.is_full(inside, capacity) == bool(full)


def car(plate: str | None, at: int = NOON, perhaps: str | None = None) -> Noticed:
    return Noticed(b"m" * 16, Named(at, plate, perhaps, "blocked"))


def test_a_listed_car_is_named_only_while_the_vault_is_open() -> None:
    named = deciding.of_hits(rule("listed", plates=True), NORTH, [car("8ABC123")])
    assert named.open_text == "0 min  8ABC123 (blocked)"
    bare = deciding.of_hits(rule("listed"), NORTH, [Noticed(b"m" * 16, None)])
    assert bare.open_text is None
    for message in (named, bare):
        assert "8ABC123" not in message.title + message.text


def test_a_plate_that_may_be_the_listed_one_is_said_to_be_perhaps() -> None:
    hit = car("BABC123", perhaps="8ABC123")
    message = deciding.of_hits(rule("listed", plates=True), NORTH, [hit])
    assert message.open_text == "0 min  BABC123, perhaps 8ABC123 (blocked)"


def test_of_many_cars_a_few_are_named_and_the_rest_is_a_number() -> None:
    long = [car("B", NOON - HOUR), car(None), *[Noticed(bytes(16), None)] * 5]
    message = deciding.of_overstays(rule("overstay", plates=True), NORTH, long)
    assert message.text == "7 cars have been inside for more than 24 hours."
    assert message.open_text == "B, since -60 min\nnot read, since 0 min\nand 5 more"


def test_messages_are_in_the_language_that_their_rule_was_made_in() -> None:
    place = Place("Norte", NORTH.clock, {b"e" * 16: "Puerta"})
    blind = Alarm(b"l" * 16, b"a" * 16, "blind", b"e" * 16, "north", "…", NOON)
    silent = Alarm(b"l" * 16, b"b" * 16, "edge_silent", b"e" * 16, None, "…", NOON)
    told = deciding.of_alarms(rule(language="es"), place, [blind, silent])
    assert told.title == "Norte: 2 alarmas"
    assert told.text.splitlines() == [
        "0 min  la cámara north no ve nada",
        "0 min  no se sabe nada de Puerta desde hace cinco minutos",
    ]
    hits = [car("BABC123", perhaps="8ABC123"), *[Noticed(bytes(16), None)] * 2]
    came = deciding.of_hits(rule("listed", plates=True, language="es"), place, hits)
    assert came.open_text == "0 min  BABC123, quizá 8ABC123 (bloqueado)\ny 2 más"
    unknown = Alarm(b"l" * 16, b"c" * 16, "of tomorrow", None, None, "as it was said", NOON)
    assert deciding.of_alarms(rule(language="es"), place, [unknown]).text.endswith("as it was said")
