"""A stolen disk: 10,000 known plates go in, and none of them may be found on it.

`python -m tests.campaigns.theft` lets an edge and the server's own writer put events, notes and
pictures onto a disk (database with its log, pictures, wraps, a backup), and then looks for every
plate in every spelling that software leaves behind, and for JPEGs. A control writes the same with
the seal left off, and must find them all: else the search would be what fails.
"""

from __future__ import annotations

import argparse
import base64
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import create_engine

from contract import event, sealing
from contract.head import Head
from contract.plates import normalise
from contract.record import Part
from lot.files import write_private
from server.backup.taking import Sources, take_data, take_keys
from tests.contract.writers import NOON, Writer
from tests.server.verify.filled import SERVER_ID, Filled

PLATES = 10_000
SECOND = 1_000_000

_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
_LENGTH = 9  # long enough that chance does not write one: 33^9 against some 10^8 places
_KEY = 8  # bytes that are compared at once
_JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF"


@dataclass(frozen=True)
class Told:
    """What was found on a disk."""

    plates: int  # that were put in
    bytes: int
    found: frozenset[str]
    pictures: int

    @property
    def is_clean(self) -> bool:
        return not self.found and not self.pictures


def campaign(count: int, *, seed: int, sealed: bool) -> Told:
    """Fill a disk with this many plates, and search it as a thief would."""
    plates = known_plates(count, seed)
    with tempfile.TemporaryDirectory(prefix="lotkeeper-theft-") as folder:
        _fill(Path(folder), plates, sealed=sealed)
        return searched(Path(folder), plates)


def known_plates(count: int, seed: int) -> list[str]:
    random = Random(seed)  # noqa: S311 - to be repeated, not to be secret
    found = {"".join(random.choices(_LETTERS, k=_LENGTH)) for _ in range(count)}
    return sorted(one for one in found if normalise(one))


def searched(folder: Path, plates: Sequence[str]) -> Told:
    """Look for every plate in every spelling, in all files of a folder."""
    spellings = _Spellings(plates)
    size, pictures = 0, 0
    found: set[str] = set()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            data = path.read_bytes()
            size += len(data)
            pictures += data.count(_JPEG)
            found |= spellings.within(data)
            found |= spellings.within(str(path.relative_to(folder)).encode())
    return Told(len(plates), size, frozenset(found), pictures)


def _fill(folder: Path, plates: Sequence[str], *, sealed: bool) -> None:
    house = Filled(create_engine(f"sqlite:///{folder / 'lotkeeper.sqlite3'}"))
    house.db.exec_driver_sql("PRAGMA journal_mode=WAL")
    writer = house.edge if sealed else _Unsealed()
    for number, plate in enumerate(plates):
        if number % 1_000 == 0:
            house.new_day(writer, NOON + number)
        picture = _JPEG + plate.encode() * 20
        _put(house, writer, plate, {"plate": picture}, NOON + number * SECOND)
    house.db.commit()
    for kept, name in ((house.pictures, "pictures"), (house.wraps, "wraps")):
        for (lot, hashed), data in kept.files.items():
            write_private(folder / name / lot.hex() / hashed.hex()[:2] / hashed.hex(), data)
    _back_up(house, folder / "backup")
    house.db.close()


def _put(house: Filled, writer: Writer, plate: str, pictures: dict[str, bytes], at: int) -> None:
    head = writer.head(at=at)
    parts: list[Part] = []
    for name, data in pictures.items():
        parts.append(writer.part(sealing.picture(name), data, head))
    said = replace(writer.said(head, {}), plate=plate, characters=(990,) * len(plate))
    parts.append(writer.part("event", event.encoded(said), head))
    house.put(writer.signed(head, *parts), writer)


def _back_up(house: Filled, folder: Path) -> None:
    sources = Sources(SERVER_ID, house.pictures, folder / "none", lambda: iter(()))
    told = house.audit.told
    for take in (take_data, take_keys):
        take(sources, house.db, folder, part=bytes(16), made=NOON, audit=told)


class _Unsealed(Writer):
    """The control: it does all that a writer does, and lays the content down as it is."""

    def part(self, name: str, content: bytes, head: Head) -> Part:
        named = super().part(name, content, head)
        self.parts[named.hash] = content
        return named


class _Spellings:
    """Every plate as software leaves it behind, compared eight bytes at a time."""

    def __init__(self, plates: Sequence[str]) -> None:
        pairs = [(spelt, plate) for plate in plates for spelt in _spelt(plate)]
        keys = [int.from_bytes(spelt[:_KEY], "little") for spelt, _ in pairs]
        order = np.argsort(np.array(keys, np.uint64), kind="stable")
        self._keys: NDArray[np.uint64] = np.array(keys, np.uint64)[order]
        self._pairs = [pairs[n] for n in order]

    def within(self, data: bytes) -> set[str]:
        found: set[str] = set()
        for shift in range(min(_KEY, max(0, len(data) - _KEY + 1))):
            words = np.frombuffer(data, "<u8", (len(data) - shift) // _KEY, shift)
            at = np.searchsorted(self._keys, words)
            hits = np.flatnonzero(self._keys[np.minimum(at, len(self._keys) - 1)] == words)
            for hit in hits:
                found |= set(self._at(data, shift + int(hit) * _KEY, int(at[hit])))
        return found

    def _at(self, data: bytes, place: int, first: int) -> Iterator[str]:
        for number in range(first, len(self._pairs)):
            spelt, plate = self._pairs[number]
            if spelt[:_KEY] != data[place : place + _KEY]:
                return
            if data.startswith(spelt, place):
                yield plate


def _spelt(plate: str) -> Iterator[bytes]:
    for case in (plate, plate.lower()):
        plain = case.encode()
        yield plain
        yield plain[::-1]
        yield case.encode("utf-16-le")
        yield case.encode("utf-16-be")
        yield plain.hex().encode()
        yield plain.hex().upper().encode()
        for shift in range(3):  # in base64 a text looks different at each of three places
            whole = base64.b64encode(b"\0" * shift + plain)
            yield whole[4 if shift else 0 : -4 if (len(plain) + shift) % 3 else None]


def main(arguments: Sequence[str]) -> int:
    """Run at full size, or as asked; 1 where anything was found, or by the control too little."""
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns.theft")
    parser.add_argument("--plates", type=int, default=PLATES)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(arguments)
    told = campaign(asked.plates, seed=asked.seed, sealed=True)
    control = campaign(asked.plates, seed=asked.seed, sealed=False)
    sys.stdout.write(
        f"theft: {told.plates} plates, {told.bytes} bytes searched, {len(told.found)} plates and "
        f"{told.pictures} pictures found; with the seal off {len(control.found)} plates and "
        f"{control.pictures} pictures\n"
    )
    return 0 if told.is_clean and len(control.found) == control.plates else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
