"""Plate crops with their true text, read from tables.

A set is a folder with `truth.csv` (`file,text,region,state,note,picture`) and the crops it
names. Which of them teach and which are held out, `models.split` says.
"""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from lot.errors import Unreadable
from models.split import picture_named

ALPHABET: Final = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
COLUMNS: Final = ("file", "text", "region", "state", "note", "picture")
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
    picture: str | None  # what it was cut from, as `picture_named` names it, where that is known


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
        yield Crop(
            folder / row["file"],
            canonical(row["text"], row["region"]),
            region_of(row["region"], row["state"]),
            folder.name,
            picture_named(folder.name, row["picture"]) if row["picture"] else None,
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


def labels(text: str) -> list[int]:
    """Return the network's classes of a text; 0 is the blank between characters."""
    return [1 + ALPHABET.index(character) for character in text]


def digest(every: Iterable[Crop]) -> str:
    """Return a hash of which crops were used and what they were said to read."""
    lines = sorted(f"{crop.source}/{crop.path.name} {crop.text}" for crop in every)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
