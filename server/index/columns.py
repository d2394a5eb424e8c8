"""The rows of the index as fixed-width columns: about a hundred bytes a row, and no object.

A row is an event in its highest revision. Beside what the event says stand five columns of the
visit it belongs to. What only few events have (runner-up spellings, a trailer's plate, the entry
an edge took for this car's) stands in a table of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar, get_args

import numpy as np
from numpy.typing import NDArray

from contract.event import (
    KINDS,
    Border,
    Direction,
    Event,
    Kind,
    KindBy,
    Reason,
    Vehicle,
    Way,
)
from contract.plates import normalise
from server.index.awaited import Awaited, Named
from server.index.ids import id_bytes, id_text
from server.index.keys import Keys, grown
from server.index.words import Words
from server.visits.values import Doubt, Sighted, SightedKind, sighted

Numbers = NDArray[np.integer[Any]]
Mask = NDArray[np.bool_]

UNOPENED = len(KINDS) + 1  # stands for a record that could not be opened: it counts, no more
NO_CONFIDENCE = 65_535

_W = TypeVar("_W", bound=str)


class Codes:
    """Words of the contract as numbers from 1 on; 0 is none."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = tuple(words)

    def code(self, word: str | None) -> int:
        return 0 if word is None else self._words.index(word) + 1

    def codes(self, words: Iterable[str]) -> list[int]:
        return [self.code(word) for word in words]


KIND_WORDS = KINDS
BY_WORDS: tuple[KindBy, ...] = get_args(KindBy)
VEHICLE_WORDS: tuple[Vehicle, ...] = get_args(Vehicle)
DIRECTION_WORDS: tuple[Direction, ...] = get_args(Direction)
REASON_WORDS: tuple[Reason, ...] = get_args(Reason)
BORDER_WORDS: tuple[Border, ...] = get_args(Border)

KIND, BY, VEHICLE = Codes(KIND_WORDS), Codes(BY_WORDS), Codes(VEHICLE_WORDS)
DIRECTION, REASON = Codes(DIRECTION_WORDS), Codes(REASON_WORDS)
ENTRY, EXIT, SEEN, VOID = KIND.codes(("entry", "exit", "seen", "void"))

# What of a row comes from the event, and goes to disk as it is.
EVENT_COLUMNS: Mapping[str, str] = {
    "first": "<i8",
    "last": "<i8",
    "sequence": "<i8",  # of the first revision that came
    "revision": "<u4",
    "confidence": "<u2",
    "kind": "u1",
    "by": "u1",
    "vehicle": "u1",
    "direction": "u1",
    "reason": "u1",
    "final": "u1",
    "more": "u1",  # whether there is anything in the sparse table
}
# Numbers of words and of plates: they mean something only in the memory they were given in.
WORD_COLUMNS: Mapping[str, str] = {
    "edge": "<u2",
    "camera": "<u2",
    "lane": "<u2",
    "flags": "<u2",
    "ways": "<u2",
}
PLATE_COLUMNS: Mapping[str, str] = {"plate": "<u4", "told": "<u4"}  # as read, and its visit's
# The visit: its first event's row and the other end's, each plus one; 0 is none.
ROW_COLUMNS: Mapping[str, str] = {"visit": "<u4", "partner": "<u4"}
STORY_COLUMNS: Mapping[str, str] = {"decided": "u1", "chance": "<u2", "said": "<u2"}
LOT_COLUMNS: Mapping[str, str] = {"lot": "<u2"}
OWN_COLUMNS: Mapping[str, str] = {**EVENT_COLUMNS, **WORD_COLUMNS, **STORY_COLUMNS}
ALL_COLUMNS: Mapping[str, str] = {
    **OWN_COLUMNS,
    **PLATE_COLUMNS,
    **ROW_COLUMNS,
    **LOT_COLUMNS,
}

DOUBT, OTHER, REFERS, LEFT = 1, 2, 3, 4  # what a sparse row holds


class Sparse(NamedTuple):
    """Something that only few events have: 16 bytes whose meaning the tag says."""

    tag: int
    value: bytes


