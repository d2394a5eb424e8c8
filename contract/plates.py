"""A plate's text: how it is spelled the same everywhere, and what a plate can look like.

Edge, server and page compare plates, and a plate typed at the desk must find the one that a
camera read; so spelling is settled here, once. What regions issue and which characters look
alike stands as data in `plates.json` beside this module.

Formats are written in a small language, in the data as in `LOT_PLATE_FORMATS`:

    A      a letter (in the data: one of those that the region issues)
    0      a digit
    ?      either
    [KL3]  one of these characters; a literal is a choice of one: [B][H]
    (...)  may be left out: AA0(0) is AA0 and AA00

A word of `LOT_PLATE_FORMATS` is a region, `us-tx`, or a name with a pattern of the owner's
own, `staff:[L][K]0000`. `us` and `eu` bring with them what their states and countries issue.
"""

import json
import math
import string
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any, Literal, NamedTuple

from lot.errors import WrongUsage

LETTERS = string.ascii_uppercase
DIGITS = string.digits
ALPHABET = DIGITS + LETTERS
LENGTH_MAX = 16  # what an Event can hold; the longest plates on the road have eleven characters

Standing = Literal["current", "older", "general"]
Candidates = Sequence[tuple[str, float]]  # what one place may hold, each with its probability

# How much of a lot's traffic to expect of each kind. The differences are kept so small that a
# format decides between readings that are near each other and never overrules a strong one: a
# personal plate is rare, but it is not an error. They are set by judgement, none of them finely:
# what must hold is their order, and that a format mends a weak reading and not a strong one.
_SHARE: dict[Standing, float] = {"current": 1.0, "older": 0.5, "general": 0.02}
_SHARE_OF_LATER_WORDS = 0.15  # the region named first is the lot's own; so are own patterns
_SHARE_OF_NO_FORMAT = 0.002  # below every general one
_SHARE_OF_A_TWIN = 0.1  # of two formats, the one that needs no twin exchanged

_TEXT_MAX = 256  # read no further: a hostile "plate" may have a million characters
_VARIANTS_MAX = 256  # of one pattern: (0) eight times
_NEVER = 1e-9  # stands for probability 0 in a logarithm

# Letters of other alphabets that plates chose because they look like Latin ones, and Latin
# letters that NFKD does not take apart.
_LOOK_ALIKE = str.maketrans(
    "АВЕІЈКМНОРЅСТУХ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "ØĐŁ",
    "ABEIJKMHOPSCTYX" + "ABEZHIKMNOPTYX" + "ODL",
)


@dataclass(frozen=True, slots=True)
class Format:
    """One shape of plate: for each place the characters that can stand there."""

    region: str
    pattern: str
    places: tuple[str, ...]
    standing: Standing
    share: float  # of the traffic, as a weight beside the other chosen formats
    since: int | None = None  # the year of its first issue
    mixed: bool = False  # at least one letter and one digit, else words of signs fit too

    def fits(self, text: str) -> bool:
        """Say whether a normalised text is of this shape."""
        if len(text) != len(self.places):
            return False
        for character, place in zip(text, self.places, strict=True):  # `all` takes three times
            if character not in place:
                return False
        return not self.mixed or not (text.isalpha() or text.isdecimal())

    @property
    def serials(self) -> int:
        """Return how many different plates this shape can tell apart."""
        return math.prod(map(len, self.places))


class Formats(tuple[Format, ...]):
    """The formats that a lot chose, found by length, since every look at a plate asks them."""

    _by_length: dict[int, tuple[Format, ...]]

    def __new__(cls, chosen: Iterable[Format]) -> "Formats":
        made = super().__new__(cls, chosen)
        lengths = {len(one.places) for one in made}
        by_share = sorted(made, key=lambda one: -one.share)
        made._by_length = {n: tuple(f for f in by_share if len(f.places) == n) for n in lengths}
        return made

    def of_length(self, length: int) -> tuple[Format, ...]:
        """Return those for a text of so many characters, the most expected first."""
        return self._by_length.get(length, ())


@dataclass(frozen=True, slots=True)
class Spelling:
    """The likeliest text of a reading once the formats have been heard."""

    text: str
    characters: tuple[float, ...]  # each character's probability
    format: Format | None
    penalty: float  # what the format cost, as a logarithm; 0: it is the reading's own best


def normalise(text: str) -> str:
    """Return the letters A-Z and digits of a plate, 16 at most, however it was typed or read.

    Separators, emblems and province signs fall away, accents too; digits of any script and
    letters that only look Latin become what they look like. Normalising twice changes nothing.
    """
    text = text[:_TEXT_MAX]
    if not text.isascii():
        whole = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).upper())
        text = "".join(map(_digit, whole.translate(_LOOK_ALIKE)))
    return "".join(c for c in text.upper() if c in _WANTED)[:LENGTH_MAX]


