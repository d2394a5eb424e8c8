"""One car among two hundred, by whatever a customer remembers of it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.times import zone
from server.desk.finding import Car, ranked, words
from server.desk.values import Customer
from tests.server.desk.cars import HOUR, NOON, booking, ticket, visit

CHICAGO = zone("America/Chicago")
AT_NOON = NOON + 5 * HOUR  # by Chicago's summer clock


def _car(plate: str | None, came: int, number: int, vehicle: str = "car", **told: str) -> Car:
    seen = visit(plate, came, number=number)
    held = ticket(seen.id, **told) if told else None
    return Car(seen, vehicle, held)


TAHOE = _car(
    "8ABC123",
    AT_NOON,
    1,
    "truck",
    looks="white Tahoe",
    bay="7",
    key="A12",
    name="José Núñez",
    phone="+1 (512) 555-0142",
    mail="jose@example.org",
)
MORNING = _car("KLM4421", AT_NOON - 4 * HOUR, 2, looks="white Tahoe, child seat", bay="12")
VAN = _car("TRK0042", AT_NOON, 3, "bus", name="Ivan Petrov", bay="70")
NOBODY = _car(None, AT_NOON + HOUR, 4)
GONE = Car(visit("8ABC124", AT_NOON, left=AT_NOON + HOUR, number=5), "car")
CARS = (NOBODY, GONE, VAN, MORNING, TAHOE)


def _found(typed: str) -> list[Car]:
    return ranked(words(typed), CARS, CHICAGO)


@pytest.mark.parametrize(
    "typed",
    [
        "white tahoe noon",
        "TAHOE 12:15",
        "tahoe 12pm",
        "7",
        "a12",
        "jose nunez",
        "núñ",
        "555-0142",
        "5550142",
        "jose@example.org",
        "truck white",
        "camioneta",
        "8abc 123",
    ],
)
def test_the_white_tahoe_of_noon_is_found_first(typed: str) -> None:
    assert _found(typed)[0] is TAHOE


def test_its_ticket_finds_it_while_it_is_typed() -> None:
    assert TAHOE.ticket is not None
    assert _found(TAHOE.ticket.number)[0] is TAHOE
    assert TAHOE in _found(TAHOE.ticket.number[:3])


def test_every_word_must_be_true() -> None:
    assert _found("white tahoe") == [TAHOE, MORNING]
    assert _found("white tahoe morning") == [MORNING]
    assert _found("white tahoe night") == []


def test_cars_inside_stand_before_those_that_left() -> None:
    assert _found("8abc12") == [TAHOE, GONE]


def test_a_number_is_a_bay_before_it_is_the_beginning_of_another() -> None:
    assert _found("70") == [VAN]


def test_a_word_within_a_word_is_none() -> None:
    assert _found("van") == []


def test_a_customer_and_a_booking_are_found_by_their_words() -> None:
    regular = Customer(b"c" * 16, "Weber", "555 0199", None, ("KLM4421",))
    car = Car(visit("KLM4421"), "car", customer=regular)
    waits = Car(None, booking=booking(name="Ortiz"))
    assert ranked(words("weber"), [waits, car], CHICAGO) == [car]
    assert ranked(words("ortiz"), [waits, car], CHICAGO) == [waits]


@given(st.text(max_size=40))
def test_whatever_is_typed_is_answered(typed: str) -> None:
    assert set(map(id, _found(typed))) <= set(map(id, CARS))
