"""Visits of a lot: events and statements in, visits out.

One pure function of what is known: in whatever order it came, and told all at once or for the
touched plates only, the visits are the same. No event is rewritten and none is lost: each entry
and each exit, as the stories decide them, is an end of exactly one visit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from contract.canonical import INTEGER_MAX
from server.records.statements import Statement
from server.visits.corrections import Presence, Said, corrected, said
from server.visits.darkness import Darkness
from server.visits.lessons import SECOND, Lessons
from server.visits.near import Move, moves
from server.visits.order import by_plate, ordered
from server.visits.story import (
    ENTRY,
    EXIT,
    STAYS_IN,
    STAYS_OUT,
    Bond,
    Step,
    Stories,
    may_have_begun_inside,
    shows_its_way,
    step,
)
from server.visits.values import CERTAIN, Sighted, Visit, VisitFlag

WINDOW = 30 * SECOND  # as at the gate: less darkness than this hides no crossing
_SURE = 1000
_NO_DARKNESS = Darkness()


def visits(
    events: Iterable[Sighted],
    statements: Iterable[Statement],
    lessons: Lessons,
    darkness: Darkness = _NO_DARKNESS,
) -> list[Visit]:
    """Return the visits of one lot by the time they began, then by id."""
    words = said(statements)
    sightings = corrected(events, words)
    chains = {plate: ordered(chain) for plate, chain in by_plate(sightings).items()}
    moved = moves(chains, lessons, darkness)
    if moved:
        sightings = [
            one.spelt(moved[one.id].plate) if one.id in moved else one for one in sightings
        ]
        chains = {plate: ordered(chain) for plate, chain in by_plate(sightings).items()}
    telling = _Telling(words, lessons, darkness, moved)
    found = [visit for plate, chain in chains.items() for visit in telling.visits(plate, chain)]
    found += _unread([one for one in sightings if one.plate is None], words)
    return sorted(found, key=lambda visit: (visit.at, visit.id))


class _Place(NamedTuple):
    """A step of a story and the sighting it is of; None where it is a person's word."""

    step: Step
    of: Sighted | None


@dataclass(slots=True)
class _Open:
    """A stay being told: the places of its steps, its entry among them where it was seen."""

    first: int
    labels: list[int]
    entry: int | None
    flags: set[VisitFlag] = field(default_factory=set)


