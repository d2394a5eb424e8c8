"""What lies in the desk's rows, as its rules want it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from contract.plates import normalise

BookingState = Literal["expected", "cancelled"]
BOOKING_STATES: tuple[BookingState, ...] = ("expected", "cancelled")

Content = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Ticket:
    """A car that the desk took in; plate and time are what it was known by then."""

    id: bytes
    version: int
    event: str
    came: int
    plate: str | None = field(repr=False)
    name: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    mail: str | None = field(repr=False)
    looks: str | None  # "white Tahoe", as somebody saw it
    bay: str | None
    key: str | None
    booking: bytes | None
    called: int | None
    handed: int | None
    said: str | None  # the statement that checked it out, to be taken back
    note: str | None = field(repr=False)

    @property
    def number(self) -> str:
        return number_of(self.id)


@dataclass(frozen=True, slots=True)
class Booking:
    """Somebody who is expected; `event` where the desk said which car it was."""

    id: bytes
    version: int
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    mail: str | None = field(repr=False)
    plate: str | None = field(repr=False)
    begins: int
    ends: int
    bay: str | None
    state: str
    event: str | None
    note: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Known:
    """A plate on a list, from when to when."""

    id: bytes
    version: int
    list: str
    plate: str = field(repr=False)
    holder: str | None = field(repr=False)
    begins: int | None
    ends: int | None
    alarm: bool
    note: str | None = field(repr=False)

    def holds(self, at: int) -> bool:
        """Say whether the plate is on its list at a time."""
        return (self.begins is None or self.begins <= at) and (self.ends is None or at < self.ends)


@dataclass(frozen=True, slots=True)
class Customer:
    """Somebody who comes again, with their plates."""

    id: bytes
    name: str = field(repr=False)
    phone: str | None = field(repr=False)
    mail: str | None = field(repr=False)
    plates: tuple[str, ...] = field(repr=False)


def number_of(id_: bytes) -> str:
    """Return what a ticket is called at the desk: six digits, which its id alone gives.

    Of 200 cars two have the same number once in fifty days; the field then shows both.
    """
    return f"{int.from_bytes(id_[:8], 'big') % 1_000_000:06d}"


def ticket(id_: bytes, version: int, content: Content) -> Ticket:
    """Read a ticket's row."""
    return Ticket(
        id_,
        version,
        str(content["event"]),
        whole(content, "came"),
        plate(content),
        text(content, "name"),
        text(content, "phone"),
        text(content, "mail"),
        text(content, "looks"),
        text(content, "bay"),
        text(content, "key"),
        _octets(content, "booking"),
        whole_or_none(content, "called"),
        whole_or_none(content, "handed"),
        text(content, "said"),
        text(content, "note"),
    )


def booking(id_: bytes, version: int, content: Content) -> Booking:
    """Read a booking's row."""
    return Booking(
        id_,
        version,
        str(content["name"]),
        text(content, "phone"),
        text(content, "mail"),
        plate(content),
        whole(content, "begins"),
        whole(content, "ends"),
        text(content, "bay"),
        str(content["state"]),
        text(content, "event"),
        text(content, "note"),
    )


def known(id_: bytes, version: int, content: Content) -> Known:
    """Read a known plate's row."""
    return Known(
        id_,
        version,
        str(content["list"]),
        plate(content) or "",
        text(content, "holder"),
        whole_or_none(content, "begins"),
        whole_or_none(content, "ends"),
        content.get("alarm") is True,
        text(content, "note"),
    )


def customer(id_: bytes, _version: int, content: Content) -> Customer:
    """Read a customer's row."""
    plates = content.get("plates")
    given = plates if isinstance(plates, (list, tuple)) else ()
    return Customer(
        id_,
        str(content["name"]),
        text(content, "phone"),
        text(content, "mail"),
        tuple(normalise(str(one)) for one in given),
    )


def text(content: Content, name: str) -> str | None:
    """Return a text, None where there is none."""
    value = content.get(name)
    return value if isinstance(value, str) else None


def whole(content: Content, name: str) -> int:
    """Return a whole number that each row of its kind has."""
    value = content[name]
    assert isinstance(value, int)  # its shape said so when it was written
    return value


def whole_or_none(content: Content, name: str) -> int | None:
    """Return a whole number, None where there is none."""
    value = content.get(name)
    return value if isinstance(value, int) else None


def plate(content: Content) -> str | None:
    """Return a plate as plates are compared."""
    spelt = text(content, "plate")
    return None if spelt is None else normalise(spelt)


def _octets(content: Content, name: str) -> bytes | None:
    spelt = text(content, name)
    return None if spelt is None else bytes.fromhex(spelt)
