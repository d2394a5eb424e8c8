"""Which crops are read: a few of a track, early, then only better ones.

Reading costs as much as a tenth of finding, and a car that waits two minutes shows its plate
twelve hundred times. What is gained by a crop depends on what was read before: the first
gives an answer while the barrier is still down, a markedly better one corrects it, one more
of the same says nothing new (`voting` tempers it away). So:

- the first look is taken at once, however poor the crop, as long as anyone could read it;
- until the vote is sure, every picture is read up to the least number of looks, then one
  in a while up to the budget;
- a markedly better crop is always read, budget or not: a plate that was hopeless far away
  must not have used up its chances when it comes near;
- a plate that stands there is read again rarely, in case another car took its place.

How frontal a plate is needs no measure of its own: turned away, it is narrower.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt

from contract.plates import Formats
from edge.reading.crops import Condition
from edge.values import Box, Look
from edge.voting import NO_FORMATS, surest, vote

WIDTH_HOPELESS = 24.0  # pixels: 3 a character, where no reader gets one right
WIDTH_ENOUGH = 140.0  # 20 pixels a character; more of them no longer help
SHARPNESS_ENOUGH = 0.6  # as `reading.crops` measures it; blurred is below 0.15
BRIGHTNESS_LEAST, BRIGHTNESS_MOST = 40.0, 225.0  # of 255: night, and headlights on the plate
BORDER = 0.004  # of the picture: a plate nearer than that may have lost a character
CUT_QUALITY = 0.3

READS_LEAST = 3  # for an answer that two looks agree on, and one to spare
READS_MOST = 10  # what a passage keeps; further looks add next to nothing to the vote
SURE, SURE_LOOKS = 0.95, 2
BETTER = 1.25  # from 80 pixels a character of 6 to one of 7.5
MUCH_BETTER = 1.5  # what a sure plate is still read for: its picture is kept
POORER_FIRST, POORER = 0.5, 0.75  # of the best quality read: a worse crop only adds noise
PAUSE_SECONDS = 0.4  # neighbouring pictures share their blur
AGAIN_SECONDS = 20.0  # a standing car; the next one in a queue needs longer to take its place


@dataclass(frozen=True, slots=True)
class Reads:
    """What has been read of one plate so far."""

    count: int = 0
    quality: float = 0.0  # of the best crop tried
    legible: float = 0.0  # of the best crop that gave a text; what else was measured misleads
    last: datetime | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """A crop that could be read now."""

    track: int
    quality: float


def quality(condition: Condition, plate: Box) -> float:
    """Return how well a crop can be expected to read: 0 not at all, 1 as well as any."""
    if condition.width < WIDTH_HOPELESS:
        return 0.0
    wide = min(1.0, condition.width / WIDTH_ENOUGH)
    sharp = sqrt(min(1.0, max(0.0, condition.sharpness) / SHARPNESS_ENOUGH))
    lit = BRIGHTNESS_LEAST <= condition.brightness <= BRIGHTNESS_MOST
    cut = min(plate.left, plate.top, 1 - plate.right, 1 - plate.bottom) < BORDER
    return wide * (0.2 + 0.8 * sharp) * (1.0 if lit else 0.6) * (CUT_QUALITY if cut else 1.0)


def worth_reading(reads: Reads, quality: float, at: datetime) -> bool:
    """Return whether a crop of that quality can change what is known of its plate."""
    if quality <= 0:
        return False
    if reads.last is None:
        return True
    waited = (at - reads.last).total_seconds()
    if waited >= AGAIN_SECONDS:
        return True
    if reads.sure:
        return quality >= MUCH_BETTER * reads.quality
    if quality >= BETTER * reads.quality:
        return True
    if reads.count < READS_LEAST:
        return quality >= POORER_FIRST * reads.legible
    patient = waited >= PAUSE_SECONDS and reads.count < READS_MOST
    return patient and quality >= POORER * reads.legible


class Choosing:
    """Remembers what was read of each plate track in view, and chooses what to read next."""

    def __init__(self, *, most_a_step: int = 4, formats: Formats = NO_FORMATS) -> None:
        self._most = most_a_step  # a queue of ten plates must not hold up the next picture
        self._formats = formats
        self._reads: dict[int, Reads] = {}
        self._looks: dict[int, list[Look]] = {}

    def chosen(self, at: datetime, offers: Sequence[Offer]) -> list[int]:
        """Return the tracks to read now: those that were read least first, then the best."""
        worth = [o for o in offers if worth_reading(self._of(o.track), o.quality, at)]
        worth.sort(key=lambda o: (self._of(o.track).count, -o.quality, o.track))
        return [offer.track for offer in worth[: self._most]]

    def learn(self, offer: Offer, look: Look) -> None:
        """Remember what came of reading a crop, also where nothing did."""
        before = self._of(offer.track)
        looks = self._looks.setdefault(offer.track, [])
        if look.reading.text:
            looks[:] = surest([*looks, look])
        voted = vote(looks, self._formats)
        self._reads[offer.track] = Reads(
            count=before.count + 1,
            quality=max(before.quality, offer.quality),
            legible=max(before.legible, offer.quality if look.reading.text else 0.0),
            last=look.at,
            sure=voted is not None and voted.confidence >= SURE and voted.agreeing >= SURE_LOOKS,
        )

    def read(self, track: int) -> int:
        """Return how often that plate was read so far."""
        return self._of(track).count

    def forget(self, tracks: Iterable[int]) -> None:
        """Let go of tracks that ended."""
        for track in tracks:
            self._reads.pop(track, None)
            self._looks.pop(track, None)

    def _of(self, track: int) -> Reads:
        return self._reads.get(track, Reads())
