"""Plates that no set has a text for are read by several engines, and labelled where they agree.

    python -m models.reader.agreement CROPS DATA... [--engine NAME[=WEIGHTS]]...

The plates of detection sets (as `models.detector` takes them) are cut out; for each set a folder of
crops with `truth.csv` appears below CROPS, its `note` saying who agreed. Engines err differently,
so two that agree are seldom wrong; a text that only one read is no label. Only what teaches is
written: what is held out measures, and no person saw these texts.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cv2
import numpy as np

from contract.plates import normalise
from edge.reading import Reader
from edge.reading.choice import ENSEMBLE, NAMES, WEIGHTS, reader, weights_of
from edge.reading.crops import Legible, cut
from edge.values import Box, Image
from edge.weights import named
from lot.errors import DONE, LotError, Unreadable, Unwritable, WrongUsage
from lot.files import write_whole
from lot.mains import Parser, status_of
from models.detector.data import labelled_pictures, sets_below
from models.reader.data import COLUMNS, Crop, canonical, crops, region_of
from models.split import parted, picture_named

AGREE_LEAST: Final = 2
LENGTH_LEAST: Final = 4  # two engines agree on a screw that both take for a 1
RELEASED: Final = Path(__file__).resolve().parents[1] / WEIGHTS.name


@dataclass(frozen=True, slots=True)
class Voice:
    """An engine that reads, and how the table names it."""

    name: str
    reader: Reader


@dataclass(frozen=True, slots=True)
class Place:
    """Where the plates are from, as the table says it; empty where that is not known."""

    country: str = ""
    state: str = ""


@dataclass(frozen=True, slots=True)
class Labelled:
    """A plate on whose text engines agree."""

    crop: Crop
    image: Image
    note: str


def agreed(said: Mapping[str, str], least: int = AGREE_LEAST) -> tuple[str, list[str]] | None:
    """Return the text that most engines read, and which did, if they are enough.

    As many for another text is no agreement, and what is too short for a plate is none either.
    """
    voices: dict[str, list[str]] = {}
    for name, text in said.items():
        if len(text) >= LENGTH_LEAST:
            voices.setdefault(text, []).append(name)
    ranked = sorted(voices.items(), key=lambda of: -len(of[1]))
    if not ranked or len(ranked[0][1]) < least:
        return None
    if len(ranked) > 1 and len(ranked[1][1]) == len(ranked[0][1]):
        return None
    return ranked[0]


def voices(words: Sequence[str]) -> list[Voice]:
    """Open the engines named, or all of the product's that open here; fewer than two are refused.

    The same engine with the same weights agrees with itself always, so it counts once.
    """
    found: dict[tuple[str, str], Voice] = {}
    for word in words or [name for name in NAMES if name != ENSEMBLE]:
        name, own = named(word)
        weights = own or RELEASED
        if name == ENSEMBLE:
            raise WrongUsage("an ensemble is no engine of its own", then="name its members")
        try:
            opened = reader(name, weights)
        except LotError:
            if words:  # it was asked for
                raise
            continue
        found.setdefault((name, _digest(weights_of(name, weights))), Voice(word, opened))
    if len(found) < AGREE_LEAST:
        only = next((voice.name for voice in found.values()), "none")
        raise WrongUsage(
            f"two engines must agree, and of different ones there is {only} alone",
            then="install another (docs/engines.md), or name two with --engine NAME=WEIGHTS",
        )
    return list(found.values())


def labelled(
    folder: Path, engines: Sequence[Voice], least: int, place: Place, known: frozenset[str]
) -> Iterator[Labelled | None]:
    """Give the plates of a set, with their text or None; pictures that are `known` are left out."""
    source = folder.resolve().name
    for picture in labelled_pictures(folder):
        name = picture_named(source, picture.path.name)
        if name in known:
            continue
        image = cv2.imread(str(picture.path), cv2.IMREAD_COLOR)
        if image is None:
            raise Unreadable(f"{picture.path} is not a picture", then="leave it out of the set")
        seen = np.asarray(image, np.uint8)
        for number, box in enumerate(_plates(picture.boxes, seen.shape[1])):
            text = _read(seen, box, engines, least, place)
            if text is None:
                yield None
                continue
            path = Path(f"{picture.path.stem}_{number}.png")
            region = region_of(place.country, place.state)
            crop = Crop(path, text[0], region, source, name)
            yield Labelled(crop, cut(seen, box, 0.0), text[1])


def _plates(boxes: Iterable[tuple[str, Box]], width: int) -> Iterator[Box]:
    """Give the plates that are wide enough to be read, as a gate asks of them too."""
    for kind, box in boxes:
        if kind == "plate" and box.width * width >= Legible().width_min and box.area > 0:
            yield box


def _read(
    image: Image, box: Box, engines: Sequence[Voice], least: int, place: Place
) -> tuple[str, str] | None:
    said = {}
    for voice in engines:
        (reading,) = voice.reader.read([cut(image, box, voice.reader.margin)])
        said[voice.name] = canonical(normalise(reading.text), place.country)
    found = agreed(said, least)
    if found is None:
        return None
    text, names = found
    return text, f"agreed: {' '.join(names)} of {len(engines)}"


def _digest(files: Iterable[Path]) -> str:
    return "".join(hashlib.sha256(file.read_bytes()).hexdigest() for file in files)


def written(to: Path, taught: Sequence[Labelled], place: Place) -> None:
    """Write one set: the crops first, the table that makes a set of them last."""
    rows = io.StringIO()
    table = csv.writer(rows, lineterminator="\n")
    table.writerow(COLUMNS)
    for one in taught:
        write_whole(to / one.crop.path, cv2.imencode(".png", one.image)[1].tobytes())
        picture = str(one.crop.picture).partition("/")[2]
        table.writerow(
            (one.crop.path, one.crop.text, place.country, place.state, one.note, picture)
        )
    write_whole(to / "truth.csv", rows.getvalue().encode())


def run(words: argparse.Namespace) -> int:
    """Label every set below the folders named."""
    folders = [folder for data in words.data for folder in sets_below(data)]
    names = [folder.resolve().name for folder in folders]
    for name in names:
        if names.count(name) > 1:
            raise WrongUsage(f"two sets are called {name}", then="label one after the other")
        if (words.crops / name).exists():
            raise Unwritable(f"{words.crops / name} is there already", then="name another CROPS")
    engines = voices(words.engine)
    if not AGREE_LEAST <= words.least <= len(engines):
        raise WrongUsage(
            f"--least {words.least} cannot be met by {len(engines)} engines",
            then=f"say {AGREE_LEAST} to {len(engines)}",
        )
    _say(f"engines: {', '.join(voice.name for voice in engines)}")
    known = frozenset(crop.picture for crop in crops(words.known) if crop.picture)
    place = Place(words.country, words.state)
    total = 0
    for folder, name in zip(folders, names, strict=True):
        every = list(labelled(folder, engines, words.least, place, known))
        found = [one for one in every if one is not None]
        texts = {crop.text for crop in parted([one.crop for one in found])[0]}
        taught = [one for one in found if one.crop.text in texts]
        if taught:
            written(words.crops / name, taught, place)
        total += len(taught)
        held = len(found) - len(taught)
        _say(f"{name}: {len(every)} plates, {len(found)} agreed on, {held} of these held out")
    if not total:
        raise Unreadable(
            "on no plate that teaches two engines agree", then="name more sets or other engines"
        )
    return DONE


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def main(argv: Sequence[str]) -> int:
    """Label what engines agree on."""
    return status_of("models.reader.agreement", lambda: run(_parser().parse_args(argv)))


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="python -m models.reader.agreement",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("crops", type=Path, metavar="CROPS", help="where the folders of crops appear")
    add("data", type=Path, nargs="+", metavar="DATA", help="folders below which sets lie")
    add(
        "--engine",
        action="append",
        default=[],
        metavar="NAME[=WEIGHTS]",
        help="one that reads; several times. Without it every engine that opens here",
    )
    add("--least", type=int, default=AGREE_LEAST, help="how many must agree")
    add(
        "--country",
        type=str.upper,
        default="",
        help="of all these plates, as US or DE; else not known",
    )
    add("--state", type=str.upper, default="", help="an American one, as TX")
    add(
        "--known",
        type=Path,
        nargs="*",
        default=[],
        metavar="CROPS",
        help="crops with texts that are there: their pictures are left out",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
