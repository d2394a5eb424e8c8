"""All of Now in one answer: how the server and its lots stand, and what just happened.

Many watch Now, and all look whenever a car comes. Those with equal rights who ask at once are
answered together: what they may see is read once, in the name of one of them, and each look is
written down. Who asks was vouched for by a question of their own before, so equal rights are the
keyholder's word; and whom it refuses for themselves is refused alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

from sqlalchemy import Connection

from lot.errors import LotError
from lot.web import problems
from lot.web.problems import Problem
from lot.web.shapes import TIME, Given, Many, Maybe, Named, Shape, Text, Whole, fields
from server.access.ledger import Ledgers, Told
from server.access.roles import Right, Role
from server.api.app import Asked, Noting, note_refused
from server.api.callers import Person, check_may
from server.api.counts_room import HOURS, OCCUPANCY, hours_said, occupancy_said, span
from server.api.desk_room import HITS, hit_said, sees_lists
from server.api.lots_room import ALARMS, LOTS_MAX, alarms_said
from server.api.operations import Operation, Room
from server.api.refused import problem_of
from server.api.spoken import EVENT, LOT, event_said, query_of
from server.api.standing import STATUS, Standing, lots_said, standing_said
from server.api.together import Together
from server.desk.service import Service
from server.index.asked import LIMIT_MAX
from server.keys.holder import calls
from server.keys.holder.calls import EventsFound
from server.store import alarms, lots
from server.store.lots import Lot

T = TypeVar("T")

EVENTS = 20
_ITS_OWN = frozenset({"session_ended", "forbidden", "too_fast"})  # refused to one, not to others
_OF_ALL = frozenset({"locked", "not_ready", "busy"})
_SEALED = Problem("locked", "the vault is locked")

_PROBLEM = Named(
    "Refused",
    fields(
        optional=["retry_s"],
        type=Text(64),
        title=Text(200),
        status=Whole(),
        detail=Text(500),
        retry_s=Whole(),
    ),
)


def _part(rows: Shape) -> Shape:
    """Return the shape of what may be refused while the rest is shown: rows, or the reason."""
    return fields(rows=Maybe(rows), problem=Maybe(_PROBLEM))


_ANSWER = fields(
    status=STATUS,
    lots=Many(
        fields(lot=LOT, occupancy=OCCUPANCY, counts=HOURS, alarms=ALARMS, hits=_part(HITS)),
        LOTS_MAX,
    ),
    events=_part(Many(EVENT, LIMIT_MAX)),
)


def room(standing: Standing, desk: Service, ledger: Ledgers, refusals: Noting) -> Room:
    """Return the room."""
    here = Room("now", "Now, in one answer")
    together = Together(Looking(standing, desk, ledger).looks)

    @here.answers(
        Operation(
            "read_now",
            "GET",
            "/now",
            Right.COUNT,
            "Status, each lot's occupancy, counts, standing alarms and hits, and the newest "
            "events, each as its own operation answers it. `hits` and `events` are null, with the "
            "reason beside them, where they are sealed or refused.",
            answer=_ANSWER,
            query={"first": TIME, "last": TIME, "limit": Whole(1, LIMIT_MAX)},
        )
    )
    def view(asked: Asked) -> Mapping[str, object]:
        person, query = asked.person, asked.query
        span(query, standing.now())
        limit = query.whole("limit") if "limit" in query else EVENTS
        first, last = query.whole_or_none("first"), query.whole_or_none("last")
        look = together.answer(Alike(person.role, person.lots, first, last, limit), person)
        for problem in look.refused:
            note_refused(problem, refusals)
        return look.said

    return here


@dataclass(frozen=True, slots=True)
class Alike:
    """What makes two look at the same: equal rights in equal lots, and the same question."""

    role: Role
    lots: frozenset[bytes] | None
    first: int | None
    last: int | None
    limit: int

    @property
    def span(self) -> Given:
        given = {"first": self.first, "last": self.last}
        return Given({name: value for name, value in given.items() if value is not None})


@dataclass(frozen=True, slots=True)
class Look:
    """What one is answered, and what they were refused in it."""

    said: Mapping[str, object] = field(repr=False)
    refused: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Found:
    """What a part is for those who look together: rows, but a problem for those at these places."""

    rows: Sequence[Mapping[str, object]] = field(default=(), repr=False)
    problems: Mapping[int, Problem] = field(default_factory=dict)
    total: int = 0

    def said(self, place: int) -> dict[str, object]:
        problem = self.problems.get(place)
        if problem is None:
            return {"rows": self.rows, "problem": None}
        waits = {} if problem.retry_s is None else {"retry_s": problem.retry_s}
        return {"rows": None, "problem": {**problems.document(problem), **waits}}


@dataclass(frozen=True, slots=True)
class Looking:
    """Looks for all who look together."""

    standing: Standing
    desk: Service
    ledger: Ledgers

    def looks(self, alike: Alike, people: Sequence[Person]) -> list[Look]:
        """Return what each is answered, once it is written down that they looked."""
        condition = self.standing.keyholder.status()
        sealed = condition.state != "unlocked"
        said = standing_said(self.standing, condition)
        with self.standing.database.read() as read:
            seen = [one for one in lots.every(read) if people[0].sees(one.lot)]
            counted = [self._counted(read, lot, alike) for lot in seen]
            said.update(lots_said(seen, sum(len(one) for _, one in counted)))
        events = _sealed(people) if sealed else self._events(alike, people)
        hits = {lot.lot: _sealed(people) if sealed else self._hits(lot, people) for lot in seen}
        self._write(alike, people, events, hits)
        by_lot = [{**one, "alarms": alarms_said(standing)} for one, standing in counted]
        return [
            Look(
                {
                    "status": said,
                    "lots": [
                        {**one, "hits": hits[lot.lot].said(at)}
                        for lot, one in zip(seen, by_lot, strict=True)
                    ],
                    "events": events.said(at),
                },
                () if sealed else _refused(at, events, *hits.values()),
            )
            for at in range(len(people))
        ]

    def _counted(
        self, read: Connection, lot: Lot, alike: Alike
    ) -> tuple[dict[str, object], list[alarms.Alarm]]:
        now = self.standing.now()
        said: dict[str, object] = {
            "lot": lot.lot,
            "occupancy": occupancy_said(read, lot, now),
            "counts": hours_said(read, lot.lot, *span(alike.span, now)),
        }
        return said, alarms.standing(read, lot.lot)

    def _events(self, alike: Alike, people: Sequence[Person]) -> _Found:
        query = query_of(Given({"limit": alike.limit}))

        def found(by: calls.Caller) -> EventsFound:
            return self.standing.keyholder.search_events(calls.SearchEvents(by, query))

        page, problems_ = _first_let(people, found)
        if page is None:
            return _Found(problems=problems_)
        return _Found([event_said(row) for row in page.rows], problems_, page.total)

    def _hits(self, lot: Lot, people: Sequence[Person]) -> _Found:
        if not sees_lists(people[0]):
            return _Found()

        def found(by: calls.Caller) -> list[dict[str, object]]:
            inside = self.desk.shelf.inside(by, lot.lot)
            return [hit_said(*one) for one in self.desk.hits(by, lot.lot, inside)]

        rows, problems_ = _first_let(people, found)
        return _Found(rows or (), problems_, len(rows or ()))

    def _write(
        self,
        alike: Alike,
        people: Sequence[Person],
        events: _Found,
        hits: Mapping[bytes, _Found],
    ) -> None:
        """Write down who saw what, each as if they had looked alone."""
        told: list[Told] = []
        for at, person in enumerate(people):
            if at not in events.problems:
                newest = {"limit": alike.limit, "of": "events", "found": events.total}
                told.append(Told("search", newest, None, person.account))
            for lot, one in hits.items():
                if one.total and at not in one.problems:
                    cars = {"of": "hits", "cars": one.total}
                    told.append(Told("search", cars, lot, person.account))
        if told:
            self.standing.database.write(lambda write: self.ledger.lines(write, told))


def _first_let(
    people: Sequence[Person], ask: Callable[[calls.Caller], T]
) -> tuple[T | None, Mapping[int, Problem]]:
    """Ask in the name of the first who is let; return what was found, and who is refused it.

    Whoever comes before that one was refused for what their own session is or did; where it is
    not for that, all who were not refused before are refused with the one who asked.
    """
    refused: dict[int, Problem] = {}
    for at, person in enumerate(people):
        try:
            check_may(person, Right.SEE_VISITS)
            return ask(person.by), refused
        except LotError as error:
            problem = problem_of(error)
            if problem.code in _OF_ALL:
                return None, {**dict.fromkeys(range(at, len(people)), problem), **refused}
            if problem.code not in _ITS_OWN:
                raise
            refused[at] = problem
    return None, refused


def _sealed(people: Sequence[Person]) -> _Found:
    return _Found(problems=dict.fromkeys(range(len(people)), _SEALED))


def _refused(at: int, *parts: _Found) -> tuple[Problem, ...]:
    found = {one.problems[at].code: one.problems[at] for one in parts if at in one.problems}
    return tuple(found.values())