def confusable(one: str, other: str) -> float:
    """Return how easily two characters are taken for each other: 1 is one and the same glyph."""
    return _data().confusable.get((one, other), 0.0)


def confusables(character: str) -> tuple[tuple[str, float], ...]:
    """Return the characters that this one is taken for, the likeliest first."""
    return _data().look_alikes.get(character, ())


def regions() -> tuple[str, ...]:
    """Return every region whose formats are known, as `--region` names them."""
    return tuple(_data().groups)


def formats(names: Sequence[str]) -> Formats:
    """Return the chosen formats, in the order of the words of `LOT_PLATE_FORMATS`.

    A shape that several words bring, or several states of one, stands once, where it has most
    weight: the first word and the owner's own patterns have more than the other words.
    """
    found: dict[tuple[tuple[str, ...], bool], Format] = {}
    for number, name in enumerate(names):
        weight = _SHARE_OF_LATER_WORDS if number and ":" not in name else 1.0
        for plain in _named(name.strip()):
            one = replace(plain, share=plain.share * weight)
            known = found.setdefault((one.places, one.mixed), one)
            if one.share > known.share:
                found[one.places, one.mixed] = one
    return Formats(found.values())


def fitting(text: str, chosen: Formats) -> Format | None:
    """Return the format that says most about a normalised text, or None where none fits.

    The one expected more goes before, then a narrow one before a wide one, then the first named.
    """
    best: Format | None = None
    for one in chosen.of_length(len(text)):
        if best is not None and one.share < best.share:
            break
        if one.fits(text) and (best is None or one.serials < best.serials):
            best = one
    return best


def spelled(reading: Sequence[Candidates], chosen: Formats) -> Spelling:
    """Return the best spelling of a reading under the chosen formats.

    `reading` has the candidates of each place, probabilities 0 to 1; a place without a candidate
    of A-Z and 0-9 falls away. A format may take a runner-up, or a look-alike out of the
    probability that the candidates leave. Where two glyphs are the same (0 and O), only
    a place can tell which it is, so one that allows but one of them has the probability of both.
    """
    places = [place for place in map(_Place, reading) if place.seen]
    plain = [place.best(ALPHABET) for place in places]
    freely = _logarithm(plain)
    best = _spelling(plain, None, freely)
    score = freely + math.log(_SHARE_OF_NO_FORMAT)
    for one in chosen.of_length(len(places)):
        reached = math.log(one.share)
        taken = []
        for place, allowed in zip(places, one.places, strict=True):
            taken.append(place.best(allowed))
            reached += taken[-1].logarithm
            if reached <= score:  # it only falls: most formats are left after a place or two
                break
        else:
            spelling = _spelling(taken, one, freely)
            if one.fits(spelling.text):
                best, score = spelling, reached
    return best


class _Taken(NamedTuple):
    character: str
    instead_of: str  # its twin, whose probability it has only where the twin cannot stand
    probability: float
    logarithm: float  # of the probability, less what an exchange of twins costs


class _Place:
    """What one character of a reading may be, asked once for each set of allowed characters."""

    def __init__(self, candidates: Candidates) -> None:
        self.seen = {c: p for c, p in candidates if c in _WANTED}
        self._answers: dict[str, _Taken] = {}
        self._ranked = sorted(self._all(), key=lambda taken: -taken.logarithm)

    def best(self, allowed: str) -> _Taken:
        answer = self._answers.get(allowed)
        if answer is None:
            answer = self._answers[allowed] = self._best(allowed)
        return answer

    def _best(self, allowed: str) -> _Taken:
        for taken in self._ranked:
            if taken.character in allowed and taken.instead_of not in allowed:
                return taken
        # Nothing was seen that may stand here, so any character serves: the score says so.
        return _Taken(allowed[0], "_", 0.0, math.log(_NEVER))

    def _all(self) -> Iterator[_Taken]:
        if not self.seen:
            return
        top = max(self.seen, key=self.seen.__getitem__)
        others = confusables(top)
        whole = sum(weight for _, weight in others)
        left = max(0.0, 1.0 - sum(self.seen.values()))
        likely = {c: left * weight / whole for c, weight in others} | self.seen
        for c, p in likely.items():
            yield _Taken(c, "_", p, math.log(max(p, _NEVER)))
        for this, that in _data().twins:
            if that in self.seen:
                p = min(1.0, self.seen.get(this, 0.0) + self.seen[that])
                yield _Taken(this, that, p, math.log(max(p, _NEVER) * _SHARE_OF_A_TWIN))


@dataclass(frozen=True, slots=True)
class _Data:
    confusable: Mapping[tuple[str, str], float]
    look_alikes: Mapping[str, tuple[tuple[str, float], ...]]
    twins: tuple[tuple[str, str], ...]
    groups: Mapping[str, tuple[Format, ...]]  # a region's own, without those it brings along