class _Telling:
    """Turns the story of one plate after the other into visits."""

    def __init__(
        self, words: Said, lessons: Lessons, darkness: Darkness, moved: dict[str, Move]
    ) -> None:
        self._words = words
        self._about = words.events
        self._lessons = lessons
        self._darkness = darkness
        self._moved = moved

    def visits(self, plate: str, chain: Sequence[Sighted]) -> list[Visit]:
        places = self._places(chain)
        if not places:
            return []
        bond = self._bond(places)
        places = _within_joined(places, bond)
        story = Stories([one.step for one in places], self._lessons, self._darkness, bond)
        told = _Plate(self, plate, places, story, bond).visits()
        most = _SURE if self._is_settled(places) else CERTAIN - 1
        return [
            replace(self._finished(one, chain), probability=min(one.probability, most))
            for one in told
        ]

    def _is_settled(self, places: Sequence[_Place]) -> bool:
        """Say whether more than the clock tells a car from its opposite.

        Who may have been there when the lot began has one that passes at the same moments, each
        entry an exit. What tells against it then is only the edge's kinds, each taken from the one
        before: a guess that is repeated for as long as the car comes is no surer for it.
        """
        if not may_have_begun_inside(places[0].step.first, self._lessons):
            return True
        return any(one.of is None or shows_its_way(one.of, self._lessons) for one in places)

    def flags(self, ends: Iterable[Sighted], first: int, last: int) -> set[VisitFlag]:
        """Return the flags that the ends of a stay and the darkness in it give."""
        found: set[VisitFlag] = set()
        spellings = set()
        for one in ends:
            if one.two_candidates:
                found.add("two_candidates")
            move = self._moved.get(one.id)
            spellings.add(move is not None)
            if move is not None and move.two_candidates:
                found.add("two_candidates")
        if True in spellings:
            found.add("near_match")
        if self._darkness.within(first, last) >= WINDOW:
            found.add("blind")
        return found

    def sureness(self, ends: Iterable[Sighted], chance: float) -> int:
        for one in ends:
            if one.id in self._moved:
                chance *= self._moved[one.id].probability
        return min(_SURE, max(0, round(chance * _SURE)))

    def _places(self, chain: Sequence[Sighted]) -> list[_Place]:
        """Return the steps of a chain, people's words among them at the time they are of."""
        found = [_Place(made, one) for one in chain if (made := step(one, self._lessons))]
        own = {one.id for one in chain}
        spoken = [_Place(_spoken(p), None) for p in self._words.presences if p.event in own]
        for one in sorted(spoken, key=lambda place: place.step.first):
            at = next(
                (n for n, other in enumerate(found) if other.step.first > one.step.first),
                len(found),
            )
            found.insert(at, one)
        return found

    def _bond(self, places: Sequence[_Place]) -> Bond:
        number = {one.of.id: n for n, one in enumerate(places) if one.of}
        joined: set[int] = set()
        for entry, exit_ in self._words.exits.items():
            if entry in number and number[entry] < number.get(exit_, -1):
                joined.update(range(number[entry] + 1, number[exit_] + 1))
        split = {
            number[exit_]
            for entry, exit_ in self._words.split
            if entry in number and number[entry] < number.get(exit_, -1)
        }
        return Bond(frozenset(joined), frozenset(split))

    def _finished(self, visit: Visit, chain: Sequence[Sighted]) -> Visit:
        """Add what moved nobody, and what people said of it."""
        last = INTEGER_MAX if visit.left_at is None else visit.left_at
        if "missed_exit" in visit.flags:  # how long it was there, nobody knows
            last = visit.at
        during = [
            one.id
            for one in chain
            if visit.at <= one.at <= last
            and one.kind == "seen"
            and one.by != "crossing"
            and one.id not in visit.during
        ]
        flags = set(visit.flags)
        events = [one for one in (visit.entry, *visit.during, *during, visit.exit) if one]
        if any(one in self._about for one in events):
            flags.add("corrected")
        left_at = visit.left_at
        for event in events:
            if event in self._words.left:
                flags.add("checked_out")
                flags.discard("missed_exit")
                left_at = self._words.left[event] if left_at is None else left_at
        if left_at is not None and visit.entered_at is not None:
            left_at = max(left_at, visit.entered_at)
        return replace(
            visit,
            left_at=left_at,
            during=(*visit.during, *during),
            flags=tuple(sorted(flags)),
        )


