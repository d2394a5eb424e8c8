"""When an event is final (rule 13): nothing that is still open can change it any more.

Two things could: a passage that may yet be of its sighting, and an earlier sighting, still
open itself, of a plate that may be the same car and so decides whose turn it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from edge.gate.cars import Car, Cars
from edge.gate.matching import one_apart
from edge.gate.revisions import agreed
from edge.gate.sightings import UNREAD_MOST, Grouping, Member, Sighting
from edge.gate.values import GateSettings


class Finality:
    """Looks at all sightings at one moment."""

    def __init__(
        self,
        now: datetime,
        settings: GateSettings,
        grouping: Grouping,
        cars: Cars,
    ) -> None:
        self.now = now
        self._settings = settings
        self._grouping = grouping
        self._cars = cars
        self._pairs: list[tuple[str, ...]] = []  # plates on one vehicle that is not entered yet

    def divided(self, sightings: Sequence[Sighting]) -> tuple[list[Sighting], list[Sighting]]:
        """Return those that are final and those that are not, each in the given order."""
        self._pairs = [s.texts for s in sightings if s.others]
        final: list[Sighting] = []
        pending: list[Sighting] = []
        for s in sightings:
            if self._final(s, sightings, pending):
                final.append(s)
            else:
                pending.append(s)
        return final, pending

    def bears_on(self, texts: Iterable[str], others: Iterable[str]) -> bool:
        """Say whether these plates may be one car: equal, one character apart, or linked."""
        mine, theirs = self._linked(texts), self._linked(others)
        return any(a == b or one_apart(a, b) is not None for a in mine for b in theirs)

    def settles(self, car: Car, came: datetime, pending: Iterable[Sighting]) -> bool:
        """Say whether a statement about a car can be believed: nothing begun before is open that
        may be of the car.
        """
        all_told = self.now - came >= self._settings.told_within
        return all_told and not any(
            s.order[0] <= came
            and (
                self.bears_on(s.texts, (car.spelling.text,))
                or any(map(self._may_be_anyone, s.members))
            )
            for s in pending
        )

    def _final(
        self, s: Sighting, sightings: Sequence[Sighting], before: Sequence[Sighting]
    ) -> bool:
        return (
            self._over(s)
            and not any(self.bears_on(other.texts, s.texts) for other in before)
            and not any(
                self._may_yet_be_of(s, one)
                for other in sightings
                if other is not s
                for one in other.members
                if not one.passage.ended
            )
        )

    def _over(self, s: Sighting) -> bool:
        """Say whether it ended a window ago; if it stood then, ten minutes of sight ago."""
        all_told_until = self.now - self._settings.told_within
        return all(one.passage.ended for one in s.members) and not self._grouping.within_reach(
            s, all_told_until
        )

    def _may_yet_be_of(self, s: Sighting, one: Member) -> bool:
        begun = one.passage.first_seen
        if not self._grouping.within_reach(s, begun):
            return False
        if self._may_be_anyone(one) or (one.key, s.key) in self._grouping.barred:
            return True
        if one.spelling is None or one.read_late:
            return False
        may_join = begun <= s.last_seen or self._grouping.reaches(one.passage, s)
        return may_join and self.bears_on((one.spelling.text,), s.texts)

    def _may_be_anyone(self, one: Member) -> bool:
        """Say whether a passage is open and may yet be read as any plate."""
        return (
            not one.passage.ended
            and self.now - one.passage.first_seen < UNREAD_MOST + self._settings.told_within
            and not (one.voted is not None and agreed(one.voted, self._settings.sure))
        )

    def _linked(self, texts: Iterable[str]) -> set[str]:
        """Return these plates with those of the trailers and trucks that they were seen with."""
        found = set(texts)
        unasked = list(found)
        while unasked:
            text = unasked.pop()
            beside = {other for pair in self._pairs if text in pair for other in pair}
            for car in self._cars.bearing(text):
                beside |= {car.spelling.text, *car.others}
            unasked += beside - found
            found |= beside
        return found
