"""Which car is meant by what somebody typed into the one field: pure, over what is there now.

"white tahoe noon" is three words, and each must be true of the car: of what the desk wrote down,
of its kind, its plate, its bay, its ticket, whoever brought it, or the time it came.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo

from contract.plates import normalise
from lot import times
from server.desk.values import Booking, Customer, Ticket
from server.visits.values import Visit

WORDS_MAX = 8
_CLOCK = re.compile(r"(\d{1,2})(?::(\d{2}))?\s?(am|pm|h)?", re.IGNORECASE)
_AROUND_MIN = 75  # "around noon" as people say it, measured from valets' own examples
# When a day's part begins and ends by the lot's clock, in minutes; English and Spanish.
_PARTS = {
    **dict.fromkeys(("morning", "manana"), (4 * 60, 12 * 60)),
    **dict.fromkeys(("noon", "midday", "lunch", "mediodia"), (10 * 60 + 45, 13 * 60 + 15)),
    **dict.fromkeys(("afternoon", "tarde"), (12 * 60, 18 * 60)),
    **dict.fromkeys(("evening",), (17 * 60, 23 * 60)),
    **dict.fromkeys(("night", "noche"), (20 * 60, 28 * 60)),
}
_VEHICLES = {
    "car": ("car", "coche", "auto"),
    "truck": ("truck", "pickup", "camion", "camioneta"),
    "bus": ("bus", "autobus"),
    "motorcycle": ("motorcycle", "bike", "motorbike", "moto", "motocicleta"),
}


@dataclass(frozen=True, slots=True)
class Car:
    """A car and all that the desk knows of it; without a visit it is a booking that waits."""

    visit: Visit | None
    vehicle: str | None = None
    ticket: Ticket | None = None
    booking: Booking | None = None
    customer: Customer | None = None

    @property
    def inside(self) -> bool:
        return self.visit is not None and self.visit.inside

    @property
    def came(self) -> int | None:
        if self.visit is not None:
            return self.visit.at
        return None if self.ticket is None else self.ticket.came

    @property
    def plate(self) -> str | None:
        for one in (self.visit, self.ticket, self.booking):
            if one is not None and one.plate is not None:
                return one.plate
        return None


def folded(text: str) -> str:
    """Return a text as words are compared: small letters without accents."""
    apart = unicodedata.normalize("NFKD", text).casefold()
    return "".join(one for one in apart if not unicodedata.combining(one))


def words(text: str) -> tuple[str, ...]:
    """Return what was typed as words."""
    return tuple(folded(text).split()[:WORDS_MAX])


def ranked(asked: Sequence[str], cars: Iterable[Car], zone: tzinfo) -> list[Car]:
    """Return the cars of which every word is true, the best first: inside before gone."""
    if not asked:
        return []
    found: list[tuple[tuple[bool, int, int], Car]] = []
    whole = normalise("".join(asked))
    for car in cars:
        worth = _worth(asked, whole, car, zone)
        if worth:
            found.append(((not car.inside, -worth, -(car.came or 0)), car))
    return [car for _, car in sorted(found, key=lambda one: one[0])]


def _worth(asked: Sequence[str], whole: str, car: Car, zone: tzinfo) -> int:
    """Return how well it fits; 0 where a word is not true of it."""
    plate = car.plate or ""
    if len(whole) >= 2 and whole in plate:  # "8abc 123" is one plate, in however many words
        return 100 + (50 if whole == plate else 10 if plate.startswith(whole) else 0)
    worths = [_word(one, car, zone) for one in asked]
    return 0 if 0 in worths else sum(worths)


def _word(word: str, car: Car, zone: tzinfo) -> int:
    told = max((_told(word, text) for text in _texts(car)), default=0)
    return max(told, _numbered(word, car), _timed(word, car, zone))


def _texts(car: Car) -> Iterable[str]:
    ticket, booking, customer = car.ticket, car.booking, car.customer
    if ticket is not None:
        yield from filter(None, (ticket.name, ticket.looks, ticket.mail, ticket.note))
    if booking is not None:
        yield from filter(None, (booking.name, booking.mail, booking.note))
    if customer is not None:
        yield from filter(None, (customer.name, customer.mail))
    yield from _VEHICLES.get(car.vehicle or "", ())


def _told(word: str, text: str) -> int:
    """A word's beginning counts as it is typed; its middle does not: "van" is in no "Ivan"."""
    there = re.split(r"[^\w@.]+", folded(text))
    if word in there:
        return 20
    return 10 if any(one.startswith(word) for one in there) else 0


def _numbered(word: str, car: Car) -> int:
    """Return what a number or a code is worth: ticket, key tag, bay, phone."""
    ticket, plate = car.ticket, normalise(word)
    worth = 8 if len(plate) >= 2 and plate in (car.plate or "") else 0
    if ticket is not None:
        for code in (ticket.bay, ticket.key):
            if code is not None and folded(code) == word:
                worth = max(worth, 40)
        if word.isdecimal() and ticket.number.startswith(word) and len(word) >= 3:
            worth = max(worth, 60 if word == ticket.number else 30)
    digits = re.sub(r"\D", "", word)
    if len(digits) >= 4 and any(digits in re.sub(r"\D", "", one) for one in _phones(car)):
        worth = max(worth, 30)
    return worth


def _phones(car: Car) -> Iterable[str]:
    for one in (car.ticket, car.booking, car.customer):
        if one is not None and one.phone is not None:
            yield one.phone


def _timed(word: str, car: Car, zone: tzinfo) -> int:
    """Return what a time of day is worth: noon, morning, 9:40, 2pm."""
    span = _span(word)
    if span is None or car.came is None:
        return 0
    at = times.moment(car.came).astimezone(zone)
    minute = at.hour * 60 + at.minute
    return (
        5 if any(span[0] <= minute + whole_day < span[1] for whole_day in (-1440, 0, 1440)) else 0
    )


def _span(word: str) -> tuple[int, int] | None:
    if word in _PARTS:
        return _PARTS[word]
    read = _CLOCK.fullmatch(word)
    if read is None or (read[2] is None and read[3] is None):
        return None  # "12" alone is a bay or a key
    hour = int(read[1]) % 12 + 12 if (read[3] or "").lower() == "pm" else int(read[1])
    middle = hour * 60 + int(read[2] or 0)
    return middle - _AROUND_MIN, middle + _AROUND_MIN