class _Plate:
    """The stays that the likeliest story of one plate tells."""

    def __init__(
        self, of: _Telling, plate: str, places: Sequence[_Place], story: Stories, bond: Bond
    ) -> None:
        self._of = of
        self._plate = plate
        self._places = places
        self._story = story
        self._bond = bond

    def visits(self) -> list[Visit]:
        found: list[Visit] = []
        stay: _Open | None = None
        for n, label in enumerate(self._story.best()):
            if label == STAYS_IN:
                stay = stay or _Open(n, [], None)
                stay.labels.append(label)
                continue
            if label == EXIT:
                if stay is not None and n in self._bond.split:
                    found += self._ended(stay, n)
                    stay = None
                stay = stay or _Open(n, [], None)
                stay.labels.append(label)
                found += self._ended(stay, n + 1)
                stay = None
                continue
            if stay is not None:
                found += self._ended(stay, n)
            stay = _Open(n, [ENTRY], n) if label == ENTRY else None
        if stay is not None:
            found += self._ended(stay, len(self._places), still=True)
        return found

    def _ended(self, stay: _Open, end: int, *, still: bool = False) -> list[Visit]:
        """Return the visit of the steps from `stay.first` up to `end`.

        None where the car only showed itself between two crossings that nobody saw.
        """
        left = stay.labels[-1] == EXIT
        entry = None if stay.entry is None else self._places[stay.entry].of
        exit_ = self._places[end - 1].of if left else None
        if entry is None and exit_ is None:
            return []
        flags: set[VisitFlag] = set()
        if entry is None:
            flags.add("missed_entry")
        if exit_ is None and not still:
            flags.add("missed_exit")
        ends = [one for one in (entry, exit_) if one]
        flags |= self._of.flags(ends, *self._span(stay, end))
        if (entry and entry.kind != "entry") or (exit_ and exit_.kind != "exit"):
            flags.add("kind_decided")
        chance = self._story.chance(
            stay.first, stay.labels, before=entry is None, after=exit_ is None
        )
        inner = self._places[stay.first : end]
        return [
            Visit(
                plate=self._plate,
                entry=entry.id if entry else None,
                exit=exit_.id if exit_ else None,
                entered_at=entry.first_seen if entry else None,
                left_at=exit_.last_seen if exit_ else None,
                probability=self._of.sureness(ends, chance),
                flags=tuple(sorted(flags)),
                during=tuple(p.of.id for p in inner if p.of and p.of not in ends),
            )
        ]

    def _span(self, stay: _Open, end: int) -> tuple[int, int]:
        """Return from when until when the car may have been there."""
        steps = self._story.steps
        first = steps[stay.first].first
        if stay.entry is None and stay.first:
            first = steps[stay.first - 1].last
        if stay.labels[-1] == EXIT:
            return first, steps[end - 1].last
        return first, steps[end].first if end < len(steps) else INTEGER_MAX


def _spoken(presence: Presence) -> Step:
    label = STAYS_IN if presence.side == "in" else STAYS_OUT
    return Step(presence.at, presence.at, (label,), (1.0,))


def _within_joined(places: list[_Place], bond: Bond) -> list[_Place]:
    """What lies between an entry and an exit that a person joined moved nobody."""
    inner = {n for n in bond.joined if n + 1 in bond.joined}
    return [
        _Place(one.step._replace(labels=(STAYS_IN,), weights=(1.0,)), one.of)
        if n in inner and one.step.labels != (STAYS_IN,)
        else one
        for n, one in enumerate(places)
    ]


def _unread(sightings: Iterable[Sighted], words: Said) -> list[Visit]:
    """Return a visit of each unread entry and exit: only people can tell whose they are."""
    by_id = {one.id: one for one in sightings if one.kind != "seen"}
    partner_of = {exit_: entry for entry, exit_ in words.exits.items() if entry in by_id}
    about = words.events
    found = []
    for one in by_id.values():
        if words.exits.get(one.id) in by_id:
            continue  # told with its exit
        entry = by_id.get(partner_of.get(one.id, "")) or (one if one.kind == "entry" else None)
        exit_ = one if one.kind == "exit" else None
        flags: set[VisitFlag] = {"unread"}
        if entry is None:
            flags.add("missed_entry")
        ends = [end.id for end in (entry, exit_) if end]
        if any(end in about for end in ends):
            flags.add("corrected")
        left_at = exit_.last_seen if exit_ else None
        for end in ends:
            if end in words.left:
                flags.add("checked_out")
                left_at = words.left[end] if left_at is None else left_at
        found.append(
            Visit(
                plate=None,
                entry=entry.id if entry else None,
                exit=exit_.id if exit_ else None,
                entered_at=entry.first_seen if entry else None,
                left_at=left_at,
                probability=_SURE if entry and exit_ else 0,
                flags=tuple(sorted(flags)),
            )
        )
    return found
