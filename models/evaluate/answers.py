"""What a run answered, a line a plate, kept so that another run can be held against it.

Two engines on the same pictures are compared plate by plate: of what both get right or both get
wrong nothing is learned, so the question is who wins where they differ. How likely chance alone
divides the differences at least so unevenly is McNemar's exact test.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from math import comb
from pathlib import Path

from contract.plates import normalise
from lot.errors import WrongUsage
from lot.files import write_whole
from models.evaluate.outcomes import folded

_MEANT = 'a line is a JSON object as {"image": "a.jpg", "plate": "ABC1234", "read": "ABC1234"}'


@dataclass(frozen=True, slots=True)
class Answer:
    """One plate of the truth, and what was read; None where nothing was."""

    image: str
    plate: str
    read: str | None
    confidence: float | None = None
    kind: str | None = None


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs on the plates that both have."""

    both: int
    neither: int
    won: int
    lost: int

    @property
    def chance(self) -> float:
        """Return how likely a fair coin divides the differences at least so unevenly."""
        differ, fewer = self.won + self.lost, min(self.won, self.lost)
        return min(1.0, 2 * sum(comb(differ, k) for k in range(fewer + 1)) / (1 << differ))


@dataclass(frozen=True, slots=True)
class Comparison:
    """This run against another."""

    exact: Paired
    exact_folded: Paired
    only_here: int
    only_there: int


def save(path: Path, answers: Iterable[Answer]) -> None:
    """Keep a run's answers; they hold plates in clear."""
    lines = (json.dumps(asdict(answer), ensure_ascii=False) for answer in answers)
    write_whole(path, "".join(f"{line}\n" for line in lines).encode())


def saved(path: Path) -> list[Answer]:
    """Read what `save` kept, or what another program wrote in its place."""
    try:
        # Not splitlines: it would also part a line at characters that a name may hold.
        text = path.read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text in UTF-8"
        raise WrongUsage(
            f"cannot read {path}: {why}", then="name a file that --save wrote"
        ) from error
    if not text:
        raise WrongUsage(f"{path} has no line", then="name a file that --save wrote")
    answers = []
    for number, line in enumerate(text.split("\n"), start=1):
        try:
            answers.append(_answer(json.loads(line)))
        except (ValueError, TypeError, RecursionError) as error:
            raise WrongUsage(f"{path}, line {number} is no answer", then=_MEANT) from error
    return answers


def compared(here: Sequence[Answer], there: Sequence[Answer]) -> Comparison:
    """Pair the two runs' plates by picture and text."""
    ours, theirs = _by_plate(here), _by_plate(there)
    shared = ours.keys() & theirs.keys()
    if not shared:
        raise WrongUsage(
            "the two runs have no plate of a picture in common",
            then="name a run on the same truth file with --against",
        )

    def paired(right: Callable[[Answer], bool]) -> Paired:
        counts = Counter((right(ours[key]), right(theirs[key])) for key in shared)
        return Paired(
            both=counts[True, True],
            neither=counts[False, False],
            won=counts[True, False],
            lost=counts[False, True],
        )

    return Comparison(
        exact=paired(lambda answer: answer.read == answer.plate),
        exact_folded=paired(lambda answer: folded(answer.read or "") == folded(answer.plate)),
        only_here=len(ours) - len(shared),
        only_there=len(theirs) - len(shared),
    )


def _by_plate(answers: Iterable[Answer]) -> dict[tuple[str, str, int], Answer]:
    """Name each plate by picture, text, and how many like it stood before."""
    before: Counter[tuple[str, str]] = Counter()
    found = {}
    for answer in answers:
        found[answer.image, answer.plate, before[answer.image, answer.plate]] = answer
        before[answer.image, answer.plate] += 1
    return found


def _answer(said: object) -> Answer:
    if not isinstance(said, dict):
        raise TypeError
    image, plate, read = (said.get(name) for name in ("image", "plate", "read"))
    if not (isinstance(image, str) and isinstance(plate, str)):
        raise TypeError
    if read is not None and not isinstance(read, str):
        raise TypeError
    return Answer(image, normalise(plate), normalise(read) if read else None)
