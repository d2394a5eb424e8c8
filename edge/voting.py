"""The readings of one plate become one text, with an honest probability for every character.

Readings of one car are no independent witnesses: they share its dirt, its angle and the
reader's own blind spots. Multiplied as if independent, ten frames of a bolt read as a 1 are
certain. So evidence is added in the logarithm, where a reader's probabilities belong, and
then tempered. If the noise of any two looks is correlated by rho, n looks that say the same
weigh as much as

    n / (1 + rho (n - 1))

independent ones: that is exact where the noise is Gaussian, and its limit, 1 / rho, is what
no number of looks can exceed. A look counts by its crop's quality, which the reader's own
doubt does not replace: with shared noise the weaker look is worth less than it says. A single
look is taken at its word. Engines err differently, so each one's looks are tempered by
themselves and then added.

Then, for the whole text:

    confidence = P(length) x product of P(character)

P(length) is the same vote, over the lengths that were read; where all agree it is 1, because
an engine's characters are calibrated with what it leaves out. Readings of another length
are aligned and help at half their weight. Formats decide last, and only between look-alikes
that the evidence leaves open (`contract.plates.spelled`): the lot's own, and beside them those
of the region that the plate itself was read to come from, or a guest's plate would be spelled
as the lot's neighbours spell theirs.

Nothing here depends on the order of the looks: they are sorted before anything is added.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from math import exp, log, prod

from contract.plates import Formats, regions, spelled
from contract.plates import formats as formats_of
from edge.alignment import aligned
from edge.values import Look

# Correlation of the noise of two looks at one plate. On 106 photos that the reader never saw, each
# plate cut in three ways, confidences are truest (least cross entropy) from 0.4 to 0.6, where one
# frame's pixels are shared; for looks at several frames it is on the careful side, because a plate
# that is wrong and sure stays inside for two days.
RHO = 0.4
# No reader is surer of a glyph, or of its absence, than it has been shown examples; and one
# look that excludes a character must not silence all others.
PROBABILITY_LEAST, PROBABILITY_MOST = 0.0001, 0.9995
ALPHABET_SIZE = 36  # what a reader leaves over is shared by the characters it did not name
REGIONS_LIKELY = 10  # at one lot: its own, its neighbours'; the rest is too rare to weigh

# Pixels of a plate's width from which more of them do not help a reader.
WIDTH_ENOUGH = 100.0
WEIGHT_LEAST = 0.1
# How often a reading has the right length, as a power of its characters' geometric mean. Fitted
# on 1,200 readings of our own reader, sharp and shrunk to a third: at a mean of 0.99 it is right
# in 98 of 100, at 0.93 in 92, at 0.85 in 80, at 0.65 in 54, at 0.4 in 17.
LENGTH_POWER = 1.5
OTHER_LENGTH_WEIGHT = 0.5  # one character too many or too few: half of the rest may be shifted
LENGTHS_APART_MOST = 2  # what is shorter by three was another thing, or a half of the plate

# How much likelier a plate of a chosen format is than one of none. `spelled` has its own, wider
# odds for the choice; with these narrower ones a flipped character never comes out as certain.
FORMAT_ODDS = 20.0
FORMAT_LENGTH_ODDS = 3.0

REGION_HEARD = 0.5  # likelier than all others together

NO_FORMATS = Formats(())
LOOKS_KEPT = 10
ALTERNATIVES_MOST = 16  # what an event can hold
ALTERNATIVE_LEAST = 0.005  # an event's probabilities are thousandths
RUNNERS_MOST = 4
RUNNER_LEAST = 0.01

SHARE_HALVINGS = 7  # to a hundredth of a probability

Runners = tuple[tuple[str, float], ...]
Candidates = dict[str, float]


@dataclass(frozen=True, slots=True)
class Voted:
    """One plate out of many looks, with the chance that it is right."""

    plate: str
    characters: tuple[float, ...]
    runners: tuple[Runners, ...]  # of each character, best first
    alternatives: tuple[tuple[str, float], ...]  # other whole spellings, best first
    confidence: float  # that the whole text is right
    agreeing: int  # looks that spell it
    region: str | None
    region_confidence: float
    best: Look  # the surest of those that spell it


def vote(looks: Sequence[Look], formats: Formats = NO_FORMATS) -> Voted | None:
    """Return the plate that the looks together read; None where none of them read anything."""
    weighed = _weighed(looks)
    if not weighed:
        return None
    region, region_confidence = _region(weighed)
    heard = _with_region(formats, region) if region_confidence > REGION_HEARD else formats
    stories = [_story(length, chance, weighed, heard) for length, chance in _lengths(weighed)]
    stories.sort(key=lambda s: (-s.rank, s.text))
    story, whole = stories[0], sum(s.rank for s in stories)
    chance = story.rank / whole
    others = [(s.text, s.rank / whole * s.chance) for s in stories[1:]]
    spelling = [w for w in weighed if w.look.reading.text in (story.text, story.plain)]
    return Voted(
        plate=story.text,
        characters=tuple(p[c] for c, p in zip(story.text, story.places, strict=True)),
        runners=tuple(_runners(c, p) for c, p in zip(story.text, story.places, strict=True)),
        alternatives=_alternatives(story, chance, others),
        confidence=chance * story.chance,
        agreeing=len(spelling),
        region=region,
        region_confidence=region_confidence,
        best=max(spelling or weighed, key=lambda w: (_likeness(w, story.text), w.sureness)).look,
    )


def surest(looks: Iterable[Look], most: int = LOOKS_KEPT) -> tuple[Look, ...]:
    """Return the looks that a passage keeps, in the order of time: those most sure of a text."""
    kept = sorted(_weighed(looks), key=lambda w: -w.sureness)[:most]
    return tuple(sorted((w.look for w in kept), key=_order))


def spelled_as(looks: Sequence[Look], voted: Voted) -> tuple[Look, ...]:
    """Return the looks so that they spell what a vote with formats made of them to one who knows
    no formats, as the gate, and as surely.

    A format speaks once, of all looks together. Said to each look alone, it would count as often
    as the plate was read; so what each look says is found by halving.
    """
    of_length = tuple(look for look in looks if len(look.reading.text) == len(voted.plate))
    plain = vote(looks)
    if plain is not None and len(plain.plate) != len(voted.plate):
        looks, plain = of_length, vote(of_length)
    if plain is None or plain.plate == voted.plate:
        return tuple(looks)
    pairs = enumerate(zip(plain.plate, voted.plate, strict=True))
    overruled = {place: pair for place, pair in pairs if pair[0] != pair[1]}
    low, high = dict.fromkeys(overruled, 0.5), dict.fromkeys(overruled, 1.0)
    for _ in range(SHARE_HALVINGS):
        middle = {place: (low[place] + high[place]) / 2 for place in overruled}
        reached = vote(tuple(_overruled(look, overruled, middle, of_length) for look in looks))
        for place, (_, b) in overruled.items():
            enough = (
                reached is not None
                and reached.plate[place : place + 1] == b
                and reached.characters[place] >= voted.characters[place]
            )
            (high if enough else low)[place] = middle[place]
    spelled = tuple(_overruled(look, overruled, high, of_length) for look in looks)
    reached = vote(spelled)
    if reached is not None and len(reached.plate) == len(voted.plate):
        return spelled
    return tuple(look for look in spelled if len(look.reading.text) == len(voted.plate))


def _overruled(
    look: Look,
    overruled: Mapping[int, tuple[str, str]],
    shares: Mapping[int, float],
    of_length: Sequence[Look],
) -> Look:
    """Give `b` that share of what the reading had for `a` and `b` together, where it said `a`."""
    if look not in of_length:
        return look
    reading = look.reading
    text, characters, runners = list(reading.text), list(reading.characters), list(reading.runners)
    for place, (a, b) in overruled.items():
        if text[place] != a:
            continue
        others = dict(runners[place])
        both = min(1.0, characters[place] + others.pop(b, 0.0))
        text[place], characters[place] = b, both * shares[place]
        ranked = sorted({**others, a: both * (1 - shares[place])}.items(), key=lambda o: -o[1])
        runners[place] = tuple(ranked)
    reading = replace(
        reading, text="".join(text), characters=tuple(characters), runners=tuple(runners)
    )
    return replace(look, reading=reading)


@dataclass(frozen=True, slots=True)
class _Weighed:
    look: Look
    weight: float  # of its crop: the best one has 1

    @property
    def sureness(self) -> float:
        return self.weight * prod(self.look.reading.characters)


def _weighed(looks: Iterable[Look]) -> list[_Weighed]:
    """Weigh the looks that read something, in an order that only depends on them."""
    legible = sorted((look for look in looks if look.reading.text), key=_order)
    if not legible:
        return []
    sharpest = max(look.sharpness for look in legible) or 1.0
    weights = [
        max(WEIGHT_LEAST, min(1.0, look.width / WIDTH_ENOUGH))
        * (0.5 + 0.5 * max(0.0, look.sharpness) / sharpest)
        for look in legible
    ]
    return [_Weighed(look, w / max(weights)) for look, w in zip(legible, weights, strict=True)]


def _order(look: Look) -> tuple[object, ...]:
    reading = look.reading
    return look.at, look.frame, reading.engine, reading.text, reading.characters, look.width


@dataclass(frozen=True, slots=True)
class _Opinion:
    """What one look says of one question, and whose looks it must be tempered with."""

    engine: str
    weight: float
    said: Mapping[str, float]
    left: float  # the probability of any one answer that it did not name


def _answered(opinions: Sequence[_Opinion], possible: int) -> Candidates:
    """Return the probability of each answer that was given, of so many that are possible."""
    evidence: dict[str, float] = {}  # by how much more speaks for it than for one not given
    for engine in sorted({opinion.engine for opinion in opinions}):
        group = [opinion for opinion in opinions if opinion.engine == engine]
        looks = sum(opinion.weight for opinion in group) / max(o.weight for o in group)
        tempered = 1 / (1 + RHO * (looks - 1))
        for opinion in group:
            left = _log(opinion.left)
            for answer, chance in opinion.said.items():
                more = tempered * opinion.weight * (_log(chance) - left)
                evidence[answer] = evidence.get(answer, 0.0) + more
    most = max(evidence.values())
    chances = {answer: exp(evidence[answer] - most) for answer in sorted(evidence)}
    whole = sum(chances.values()) + max(0, possible - len(chances)) * exp(-most)
    return {answer: min(c / whole, PROBABILITY_MOST) for answer, c in chances.items()}


def _log(chance: float) -> float:
    return log(min(max(chance, PROBABILITY_LEAST), PROBABILITY_MOST))


@dataclass(frozen=True, slots=True)
class _Story:
    """What the plate is, if it has that many characters."""

    text: str
    plain: str  # before the formats were heard
    places: tuple[Candidates, ...]
    rank: float  # the length's chance, times what its format speaks for it

    @property
    def chance(self) -> float:
        return prod(p[c] for c, p in zip(self.text, self.places, strict=True))


def _lengths(weighed: Sequence[_Weighed]) -> list[tuple[int, float]]:
    """Return the lengths that were read, each with its probability."""
    lengths = {len(w.look.reading.text) for w in weighed}
    if len(lengths) == 1:
        return [(lengths.pop(), 1.0)]
    opinions = []
    for w in weighed:
        reading = w.look.reading
        sure = prod(reading.characters) ** (1 / len(reading.text))
        right = max(sure**LENGTH_POWER, 1 / len(lengths))
        left = (1 - right) / (len(lengths) - 1)
        opinions.append(_Opinion(reading.engine, w.weight, {str(len(reading.text)): right}, left))
    return [(int(length), p) for length, p in _answered(opinions, len(lengths)).items()]


def _story(length: int, chance: float, weighed: Sequence[_Weighed], formats: Formats) -> _Story:
    pattern = _pattern(length, weighed)
    opinions: list[list[_Opinion]] = [[] for _ in range(length)]
    for w in weighed:
        reading = w.look.reading
        if abs(len(reading.text) - length) > LENGTHS_APART_MOST:
            continue
        weight = w.weight * (1.0 if len(reading.text) == length else OTHER_LENGTH_WEIGHT)
        for place, index in aligned(pattern, reading.text):
            said = dict(reading.runners[index]) | {reading.text[index]: reading.characters[index]}
            left = max(0.0, 1 - sum(said.values())) / (ALPHABET_SIZE - len(said))
            opinions[place].append(_Opinion(reading.engine, weight, said, left))
    places = [_answered(of_one, ALPHABET_SIZE) for of_one in opinions]
    return _formatted(places, chance, formats)


def _pattern(length: int, weighed: Sequence[_Weighed]) -> str:
    """Return the reading of that length that has most looks behind it."""
    support: dict[str, float] = {}
    for w in weighed:
        text = w.look.reading.text
        if len(text) == length:
            support[text] = support.get(text, 0.0) + w.sureness
    return min(support, key=lambda text: (-support[text], text))


def _formatted(places: list[Candidates], chance: float, formats: Formats) -> _Story:
    plain = "".join(max(p, key=lambda c: (p[c], c)) for p in places)
    if not formats:
        return _Story(plain, plain, tuple(places), chance)
    found = spelled([sorted(p.items(), key=lambda i: -i[1]) for p in places], formats)
    if found.format is None:
        return _Story(plain, plain, tuple(places), chance)
    flipped = [i for i, (a, b) in enumerate(zip(plain, found.text, strict=True)) if a != b]
    for i in flipped:
        # Both spellings' probability is shared out anew, by the odds that the format gives;
        # of two glyphs that are one and the same, what stands here has all of it.
        odds = exp((log(FORMAT_ODDS) - found.penalty) / len(flipped))
        both = min(places[i][plain[i]] + places[i].get(found.text[i], 0.0), PROBABILITY_MOST)
        chosen = min(both, max(found.characters[i], both * odds / (1 + odds)))
        places[i] = places[i] | {found.text[i]: chosen, plain[i]: both - chosen}
    return _Story(found.text, plain, tuple(places), chance * FORMAT_LENGTH_ODDS)


@cache
def _with_region(chosen: Formats, region: str | None) -> Formats:
    """Return the chosen formats and the region's; none where none are chosen."""
    if not chosen or region not in regions():
        return chosen
    return Formats((*chosen, *formats_of([region])))