class Taken(Protocol):
    """Rows as a segment has them, in numbers of its own."""

    @property
    def ids(self) -> NDArray[np.uint8]: ...  # 16 a row, each once
    @property
    def words(self) -> Mapping[str, Sequence[str]]: ...
    @property
    def plates(self) -> NDArray[np.uint8]: ...  # 16 each
    @property
    def others(self) -> NDArray[np.uint8]: ...  # ids of rows of other segments, 16 each
    @property
    def sparse(self) -> NDArray[Any]: ...  # `row` within the segment, `tag`, `value`
    def column(self, name: str) -> NDArray[Any]: ...  # of numbers: plates; rows, and then others


class Columns:
    """All rows of all lots, in the order in which their ids came."""

    def __init__(self) -> None:
        self.ids = Keys()
        self.plates = Keys()  # a plate's number in a column is its number here plus one
        self.words: dict[str, Words] = {name: Words() for name in (*WORD_COLUMNS, "lot")}
        self._columns: dict[str, Numbers] = {
            name: np.zeros(0, dtype) for name, dtype in ALL_COLUMNS.items()
        }
        self._sparse_rows: Numbers = np.zeros(0, np.uint32)
        self._sparse_tags: Numbers = np.zeros(0, np.uint8)
        self._sparse_values: NDArray[np.uint8] = np.zeros((0, 16), np.uint8)
        self._sparse_count = 0
        self._awaited = Awaited()

    def __len__(self) -> int:
        return len(self.ids)

    def column(self, name: str) -> Numbers:
        """Return a column without its spare room; writing to it changes the row."""
        return self._columns[name][: len(self.ids)]

    def value(self, name: str, row: int) -> int:
        return int(self._columns[name][row])

    def set(self, row: int, **values: int) -> None:
        for name, value in values.items():
            self._columns[name][row] = value

    def reserve(self, more: int) -> None:
        """Make room for so many rows beside those that are there."""
        for name in ALL_COLUMNS:
            self._columns[name] = grown(self._columns[name], len(self.ids), more)
        self.ids.reserve(more)

    def row(self, event_id: str) -> int | None:
        return self.ids.find(id_bytes(event_id))

    def id(self, row: int) -> str:
        return id_text(self.ids.key(row))

    def at(self, row: int) -> int:
        """Return when a row happened: an exit when last seen, all else when first seen."""
        return self.value("last" if self.value("kind", row) == EXIT else "first", row)

    def lot_number(self, lot: bytes) -> int:
        return self.words["lot"].add(lot.hex())

    def add_plate(self, plate: str | None) -> int:
        return 0 if plate is None else self.plates.add(plate_key(plate)) + 1

    def plate_number(self, plate: str) -> int | None:
        number = self.plates.find(plate_key(plate))
        return None if number is None else number + 1

    def plate(self, number: int) -> str | None:
        return plate_text(self.plates.key(number - 1)) if number else None

    def new_row(self, key: bytes) -> int:
        self.reserve(1)
        return self.ids.add(key)

    def put(self, lot: bytes, event: Event) -> tuple[int, int | None] | None:
        """Keep an event; None where a revision as high is known, and was opened.

        Return its row and the number of the plate that it was read as before.
        """
        key = id_bytes(event.id)
        known = self.ids.find(key)
        if known is not None and self._is_as_new(known, event.revision):
            self._earlier(known, event.sequence)
            return None
        before = None if known is None else self.value("plate", known)
        row = self.new_row(key) if known is None else known
        sequence = event.sequence
        if known is not None:
            sequence = min(sequence, self.value("sequence", known))
            self._forget_sparse(row)
        plate = normalise(event.plate) if event.plate is not None else None
        spare = list(_sparse(event))
        self.set(
            row,
            first=event.first_seen,
            last=event.last_seen,
            sequence=sequence,
            revision=min(event.revision, 2**32 - 1),
            confidence=NO_CONFIDENCE if event.confidence is None else event.confidence,
            kind=KIND.code(event.kind),
            by=BY.code(event.kind_by),
            vehicle=VEHICLE.code(event.vehicle),
            direction=DIRECTION.code(event.direction),
            reason=REASON.code(event.reason),
            final=event.final,
            more=bool(spare),
            edge=self.words["edge"].add(event.edge),
            camera=self.words["camera"].add(event.camera),
            lane=self.words["lane"].add(event.lane),
            flags=self.words["flags"].add(",".join(event.flags)),
            ways=self.words["ways"].add(_ways_text(event.ways)),
            plate=self.add_plate(plate or None),
            lot=self.lot_number(lot),
        )
        for one in spare:
            self.add_sparse(row, one)
        return row, before

    def take(self, lot: bytes, parts: Sequence[Taken]) -> None:
        """Add rows out of segments; of an id that stands twice the higher revision counts."""
        if not parts:
            return
        self.reserve(sum(len(part.ids) for part in parts))
        self._reserve_sparse(sum(len(part.sparse) for part in parts))
        rows = self.ids.numbers(*pairs(np.concatenate([part.ids for part in parts])))
        plates = self.plates.numbers(*pairs(np.concatenate([part.plates for part in parts]))) + 1
        lot_number, row, plate = self.lot_number(lot), 0, 0
        for part in parts:
            own_rows = rows[row : row + len(part.ids)]
            own_plates = plates[plate : plate + len(part.plates)]
            self._take(part, own_rows, own_plates, lot_number)
            row, plate = row + len(own_rows), plate + len(own_plates)
        for name, named, others_rows in self._awaited.come(self.ids):
            self._columns[name][named] = others_rows + 1

    def _take(
        self, part: Taken, rows: NDArray[np.int64], plates: NDArray[np.int64], lot: int
    ) -> None:
        kept = self._kept(part, rows)
        to = rows[kept] if isinstance(kept, np.ndarray) else _run(rows)
        for name in OWN_COLUMNS:
            values = part.column(name)[kept]
            if name in part.words:
                given = [self.words[name].add(word) for word in part.words[name]]
                values = np.array(given, ALL_COLUMNS[name])[values] if len(values) else values
            self._columns[name][to] = values
        given_plates = np.append([0], plates)
        for name in PLATE_COLUMNS:
            self._columns[name][to] = given_plates[part.column(name)[kept]]
        # What lies in another segment is 0 here until it is known that it came.
        given_rows = np.concatenate(([0], rows + 1, np.zeros(len(part.others), np.int64)))
        for name in ROW_COLUMNS:
            numbers = part.column(name)[kept]
            self._columns[name][to] = given_rows[numbers]
            self._await(name, part, rows[kept], numbers)
        self._columns["lot"][to] = lot
        table = part.sparse
        if isinstance(kept, np.ndarray):
            table = table[kept[table["row"]]]
        self._add_sparse(rows[table["row"]], table["tag"], table["value"])

    def _kept(self, part: Taken, rows: NDArray[np.int64]) -> slice | Mask:
        """Return which of a part's rows count; all of them where none was known: they lie in a run.

        A row that is new has revision 0 still, and no event has.
        """
        known = self._columns["revision"][rows]
        if not known.any() and (np.diff(rows) == 1).all():
            return slice(None)
        newer: Mask = part.column("revision") > known
        replaced = rows[newer & (known > 0)]
        for row in replaced:
            self._forget_sparse(int(row))
        self._awaited.forget(replaced)
        return newer

    def _await(
        self, name: str, part: Taken, rows: NDArray[np.int64], numbers: NDArray[Any]
    ) -> None:
        elsewhere = np.flatnonzero(numbers > len(part.ids))
        if len(elsewhere):
            named = part.others[numbers[elsewhere] - len(part.ids) - 1]
            self._awaited.add(name, Named(rows[elsewhere], *pairs(named)))

    def forget_story(self, rows: NDArray[np.int64], names: Iterable[str]) -> None:
        """Forget what visits say of rows, and what was awaited for that."""
        for name in names:
            self._columns[name][rows] = 0
        self._awaited.forget(rows)

    def remove(self, rows: NDArray[np.int64]) -> None:
        """Forget rows and every plate that no other row has; the rest is numbered anew.

        All columns are written anew, so that what was erased stays in no spare room.
        """
        keep = np.ones(len(self), np.bool_)
        keep[rows] = False
        to_row = _renumbered(keep)
        self._columns = {name: self.column(name)[keep] for name in ALL_COLUMNS}
        for name in ROW_COLUMNS:
            self._columns[name] = to_row[self._columns[name]].astype(np.uint32)
        self.ids = self.ids.kept(keep)
        self._awaited = Awaited()  # what was awaited until now is in no segment
        used = np.zeros(len(self.plates) + 1, np.bool_)
        for name in PLATE_COLUMNS:
            used[self._columns[name]] = True
        to_plate = _renumbered(used[1:])
        for name in PLATE_COLUMNS:
            self._columns[name] = to_plate[self._columns[name]].astype(np.uint32)
        self.plates = self.plates.kept(used[1:])
        live = (self._sparse_tags > 0) & (np.arange(len(self._sparse_tags)) < self._sparse_count)
        live[live] = keep[self._sparse_rows[live]]
        self._sparse_rows = (to_row[self._sparse_rows[live] + 1] - 1).astype(np.uint32)
        self._sparse_tags, self._sparse_values = self._sparse_tags[live], self._sparse_values[live]
        self._sparse_count = len(self._sparse_rows)

    def sighted(self, row: int) -> Sighted | None:
        """Return what pairing needs of a row; None where it is void or was not opened."""
        kind = self.value("kind", row)
        if kind not in (ENTRY, EXIT, SEEN):
            return None
        more = self.sparse(row) if self.value("more", row) else []
        flags = self.words["flags"].word(self.value("flags", row)) or ""
        refers = [id_text(one.value) for one in more if one.tag == REFERS]
        told: SightedKind = "entry" if kind == ENTRY else "exit" if kind == EXIT else "seen"
        return Sighted(
            id=self.id(row),
            edge=self.words["edge"].word(self.value("edge", row)) or "",
            sequence=self.value("sequence", row),
            kind=told,
            by=word_of(BY_WORDS, self.value("by", row)),
            plate=self.plate(self.value("plate", row)),
            first_seen=self.value("first", row),
            last_seen=self.value("last", row),
            camera=self.words["camera"].word(self.value("camera", row)) or "",
            ways=_ways(self.words["ways"].word(self.value("ways", row))),
            doubts=tuple(_doubt(one.value) for one in more if one.tag == DOUBT),
            others=tuple(plate_text(one.value) for one in more if one.tag == OTHER),
            refers=refers[0] if refers else None,
            two_candidates="two_candidates" in flags.split(","),
        )

    # What only few rows have

    def add_sparse(self, row: int, one: Sparse) -> None:
        value = np.frombuffer(one.value, np.uint8).reshape(1, 16)
        self._add_sparse(np.array([row]), np.array([one.tag]), value)

    def _add_sparse(self, rows: Numbers, tags: Numbers, values: NDArray[np.uint8]) -> None:
        count, more = self._sparse_count, len(rows)
        self._reserve_sparse(more)
        self._sparse_rows[count : count + more] = rows
        self._sparse_tags[count : count + more] = tags
        self._sparse_values[count : count + more] = values
        self._sparse_count += more

    def _reserve_sparse(self, more: int) -> None:
        count = self._sparse_count
        self._sparse_rows = grown(self._sparse_rows, count, more)
        self._sparse_tags = grown(self._sparse_tags, count, more)
        if count + more > len(self._sparse_values):
            larger = np.zeros((len(self._sparse_rows), 16), np.uint8)
            larger[:count] = self._sparse_values[:count]
            self._sparse_values = larger

    def sparse(self, row: int) -> list[Sparse]:
        found = [self._sparse_at(n) for n in np.flatnonzero(self._live_sparse_rows == row)]
        return [one for one in found if one.tag]

    def sparse_of(self, rows: Numbers) -> list[tuple[int, Sparse]]:
        """Return all that these rows have, each with its row."""
        places = np.flatnonzero(np.isin(self._live_sparse_rows, rows))
        found = [(int(self._sparse_rows[n]), self._sparse_at(n)) for n in places]
        return [(row, one) for row, one in found if one.tag]

    def rows_with(self, one: Sparse) -> list[int]:
        """Return the rows that have just this."""
        tags = self._sparse_tags[: self._sparse_count] == one.tag
        value = np.frombuffer(one.value, np.uint8)
        places = np.flatnonzero(tags)
        same = (self._sparse_values[places] == value).all(axis=1)
        return [int(self._sparse_rows[n]) for n in places[same]]

    @property
    def _live_sparse_rows(self) -> Numbers:
        return self._sparse_rows[: self._sparse_count]

    def _sparse_at(self, n: int) -> Sparse:
        return Sparse(int(self._sparse_tags[n]), self._sparse_values[n].tobytes())

    def _forget_sparse(self, row: int) -> None:
        """Leave the places empty: tag 0 is nothing."""
        places = np.flatnonzero(self._live_sparse_rows == row)
        self._sparse_tags[places] = 0
        self._sparse_values[places] = 0

    def _is_as_new(self, row: int, revision: int) -> bool:
        known = self.value("revision", row)
        return known > revision or (known == revision and self.value("kind", row) != UNOPENED)

    def _earlier(self, row: int, sequence: int) -> None:
        if 0 < sequence < self.value("sequence", row):
            self.set(row, sequence=sequence)


