"""What teaches and what only measures, drawn once for both networks.

The detector learns pictures, the reader the plates cut from them. A picture that one of them holds
out is held out for the other too, and so is whatever shows the same plate: else a whole picture
could only be read by a network that knows half of it. What either network's own rule holds is held
for both, with all that shares a picture or a text, in chains. The rules are hashes of names and
texts, places and times: a set that grows moves nothing from the held side to the taught one.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Final, Literal, Protocol, TypeVar

# How the weights that a run begins from had their sets split. Until 2026-11-26 each network held
# out by its own rule alone, and such weights know what the other's rule alone holds.
Split = Literal["together", "alone"]
TOGETHER: Final = "together"
ALONE: Final = "alone"

PICTURES_HELD_SHARE: Final = 0.15  # about 350 of 2,341: recall is then known to 2.5 points
PLATES_HELD_ONE_IN: Final = 8  # some 700 American crops: near 90 % that is known to 2 points
WATCHED_ONE_IN: Final = 16  # of what is left: enough to see a run get worse
# Of what is held out, by a run from released weights: they were taught all the rest.
WATCHED_OF_HELD_ONE_IN: Final = 4
NIGHT_HELD_FROM: Final = 540  # the last 17 of 57 pictures
BARRIER_HELD_FROM: Final = 170  # the last 25 of 157: later cars at the same barrier
ONLY_MEASURES: Final = frozenset({"ar_cnn_ocr_lp"})  # another project's benchmark
# Their real Texas crops, a few each, are too few to teach; they measure what drawn ones taught.
TEXAS_MEASURES: Final = frozenset(
    {"car_photos_us", "openimages_plates", "openlpr", "us_nyc_reported", "us_states_openalpr"}
)

_CUT_FROM: Final = {"pl_parking": "polish_parking"}  # crops whose pictures' set is named otherwise
_ENDINGS: Final = (".jpg", ".jpeg", ".png")


class Plate(Protocol):
    """A crop as the split sees it."""

    @property
    def text(self) -> str:
        """What it says."""

    @property
    def region(self) -> str | None:
        """Where it is from, if that is known."""

    @property
    def source(self) -> str:
        """The set it is of."""

    @property
    def picture(self) -> str | None:
        """What it was cut from, as `picture_named` names it; None where nobody says."""


AnyPlate = TypeVar("AnyPlate", bound=Plate)


@dataclass(frozen=True, slots=True)
class Held:
    """What only measures: pictures as `picture_named` names them, and texts of plates."""

    pictures: frozenset[str]
    texts: frozenset[str]


def picture_named(source: str, name: str) -> str:
    """Return the one name that a picture has in both networks' tables: its set's, and its own."""
    folder = source.rsplit("/", 1)[-1]
    plain = PurePosixPath(name)
    own = plain.with_suffix("") if plain.suffix.lower() in _ENDINGS else plain
    return f"{_CUT_FROM.get(folder, folder)}/{own}"


def split_told(card: Path) -> Split:
    """Return how sets were split for some weights, as their card says; older ones say nothing."""
    try:
        told = json.loads(card.read_text(encoding="utf-8"))
        return TOGETHER if told.get("split") == TOGETHER else ALONE
    except (OSError, ValueError, AttributeError):
        return ALONE  # without a card nobody says that they never saw what the other rule holds


def narrowest(*splits: Split) -> Split:
    """Return how sets were split for weights that know what all of these do."""
    return ALONE if ALONE in splits else TOGETHER


def held(pictures: Iterable[str], plates: Sequence[Plate]) -> Held:
    """Return what is held out of these pictures and of these plates.

    Both networks call it with the same plates. The reader need not name the detector's pictures:
    those that show a plate of its own are named by their plates, and the others bear on nothing.
    """
    named = {*pictures, *(plate.picture for plate in plates if plate.picture)}
    texts = {plate.text for plate in plates if _by_text(plate)}
    return _chained({name for name in named if by_picture(name)}, texts, plates)


def held_by_text(plates: Sequence[Plate]) -> Held:
    """Return what the reader's own rule holds: all that weights split `alone` never saw."""
    return _chained(set(), {plate.text for plate in plates if _by_text(plate)}, plates)


def by_picture(picture: str) -> bool:
    """Say whether the detector's own rule holds a picture.

    Pictures of one drive or of one camera's neighbouring minutes look alike, so there the
    place or the time decides and not the picture; elsewhere a hash of the name does.
    """
    source, _, name = picture.partition("/")
    if "/" in name:  # a set's pictures lie in one folder: this is none of the detector's
        return False
    if source == "romanian_road" and (named := re.fullmatch(r"(.*)_t_(\d+)", name)):
        drive, frame = named.groups()
        if drive.startswith("nightride"):  # one night drive only: its end is held
            return int(frame) >= NIGHT_HELD_FROM
        return drive != "dayride_type1_001_mp4"
    if source == "polish_parking" and (named := re.match(r"\d+", name)):
        # Numbered in the order they were taken, by one camera.
        return int(named.group()) >= BARRIER_HELD_FROM
    return _byte(picture, 0) < PICTURES_HELD_SHARE * 256


def parted(every: Sequence[AnyPlate]) -> tuple[list[AnyPlate], list[AnyPlate]]:
    """Return the plates that are taught and those that are held out."""
    return _apart(every, held((), every).texts)


def unseen(out: Sequence[AnyPlate], every: Sequence[Plate], split: Split) -> list[AnyPlate]:
    """Return which of the held plates `out` weights whose sets were split so never saw."""
    if split == TOGETHER:
        return list(out)
    return _apart(out, held_by_text(every).texts)[1]


def watched(
    every: Sequence[AnyPlate], one_in: int = WATCHED_ONE_IN
) -> tuple[list[AnyPlate], list[AnyPlate]]:
    """Return what is left and what chooses among a run's checkpoints.

    Choosing by what figures are taken of would make them better than they are.
    """
    chosen = {plate.text for plate in every if _byte(plate.text, 1) % one_in == 0}
    return _apart(every, _chained(set(), chosen, every).texts)


def part_of(taught: Sequence[AnyPlate], share: float) -> list[AnyPlate]:
    """Return about this share of what is taught; of two shares the larger holds the smaller.

    Runs on such parts, beside each other, show what more plates would bring.
    """
    return [plate for plate in taught if _byte(plate.text, 2) < share * 256]


def _by_text(plate: Plate) -> bool:
    texas = plate.region == "us-tx" and plate.source in TEXAS_MEASURES
    only_measures = texas or plate.source in ONLY_MEASURES
    return only_measures or _byte(plate.text, 0) % PLATES_HELD_ONE_IN == 0


def _chained(pictures: set[str], texts: set[str], plates: Sequence[Plate]) -> Held:
    """Add whatever shares a picture or a text with what is held, until nothing does."""
    while True:
        wider = pictures | {p.picture for p in plates if p.picture and p.text in texts}
        grown = texts | {p.text for p in plates if p.picture in wider}
        if grown == texts and wider == pictures:
            return Held(frozenset(wider), frozenset(grown))
        pictures, texts = wider, grown


def _apart(
    every: Sequence[AnyPlate], texts: Collection[str]
) -> tuple[list[AnyPlate], list[AnyPlate]]:
    return (
        [plate for plate in every if plate.text not in texts],
        [plate for plate in every if plate.text in texts],
    )


def _byte(text: str, at: int) -> int:
    return hashlib.sha256(text.encode()).digest()[at]
