"""Plate crops with their true text, read from tables and split so that no plate is on both sides.

A set is a folder with `truth.csv` (`file,text,region,state,note,picture`) and the crops it
names. What is held out is chosen by text, so that a plate photographed twice never stands on
both sides, and with it goes every crop cut from the same picture.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lot.errors import Unreadable

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COLUMNS: Final = ("file", "text", "region", "state", "note", "picture")
HELD_ONE_IN: Final = 8  # some 700 American crops: a figure near 90 % is then known to 2 points
WATCHED_ONE_IN: Final = 16  # of what is left: enough to see a run get worse
# Of what is held out, by a run from released weights: they were taught all the rest.
WATCHED_OF_HELD_ONE_IN: Final = 4
STATES: Final = (
    "al ak az ar ca co ct de dc fl ga hi id il in ia ks ky la me md ma mi mn ms mo mt ne nv nh "
    "nj nm ny nc nd oh ok or pa ri sc sd tn tx ut vt va wa wv wi wy"
)
_WORLD: Final = ("eu", "gb", "br", "ar", "in", "other")
REGIONS: Final = (*(f"us-{state}" for state in STATES.split()), *_WORLD)

_EUROPE: Final = frozenset(
    {"EU", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "NO", "PL", "PT", "RO", "SE", "SI", "SK"}
)


@dataclass(frozen=True, slots=True)
class Crop:
    """One picture of a plate and what it says."""

    path: Path
    text: str  # as it is taught: see `canonical`
    region: str | None  # one of REGIONS; None where the table does not say
    source: str
    picture: str  # what it was cut from; crops of one picture stay together


def crops(folders: Sequence[Path]) -> list[Crop]:
    """Return every crop that the tables in `folders` name, in the tables' order."""
    return [crop for folder in folders for crop in _table(folder)]


def _table(folder: Path) -> Iterable[Crop]:
    table = folder / "truth.csv"
    try:
        with table.open(newline="", encoding="utf-8") as stream:
            rows = list(csv.DictReader(stream))
    except OSError as error:
        raise Unreadable(
            f"cannot read {table}: {error.strerror}", then="name folders that hold a truth.csv"
        ) from error
    for number, row in enumerate(rows, start=2):
        if not set(COLUMNS) <= row.keys() or set(row["text"]) - set(ALPHABET) or not row["text"]:
            raise Unreadable(
                f"line {number} of {table} is not {','.join(COLUMNS)} with a text of A-Z and 0-9",
                then="mend or remove it",
            )
        picture = row["picture"] or row["file"]
        yield Crop(
            folder / row["file"],
            canonical(row["text"], row["region"]),
            region_of(row["region"], row["state"]),
            folder.name,
            f"{folder.name}/{picture}",
        )


def canonical(text: str, country: str) -> str:
    """Return the spelling that is taught: American plates write the letter O as 0.

    Most states use no O, their dies make both alike, and the sets write either; taught as they
    stand, the same picture would have two truths. The format decides afterwards.
    """
    return text.replace("O", "0") if country == "US" else text


def region_of(country: str, state: str) -> str | None:
    """Return which of REGIONS a table's country and state are, where they say it."""
    if country == "US":
        named = f"us-{state.lower()}"
        return named if named in REGIONS else None
    if country in ("GB", "BR", "AR", "IN"):
        return country.lower()
    if country in _EUROPE:
        return "eu"
    return None if country in ("", "XX") else "other"


def split(every: Sequence[Crop], apart: Callable[[Crop], bool]) -> tuple[list[Crop], list[Crop]]:
    """Return what is taught and what is held out: all that stands `apart`, and some texts."""
    return _parted(every, lambda crop: apart(crop) or _byte(crop.text, 0) % HELD_ONE_IN == 0)


def watched(every: Sequence[Crop], one_in: int = WATCHED_ONE_IN) -> tuple[list[Crop], list[Crop]]:
    """Return what is left and what chooses among a run's checkpoints.

    Choosing by what figures are taken of would make them better than they are.
    """
    return _parted(every, lambda crop: _byte(crop.text, 1) % one_in == 0)


def _parted(every: Sequence[Crop], chosen: Callable[[Crop], bool]) -> tuple[list[Crop], list[Crop]]:
    """Take out what is `chosen`, with whatever shares its picture or text, in chains."""
    texts = {crop.text for crop in every if chosen(crop)}
    while True:
        pictures = {crop.picture for crop in every if crop.text in texts}
        grown = texts | {crop.text for crop in every if crop.picture in pictures}
        if grown == texts:
            break
        texts = grown
    out = [crop for crop in every if crop.text in texts]
    return [crop for crop in every if crop.text not in texts], out


def _byte(text: str, at: int) -> int:
    return hashlib.sha256(text.encode()).digest()[at]


def labels(text: str) -> list[int]:
    """Return the network's classes of a text; 0 is the blank between characters."""
    return [1 + ALPHABET.index(character) for character in text]


def digest(every: Iterable[Crop]) -> str:
    """Return a hash of which crops were used and what they were said to read."""
    lines = sorted(f"{crop.source}/{crop.path.name} {crop.text}" for crop in every)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