@cache
def _data() -> _Data:
    read: dict[str, Any] = json.loads(Path(__file__).with_suffix(".json").read_bytes())
    weights: dict[tuple[str, str], float] = {}
    for one, other, weight in read["confusable"]:
        weights[one, other] = weights[other, one] = float(weight)
    look_alikes = {
        c: tuple(
            sorted(((b, w) for (a, b), w in weights.items() if a == c), key=lambda item: -item[1])
        )
        for c in ALPHABET
    }
    groups = {region: tuple(_group(region, group)) for region, group in read["formats"].items()}
    return _Data(
        weights,
        look_alikes,
        tuple(pair for a, b in read["twins"] for pair in ((a, b), (b, a))),
        groups,
    )


def _group(region: str, rows: Sequence[Mapping[str, Any]]) -> Iterator[Format]:
    for row in rows:
        for pattern in row["patterns"]:
            for places in _variants(pattern, row.get("letters", LETTERS)):
                standing: Standing = row["standing"]
                share = _SHARE[standing]
                since = row.get("since")
                yield Format(region, pattern, places, standing, share, since, "mixed" in row)


def _named(name: str) -> Iterator[Format]:
    region, colon, pattern = name.partition(":")
    region = region.strip().lower()
    if colon:
        yield from _own(region, pattern.strip().upper())
        return
    groups = _data().groups
    if region not in groups:
        nearest = max(groups, key=lambda known: SequenceMatcher(None, region, known).ratio())
        raise WrongUsage(
            f"{name!r} is no region of plates",
            then=f"the nearest is {nearest}; a pattern of your own is NAME:AAA0000",
        )
    for other, group in groups.items():
        if other == region or other.startswith(f"{region}-"):
            yield from (replace(one, region=region) for one in group)


def _own(region: str, pattern: str) -> Iterator[Format]:
    if not 1 <= len(region) <= LENGTH_MAX or not set(region) <= set(_NAMES):
        raise WrongUsage(
            f"{region!r} cannot name a plate format",
            then="write 1 to 16 of a-z, 0-9 and - before the colon",
        )
    try:
        for places in _variants(pattern, LETTERS):
            yield Format(region, pattern, places, "current", _SHARE["current"])
    except ValueError as error:
        raise WrongUsage(
            f"{region}:{pattern} is no plate format: {error}",
            then="A is a letter, 0 a digit, ? either, [KL] one of these, (0) may be missing",
        ) from error


def _variants(pattern: str, letters: str) -> Iterator[tuple[str, ...]]:
    """Write out a pattern: once with and once without each part in parentheses."""
    parts = list(_parts(pattern, letters))
    choices = [((), places) if optional else (places,) for places, optional in parts]
    if math.prod(map(len, choices)) > _VARIANTS_MAX:
        raise ValueError("too many parts that may be missing")
    found = dict.fromkeys(sum(chosen, ()) for chosen in product(*choices))
    for places in found:
        if not 1 <= len(places) <= LENGTH_MAX:
            raise ValueError(f"a plate has 1 to {LENGTH_MAX} characters")
        yield places


def _parts(pattern: str, letters: str) -> Iterator[tuple[tuple[str, ...], bool]]:
    rest = pattern
    while rest:
        if rest[0] == "(":
            inside, closed, rest = rest[1:].partition(")")
            if not closed or not inside or "(" in inside:
                raise ValueError("a parenthesis is open, empty or inside another")
            yield tuple(_places(inside, letters)), True
        else:
            plain = rest.partition("(")[0]
            rest = rest[len(plain) :]
            yield tuple(_places(plain, letters)), False


def _places(plain: str, letters: str) -> Iterator[str]:
    kinds = {"A": letters, "0": DIGITS, "?": DIGITS + letters}
    rest = plain
    while rest:
        if rest[0] == "[":
            inside, closed, rest = rest[1:].partition("]")
            if not closed or not inside or not set(inside) <= _WANTED:
                raise ValueError("a bracket is open, empty or holds more than A-Z and 0-9")
            yield "".join(sorted(set(inside)))
        elif rest[0] in kinds:
            yield kinds[rest[0]]
            rest = rest[1:]
        else:
            raise ValueError(f"{rest[0]!r} stands for nothing")


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)


def _spelling(taken: Sequence[_Taken], one: Format | None, freely: float) -> Spelling:
    return Spelling(
        "".join(t.character for t in taken),
        tuple(t.probability for t in taken),
        one,
        max(0.0, freely - _logarithm(taken)),
    )


def _logarithm(taken: Sequence[_Taken]) -> float:
    return sum(t.logarithm for t in taken)


_WANTED = frozenset(ALPHABET)
_NAMES = string.ascii_lowercase + string.digits + "-"
