"""What was found in one picture is held against what a person saw there: pure, and defined here.

The *answer* for a plate is
- in a picture with one plate to be read: the most prominent plate found (`edge.photos`), wherever
  it lies, since nobody tells the gate which one is meant;
- in a picture with several: what was read in its box (overlap of NEAR); where it has none, the
  free reading nearest to it in spelling, of which at most half differs.

A *false* plate is a reading that belongs to no plate of the picture: its box is NEAR none of the
given ones, and it is not the answer for one that has no box. Two boxes on one plate are no false
plate. Where a picture shows plates that its truth does not name, reading them counts as false,
so the figure is an upper bound.

A plate marked as not to be read counts for the finding alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edge.values import Box
from models.detector.measure import matched
from models.reader.measure import distance

NEAR, CLOSE = 0.3, 0.5  # intersection over union; at 0.3 a crop with its margin has the whole text

Kind = Literal["right", "look_alike", "one_off", "misread", "other_plate", "unread", "not_found"]
KINDS: Mapping[Kind, str] = {
    "right": "right",
    "look_alike": "right but for 0 and O, or 1 and I",
    "one_off": "one character wrong, missing or too many",
    "misread": "misread by more",
    "other_plate": "found, but another plate was answered",
    "unread": "found, but nothing legible",
    "not_found": "not found",
}
_FOLDED = str.maketrans("OI", "01")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A plate that a person saw."""

    text: str | None  # None: not to be read
    box: Box | None
    pixels: float | None = None  # how wide the box is in its picture


@dataclass(frozen=True, slots=True)
class Found:
    """A plate that was found; an empty text is one that could not be read."""

    box: Box
    score: float  # the detector's
    text: str
    confidence: float
    characters: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Result:
    """What one wanted plate came to."""

    wanted: Wanted
    answer: Found | None
    given: Found | None  # what was read in the given box, no detector asked
    close: bool | None  # found at CLOSE; None without a given box
    near: bool | None
    kind: Kind | None  # None where it is not to be read

    @property
    def own(self) -> bool:
        """Whether the answer is of this plate, and not of another in the picture."""
        return self.answer is not None and self.kind not in (None, "other_plate", "not_found")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one picture came to."""

    results: tuple[Result, ...]
    false: int


def outcome(
    wanted: Sequence[Wanted], found: Sequence[Found], given: Mapping[int, Found]
) -> Outcome:
    """Score a picture: `found` the most prominent first, `given` by the place in `wanted`."""
    answers = _answers(wanted, found)
    close, near = _hits(wanted, found, CLOSE), _hits(wanted, found, NEAR)
    results = []
    for place, plate in enumerate(wanted):
        answer = answers.get(place)
        boxed = plate.box is not None
        results.append(
            Result(
                plate,
                answer,
                given.get(place),
                place in close if boxed else None,
                place in near if boxed else None,
                None if plate.text is None else _kind(plate.text, plate.box, answer, found),
            )
        )
    return Outcome(tuple(results), _false(wanted, found, answers))


def folded(text: str) -> str:
    """Return the text with O written 0 and I written 1."""
    return text.translate(_FOLDED)


def _answers(wanted: Sequence[Wanted], found: Sequence[Found]) -> dict[int, Found]:
    unwanted = [plate.box for plate in wanted if plate.text is None and plate.box is not None]
    legible = [f for f in found if f.text and not any(f.box.iou(b) >= NEAR for b in unwanted)]
    named = [place for place, plate in enumerate(wanted) if plate.text is not None]
    if len(named) == 1:
        return {named[0]: legible[0]} if legible else {}
    boxes = [(place, box) for place in named if (box := wanted[place].box) is not None]
    pairs = matched([box for _, box in boxes], [f.box for f in legible], NEAR)
    answers = {boxes[at][0]: legible[of] for at, of in pairs.items()}
    taken = set(pairs.values())
    free = [f for of, f in enumerate(legible) if of not in taken]
    return answers | _by_spelling(wanted, [p for p in named if wanted[p].box is None], free)


def _by_spelling(
    wanted: Sequence[Wanted], places: Sequence[int], free: Sequence[Found]
) -> dict[int, Found]:
    pairs = sorted(
        (away, place, of)
        for place in places
        for of, one in enumerate(free)
        if 2 * (away := distance(one.text, wanted[place].text or "")) <= len(one.text)
    )
    answers: dict[int, Found] = {}
    taken: set[int] = set()
    for _, place, of in pairs:
        if place not in answers and of not in taken:
            answers[place] = free[of]
            taken.add(of)
    return answers


def _hits(wanted: Sequence[Wanted], found: Sequence[Found], overlap: float) -> set[int]:
    boxes = [(place, plate.box) for place, plate in enumerate(wanted) if plate.box is not None]
    best_first = sorted(found, key=lambda one: -one.score)
    pairs = matched([box for _, box in boxes], [one.box for one in best_first], overlap)
    return {boxes[at][0] for at in pairs}


def _kind(text: str, box: Box | None, answer: Found | None, found: Sequence[Found]) -> Kind:
    if answer is not None and answer.text == text:
        return "right"  # also where a set's box is loose: what was asked for was said
    seen = any(one.box.iou(box) >= NEAR for one in found) if box is not None else bool(found)
    if answer is not None and (box is None or answer.box.iou(box) >= NEAR):
        if folded(answer.text) == folded(text):
            return "look_alike"
        return "one_off" if distance(folded(answer.text), folded(text)) <= 1 else "misread"
    if not seen:
        return "not_found"
    return "unread" if answer is None else "other_plate"


def _false(wanted: Sequence[Wanted], found: Sequence[Found], answers: Mapping[int, Found]) -> int:
    boxes = [plate.box for plate in wanted if plate.box is not None]
    # A text that is of the plate by its spelling is no false one, however loose the box.
    own = [a for p, a in answers.items() if wanted[p].box is None or a.text == wanted[p].text]
    return sum(
        bool(one.text)
        and not any(one is answer for answer in own)
        and not any(one.box.iou(box) >= NEAR for box in boxes)
        for one in found
    )