def _runners(character: str, place: Candidates) -> Runners:
    others = [(c, p) for c, p in place.items() if c != character and p >= RUNNER_LEAST]
    return tuple(sorted(others, key=lambda i: (-i[1], i[0]))[:RUNNERS_MOST])


def _alternatives(
    story: _Story, chance: float, others: Sequence[tuple[str, float]]
) -> tuple[tuple[str, float], ...]:
    found = list(others)
    for text, p in _spellings(story.places):
        if len(found) > ALTERNATIVES_MOST + len(others) or chance * p < ALTERNATIVE_LEAST:
            break
        if text != story.text:
            found.append((text, chance * p))
    likely = [(text, p) for text, p in found if p >= ALTERNATIVE_LEAST]
    return tuple(sorted(likely, key=lambda i: (-i[1], i[0]))[:ALTERNATIVES_MOST])


def _spellings(places: Sequence[Candidates]) -> Iterator[tuple[str, float]]:
    """Give whole spellings, the likeliest first."""
    ranked = [sorted(p.items(), key=lambda i: (-i[1], i[0])) for p in places]
    first = (0,) * len(ranked)
    seen = {first}
    waiting = [(-prod(r[0][1] for r in ranked), first)]
    while waiting:
        negative, chosen = heapq.heappop(waiting)
        yield "".join(r[i][0] for r, i in zip(ranked, chosen, strict=True)), -negative
        for at, i in enumerate(chosen):
            after = (*chosen[:at], i + 1, *chosen[at + 1 :])
            if i + 1 < len(ranked[at]) and after not in seen:
                seen.add(after)
                chance = prod(r[k][1] for r, k in zip(ranked, after, strict=True))
                heapq.heappush(waiting, (-chance, after))


def _region(weighed: Sequence[_Weighed]) -> tuple[str | None, float]:
    opinions = []
    for w in weighed:
        reading, sure = w.look.reading, w.look.reading.region_confidence
        if reading.region:
            left = (1 - sure) / (REGIONS_LIKELY - 1)
            opinions.append(_Opinion(reading.engine, w.weight, {reading.region: sure}, left))
    if not opinions:
        return None, 0.0
    chances = _answered(opinions, REGIONS_LIKELY)
    region = max(chances, key=lambda name: (chances[name], name))
    return region, chances[region]


def _likeness(weighed: _Weighed, plate: str) -> int:
    text = weighed.look.reading.text
    return sum(plate[i] == text[j] for i, j in aligned(plate, text)) - abs(len(plate) - len(text))
