"""What is doubtful about a visit, and what a person can answer: rules, without a server.

Nothing here says that a visit was settled: a person's word about one of its events does, which the
visit then bears as its flag `corrected`. So "leave it as it is" is a word too, and a true one: that
the car did come in, or did leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from gui.values import Event, Visit

Question = Literal["pair", "missed_exit", "missed_entry", "unread"]
ANSWERS = ("join", "split", "kind", "void", "plate")
_EVEN = 500  # thousandths: from here on one car is likelier than two
_LONGEST_STAY_US = 48 * 3_600_000_000  # as at the gate: longer than this nobody waits unseen
_OFFERS_MAX = 3  # pairs that can be compared at a glance
_ALWAYS_ASKED = frozenset({"missed_exit", "missed_entry", "unread", "two_candidates"})


@dataclass(frozen=True, slots=True)
class Answer:
    """One thing that can be said about a doubt; `event` and `other` are what it is about."""

    what: str
    event: str
    other: str = ""  # the exit of a pair, or the kind that an event is given

    @property
    def spelt(self) -> str:
        """Return it as a button bears it."""
        return ":".join((self.what, self.event, self.other))

    def said(self, typed: str | None = None) -> dict[str, object]:
        """Return the fields of the statement that it makes."""
        if self.what in ("join", "split"):
            return {"entry": self.event, "exit": self.other}
        if self.what == "kind":
            return {"event": self.event, "kind": self.other}
        if self.what == "plate":
            return {"event": self.event, "plate": typed}
        return {"event": self.event}

    @property
    def events(self) -> tuple[str, ...]:
        """Return the events that it speaks of."""
        return (self.event, self.other) if self.what in ("join", "split") else (self.event,)


@dataclass(frozen=True, slots=True)
class Doubt:
    """A visit that needs a person, and the cars that may be the other half of it."""

    visit: Visit
    asks: Question
    offers: tuple[Visit, ...] = ()
    again: Event | None = None  # the car's next coming, where nobody saw it leave before
    suggested: Answer | None = None


def read(spelt: str) -> Answer | None:
    """Return the answer that a button bears; None for anything else."""
    what, event, other = [*spelt.split(":"), "", ""][:3]
    return Answer(what, event, other) if what in ANSWERS and event else None


def asked(visit: Visit) -> Question | None:
    """Return what a person is to be asked about a visit; None where nothing is left to ask."""
    doubted = visit.sureness != "certain"
    if visit.entry and visit.exit:
        apart = "near_match" in visit.flags and doubted
        settled = "corrected" in visit.flags
        return "pair" if apart or (not settled and (doubted or _open(visit))) else None
    if "corrected" in visit.flags or "checked_out" in visit.flags:
        return None
    if "unread" in visit.flags:
        return "unread"
    if "missed_entry" in visit.flags:
        return "missed_entry"
    return "missed_exit" if "missed_exit" in visit.flags else None


def waiting(visits: Iterable[Visit], answered: Iterable[str] = ()) -> list[Visit]:
    """Return the visits to be asked about, the newest first, each once.

    `answered` are events that were just spoken of: the index has that in a moment.
    """
    just = frozenset(answered)
    found = {
        one.id: one
        for one in visits
        if asked(one) and just.isdisjoint(end.id for end in (one.entry, one.exit) if end)
    }
    return sorted(found.values(), key=lambda one: (-one.at, one.id))


def doubt(visit: Visit, others: Sequence[Visit], again: Event | None = None) -> Doubt:
    """Return the doubt of a visit with its suggested answer; `others` are visits around it."""
    asks = asked(visit)
    assert asks is not None, "who asks has looked whether there is a doubt"
    entry, exit_ = visit.entry, visit.exit
    if entry and exit_:
        same = "join" if visit.probability >= _EVEN else "split"
        return Doubt(visit, asks, suggested=Answer(same, entry.id, exit_.id))
    own = entry or exit_
    assert own is not None, "a visit has one end at least"
    offers = tuple(_offers(visit, others))[:_OFFERS_MAX]
    if len(offers) == 1:
        return Doubt(visit, asks, offers, again, joined(visit, offers[0]))
    stands = Answer("plate", own.id) if asks == "unread" else Answer("kind", own.id, own.kind)
    return Doubt(visit, asks, offers, again, stands)


def joined(visit: Visit, offer: Visit) -> Answer:
    """Return the answer that two halves are one visit."""
    entry, exit_ = visit.entry or offer.entry, visit.exit or offer.exit
    assert entry is not None, "an offer is the half that is missing"
    assert exit_ is not None, "an offer is the half that is missing"
    return Answer("join", entry.id, exit_.id)


def ends_by_id(visits: Iterable[Visit]) -> Mapping[str, Event]:
    """Return the events of visits by their ids."""
    return {end.id: end for one in visits for end in (one.entry, one.exit) if end}


def _open(visit: Visit) -> bool:
    return not _ALWAYS_ASKED.isdisjoint(visit.flags)


def _offers(visit: Visit, others: Sequence[Visit]) -> Iterator[Visit]:
    """Give what may be a visit's other half, the nearest in time first.

    One of the two is unread: two halves with plates of their own were compared by the index.
    """
    halves = [
        one
        for one in others
        if one.lot == visit.lot
        and one.id != visit.id
        and "corrected" not in one.flags
        and "unread" in (*one.flags, *visit.flags)
        and _fits(visit, one)
    ]
    yield from sorted(halves, key=lambda one: (abs(one.at - visit.at), one.id))


def _fits(visit: Visit, one: Visit) -> bool:
    first, last = (visit, one) if visit.entry else (one, visit)
    if first.exit or last.entry or not (first.entry and last.exit):
        return False
    return 0 <= last.exit.at - first.entry.at <= _LONGEST_STAY_US