def at_of(columns: Columns, rows: NDArray[np.int64]) -> Numbers:
    """Return when each row happened, as `Columns.at` does of one."""
    exits = columns.column("kind")[rows] == EXIT
    return np.where(exits, columns.column("last")[rows], columns.column("first")[rows])


def _run(rows: NDArray[np.int64]) -> slice:
    """Return rows that follow each other as what they are: written at once, and not one by one."""
    return slice(int(rows[0]), int(rows[-1]) + 1) if len(rows) else slice(0)


def _renumbered(keep: Mask) -> NDArray[np.int64]:
    """Return the new number of each old one, both counted from 1 on; 0 for what is gone."""
    return np.append([0], np.where(keep, np.cumsum(keep), 0)).astype(np.int64)


def pairs(keys: NDArray[np.uint8]) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return rows of 16 bytes as the two columns that they are kept as."""
    both = np.ascontiguousarray(keys).view(">u8")
    return both[:, 0].astype(np.uint64), both[:, 1].astype(np.uint64)


def plate_key(plate: str) -> bytes:
    return plate.encode("ascii").ljust(16, b"\0")


def plate_text(key: bytes) -> str:
    return key.rstrip(b"\0").decode("ascii")


def word_of(words: tuple[_W, ...], code: int) -> _W | None:
    return words[code - 1] if 0 < code <= len(words) else None


def kind_of(code: int) -> Kind:
    return KIND_WORDS[code - 1]


def _sparse(event: Event) -> Iterator[Sparse]:
    part = sighted(event)
    if part is None:
        return
    for one in part.doubts:
        packed = bytes([one.place]) + one.character.encode() + one.odds.to_bytes(2, "big")
        yield Sparse(DOUBT, packed.ljust(16, b"\0"))
    for plate in part.others:
        if plate:
            yield Sparse(OTHER, plate_key(plate))
    if part.refers is not None:
        yield Sparse(REFERS, id_bytes(part.refers))


def _doubt(value: bytes) -> Doubt:
    return Doubt(value[0], chr(value[1]), int.from_bytes(value[2:4], "big"))


def _ways_text(ways: Iterable[Way]) -> str:
    """A camera's name has no control, so none can be mistaken for the marks between."""
    return "\x1e".join(f"{w.camera}\x1f{w.came or ''}\x1f{w.left or ''}" for w in ways)


def _ways(text: str | None) -> tuple[Way, ...]:
    if text is None:
        return ()
    found = []
    for one in text.split("\x1e"):
        camera, came, left = one.split("\x1f")
        found.append(Way(camera, _border(came), _border(left)))
    return tuple(found)


def _border(word: str) -> Border | None:
    return next((border for border in BORDER_WORDS if border == word), None)
