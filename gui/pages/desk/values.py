"""What the desk knows, read from the API's answers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gui import values
from gui.plaque import Plaque, plaque
from gui.values import Said, Visit

WORDS = ("key", "bay", "looks", "name", "phone", "mail", "note")  # as a form asks for them


@dataclass(frozen=True, slots=True)
class Ticket:
    """A car that was taken in."""

    id: str
    version: int
    number: str
    event: str
    came: int
    plate: str | None
    called: int | None
    handed: int | None
    words: dict[str, str]

    @property
    def plaque(self) -> Plaque:
        return plaque(self.plate)

    @property
    def spelt(self) -> str:
        """Return its number as people say it: two times three digits."""
        return f"{self.number[:3]} {self.number[3:]}"


@dataclass(frozen=True, slots=True)
class Held:
    """A ticket with its car's visit."""

    ticket: Ticket
    visit: Visit | None

    @property
    def plaque(self) -> Plaque:
        """Return the plate as it is known now: somebody may have corrected it."""
        seen = self.visit is not None and self.visit.plate is not None
        return self.visit.plaque if self.visit is not None and seen else self.ticket.plaque

    @property
    def came(self) -> int:
        entered = None if self.visit is None else self.visit.entered_at
        return self.ticket.came if entered is None else entered


@dataclass(frozen=True, slots=True)
class Booking:
    """Somebody who is expected, and how that stands."""

    id: str
    version: int
    name: str
    plate: str | None
    begins: int
    ends: int
    state: str
    content: Said
    standing: str
    visit: str | None
    is_near: bool  # the plate that came is one letter apart

    @property
    def plaque(self) -> Plaque:
        return plaque(self.plate)


@dataclass(frozen=True, slots=True)
class Known:
    """A plate on a list."""

    id: str
    version: int
    list: str
    plate: str
    holder: str | None
    begins: int | None
    ends: int | None
    alarm: bool
    note: str | None

    @property
    def plaque(self) -> Plaque:
        return plaque(self.plate)


@dataclass(frozen=True, slots=True)
class Hit:
    """A car inside that is on a list."""

    known: Known
    visit: Visit
    is_near: bool


@dataclass(frozen=True, slots=True)
class Desk:
    """What stands before the desk."""

    arrivals: tuple[Visit, ...]
    tickets: tuple[Held, ...]
    handed: tuple[Held, ...]
    bookings: tuple[Booking, ...]
    hits: tuple[Hit, ...]

    @property
    def called(self) -> tuple[Held, ...]:
        return tuple(one for one in self.tickets if one.ticket.called is not None)

    @property
    def kept(self) -> tuple[Held, ...]:
        return tuple(one for one in self.tickets if one.ticket.called is None)

    @property
    def expected(self) -> tuple[Booking, ...]:
        return tuple(one for one in self.bookings if one.standing not in ("came", "left"))

    def booked(self, visit: str) -> Booking | None:
        """Return the booking that a car came for."""
        return next((one for one in self.bookings if one.visit == visit), None)

    def hit(self, visit: str) -> Hit | None:
        """Return on which list a car is."""
        return next((one for one in self.hits if one.visit.id == visit), None)


@dataclass(frozen=True, slots=True)
class ReadPlate:
    """A plate that was read in a photo, and what else it may be."""

    plate: str
    plaque: Plaque
    confidence: int
    others: tuple[str, ...]


def read_plates(said: Said) -> tuple[ReadPlate, ...]:
    """Read what a photo shows, the surest first."""
    found = [
        ReadPlate(
            one["plate"],
            plaque(one["plate"], [n / 1000 for n in one["characters"]], region=one["region"]),
            one["confidence"],
            tuple(other["plate"] for other in one["alternatives"]),
        )
        for one in said["plates"]
    ]
    return tuple(sorted(found, key=lambda one: -one.confidence))


def desk(said: Said) -> Desk:
    """Read the desk."""
    return Desk(
        tuple(map(values.visit, said["arrivals"])),
        tuple(map(held, said["tickets"])),
        tuple(map(held, said["handed"])),
        tuple(map(booking, said["bookings"])),
        hits(said["hits"]),
    )


def ticket(said: Said) -> Ticket:
    """Read a ticket."""
    return Ticket(
        said["id"],
        said["version"],
        said["number"],
        said["event"],
        said["came"],
        said["plate"],
        said["called"],
        said["handed"],
        {name: said[name] or "" for name in WORDS},
    )


def held(said: Said) -> Held:
    """Read a ticket with its visit."""
    visit = said["visit"]
    return Held(ticket(said["ticket"]), None if visit is None else values.visit(visit))


def booking(said: Said) -> Booking:
    """Read a booking with how it stands."""
    row: Said = said["booking"]
    content: Said = row["content"]
    return Booking(
        row["id"],
        row["version"],
        content["name"],
        content["plate"],
        content["begins"],
        content["ends"],
        content["state"],
        content,
        said["standing"],
        said["visit"],
        said["likeness"] == "near",
    )


def known(said: Said) -> Known:
    """Read a known plate."""
    content: Said = said["content"]
    return Known(
        said["id"],
        said["version"],
        content["list"],
        content["plate"],
        content["holder"],
        content["begins"],
        content["ends"],
        content["alarm"],
        content["note"],
    )


def hits(said: Iterable[Said]) -> tuple[Hit, ...]:
    """Read which cars are on lists."""
    return tuple(
        Hit(known(one["known"]), values.visit(one["visit"]), one["likeness"] == "near")
        for one in said
    )
