"""A table of bookings as people keep it: CSV of any program, each wrong row said by its line."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo

from contract.plates import LENGTH_MAX, normalise
from gui.words import Words
from lot import times

ROWS_MAX = 2000
BYTES_MAX = 1024 * 1024
_PLATE_MAX = 23  # 16 letters and digits with what stands between them
_HOURS = 4  # where a table says no end: what a dinner takes
_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "name": ("name", "guest", "customer", "nombre", "cliente"),
    "plate": ("plate", "license plate", "placa", "matricula", "matrícula"),
    "begins": ("begins", "from", "start", "arrival", "time", "desde", "llegada", "hora"),
    "ends": ("ends", "to", "until", "end", "departure", "hasta", "salida"),
    "phone": ("phone", "telephone", "mobile", "telefono", "teléfono"),
    "mail": ("mail", "email", "e-mail", "correo"),
    "bay": ("bay", "place", "plaza", "lugar"),
    "note": ("note", "notes", "nota", "notas"),
}
_LONGEST = {"name": 200, "phone": 200, "mail": 200, "bay": 64, "note": 2000}
_FORMS = (
    "%Y-%m-%d %H:%M",
    "%Y-%m-%dT%H:%M",
    "%Y-%m-%d %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%m/%d/%Y %I:%M %p",
    "%d.%m.%Y %H:%M",
)
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})")

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line of the table."""

    line: int
    said: str


@dataclass(frozen=True, slots=True)
class Table:
    """What a table says: rows if all are right, else what is wrong."""

    rows: tuple[Row, ...] = field(repr=False)
    faults: tuple[Fault, ...]


def table(text: str, today: date, zone: tzinfo, _: Words) -> Table:
    """Read a table whose first line names its columns."""
    if not text.strip("\ufeff \t\r\n"):
        return Table((), (Fault(1, _("nothing came: choose a file, or type a table in")),))
    if len(text.encode()) > BYTES_MAX:
        return Table((), (Fault(1, _("the table is too large: take it over in parts")),))
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), dialect=_dialect(text))
    try:
        named = _named(next(lines, []), _)
        if isinstance(named, Fault):
            return Table((), (named,))
        read = _Reading(named, today, zone, _)
        found = [
            (lines.line_num, read.row(one)) for one in lines if any(cell.strip() for cell in one)
        ]
    except csv.Error:
        return Table((), (Fault(lines.line_num, _("a quotation mark is left open")),))
    if not found:
        return Table((), (Fault(1, _("the table has no rows")),))
    if len(found) > ROWS_MAX:
        return Table((), (Fault(ROWS_MAX + 2, _("%(n)d rows are the most", n=ROWS_MAX)),))
    faults = tuple(Fault(line, said) for line, said in found if isinstance(said, str))
    rows = tuple(one for _line, one in found if isinstance(one, dict))
    return Table(() if faults else rows, faults)


def row(given: Mapping[str, str], today: date, zone: tzinfo, _: Words) -> Row | str:
    """Return one booking as the API takes it, or what is wrong with it."""
    return _Reading({}, today, zone, _).checked(given)


@dataclass(frozen=True, slots=True)
class _Reading:
    """Reads one row after the other."""

    named: Mapping[int, str]
    today: date
    zone: tzinfo
    words: Words

    def row(self, cells: Sequence[str]) -> Row | str:
        given = {name: cells[at].strip() for at, name in self.named.items() if at < len(cells)}
        return self.checked(given)

    def checked(self, given: Mapping[str, str]) -> Row | str:
        _ = self.words
        plate, name = given.get("plate", "").strip(), " ".join(given.get("name", "").split())
        spelt = normalise(plate) if plate else None
        letters = sum(one.isalnum() for one in plate)
        if plate and not (spelt and letters <= LENGTH_MAX and len(plate) <= _PLATE_MAX):
            return _("plate: a plate has 1 to 16 letters and digits")
        if not name and not spelt:
            return _("a name or a plate is missing")
        for field_, most in _LONGEST.items():
            if len(given.get(field_, "")) > most:
                return _("%(column)s: %(most)d characters are the most", column=field_, most=most)
        begins = self._time(given.get("begins", ""))
        if begins is None:
            return _("begins: write a time as 2026-05-31 18:30, or 18:30 for today")
        ends = (
            self._time(given["ends"], begins)
            if given.get("ends")
            else begins + timedelta(hours=_HOURS)
        )
        if ends is None:
            return _("ends: write a time as 2026-05-31 18:30, or 18:30 for that day")
        if ends <= begins:
            return _("ends: it must be after begins")
        rest = {
            one: "".join(c for c in given.get(one, "").strip() if c.isprintable() or c == "\n")
            or None
            for one in ("phone", "mail", "bay", "note")
        }
        return {
            **rest,
            "name": name or spelt or "",
            "plate": spelt,
            "begins": times.microseconds(begins),
            "ends": times.microseconds(ends),
            "state": "expected",
            "event": None,
        }

    def _time(self, text: str, after: datetime | None = None) -> datetime | None:
        text = " ".join(text.split())
        day = self.today if after is None else after.astimezone(self.zone).date()
        if (read := _CLOCK.fullmatch(text)) and int(read[1]) < 24 and int(read[2]) < 60:
            wall = datetime.combine(day, time(int(read[1]), int(read[2])))
            if after is not None and wall <= after.astimezone(self.zone).replace(tzinfo=None):
                wall += timedelta(days=1)  # 20:00 to 01:00 ends on the next day
            return times.instants(wall, self.zone)[0]
        for form in _FORMS:
            try:
                wall = datetime.strptime(text, form)  # noqa: DTZ007 - the lot's own clock
                return times.instants(wall, self.zone)[0]
            except ValueError:
                continue
        return None


def _named(head: Sequence[str], _: Words) -> Mapping[int, str] | Fault:
    found: dict[int, str] = {}
    for at, cell in enumerate(head):
        spelt = cell.strip().casefold().replace("_", " ")
        name = next((one for one, others in _COLUMNS.items() if spelt in others), None)
        if name is not None and name not in found.values():
            found[at] = name
    if "begins" not in found.values() or not {"name", "plate"} & set(found.values()):
        return Fault(
            1,
            _(
                "the first line must name the columns: name or plate, begins, and optionally ends, "
                "phone, mail, bay, note"
            ),
        )
    return found


def _dialect(text: str) -> type[csv.Dialect]:
    """Commas, or semicolons as a Spanish spreadsheet writes them, or tabs."""
    first = text.lstrip("\ufeff").partition("\n")[0]
    mark = max(",;\t", key=first.count)

    class Here(csv.excel):
        delimiter = mark

    Here.strict = True
    return Here
