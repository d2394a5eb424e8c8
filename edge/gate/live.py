"""The gate as time goes: told of passages while they last, it says revisions of events (rule 13).

It is the whole rule over what is known so far. What may still change is worked out anew at every
step and taken back again; what can change no more is final, is entered for good, and its
passages are forgotten. An event is final only when nothing open can bear on it any more, so its
kind does not depend on how time was cut into steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import lru_cache

from edge.cameras import Camera
from edge.gate.blindness import Blindness
from edge.gate.cars import Cars
from edge.gate.finality import Finality
from edge.gate.kinds import Judge
from edge.gate.matching import one_apart
from edge.gate.register import Register
from edge.gate.revisions import Draft, Revisions
from edge.gate.sightings import UNREAD_MOST, Grouping, Member, Sighting, Trace, member
from edge.gate.state import GateState, Kept, StrongReading
from edge.gate.thinning import as_one, between
from edge.gate.values import (
    Blind,
    GateSettings,
    Ids,
    PassageKey,
    Sealed,
    Settled,
    Uncounted,
    Verdict,
)
from edge.values import Passage
from edge.voting import vote

VOTES_KEPT = 512  # of sightings that are looked at again and again while a car stands
STATEMENTS_WAIT = timedelta(hours=1)  # for an event of a sighting that is still in view
GONE_KEPT = 1_000  # passages that change nothing when they are told once more
TIDIED_EVERY = timedelta(hours=1)


class Gate:
    """The state of one edge's gate. Nothing in it knows what time it is but by being told."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        settings: GateSettings,
        ids: Ids,
        state: GateState | None = None,
    ) -> None:
        """Begin anew, or where another gate's `state` left off: what was open then has ended."""
        self._cameras = dict(cameras)
        self._settings = settings
        self._votes = lru_cache(VOTES_KEPT)(vote)
        self._now: datetime | None = None
        self._members: dict[PassageKey, Member] = {}
        self._closed: dict[PassageKey, PassageKey] = {}  # passages of final sightings
        self._gone: dict[PassageKey, None] = {}  # the latest of those that are kept no more
        self._cars = Cars()
        self._traces: list[Trace] = []
        self._blind: dict[tuple[str, datetime], Blind] = {}
        self._sealed: list[Sealed] = []
        self._settled: list[Settled] = []
        self._revisions = Revisions(settings, ids)
        self._uncounted: Counter[Uncounted] = Counter()
        self._tidied: datetime | None = None
        self._drafts: list[Draft] | None = None  # None: something was told since
        if state is not None:
            self._restore(state)
        self._blindness = Blindness(self._blind.values())
        self._grouping = self._grouped()

    @property
    def uncounted(self) -> Mapping[Uncounted, int]:
        """Return how many final sightings made no event, by why."""
        return dict(self._uncounted)

    @property
    def forgotten(self) -> int:
        """Return how many cars had to make room."""
        return self._cars.forgotten

    @property
    def open_since(self) -> datetime | None:
        """Return when the earliest sighting that is not final began; None where all are."""
        return min((s.first_seen for s in self._sightings.values()), default=None)

    def step(
        self,
        now: datetime,
        passages: Iterable[Passage] = (),
        *,
        blind: Iterable[Blind] = (),
        settled: Iterable[Settled] = (),
    ) -> list[Verdict]:
        """Take what is new and return the revisions that are due, by `at` and id.

        `now` is the frames' time, not the wall's: a promise that every passage begun
        `told_within` before has been told, with every reading made of it. A passage is told
        again, whole, when it has grown; a blindness again when it has ended.
        """
        self._now = now if self._now is None else max(now, self._now)
        self._take(passages, blind, settled)
        return self._said(self._now)

    def seal(self, now: datetime) -> None:
        """Say that who was inside is not known: the state's key has not come (rule 8)."""
        self._sealed.append(Sealed(now, None))
        self._drafts = None

    def unseal(self, now: datetime, state: GateState | None) -> None:
        """Take in the state that the key opened, or go on without one that is lost."""
        self._sealed = [replace(one, last=now) if one.last is None else one for one in self._sealed]
        if state is not None:
            self._restore(state)
            self._blindness = Blindness(self._blind.values())
        self._drafts = None

    def end(self) -> list[Verdict]:
        """Say the last word on everything: the recording is over."""
        if self._now is None:
            return []
        final = [draft.sighting for draft in self._draft()]
        all_told = self._now + self._settings.told_within
        return _by_time(self._close(final, [], self._finality(all_told)))

    def state(self) -> GateState | None:
        """Return all that a restart needs; None as long as nothing was told."""
        if self._now is None:
            return None
        return GateState(
            now=self._now,
            kept=tuple(Kept(p.passage, self._closed.get(k)) for k, p in self._members.items()),
            cars=tuple(self._cars),
            strong=tuple(StrongReading(*one) for one in self._cars.strong.times.items()),
            traces=tuple(self._traces),
            blind=tuple(self._blind.values()),
            sealed=tuple(self._sealed),
            settled=tuple(self._settled),
            told=self._revisions.told,
            named=self._revisions.named,
            uncounted=tuple(self._uncounted.items()),
            forgotten=self._cars.forgotten,
        )

    def _take(
        self, passages: Iterable[Passage], blind: Iterable[Blind], settled: Iterable[Settled]
    ) -> None:
        for passage in passages:
            self._keep(passage)
        for interval in blind:
            self._blind[interval.camera, interval.first] = interval
            self._blindness = Blindness(self._blind.values())
            self._drafts = None
        for one in settled:
            self._settled.append(one)
            self._settled.sort(key=lambda s: s.order)
            self._drafts = None

    def _keep(self, passage: Passage) -> None:
        key = passage.camera, passage.id
        old = self._members.get(key)
        if key in self._closed or key in self._gone or (old is not None and old.passage == passage):
            return
        self._cameras.setdefault(passage.camera, Camera(passage.camera))
        if old is not None and old.passage.looks == passage.looks:
            self._members[key] = replace(old, passage=passage)
        else:
            self._members[key] = member(passage, self._votes)
        self._drafts = None

    def _said(self, now: datetime) -> list[Verdict]:
        drafts = self._draft()
        finality = self._finality(now)
        final, pending = finality.divided([draft.sighting for draft in drafts])
        said = self._close(final, pending, finality)
        self._settle_what_can_be(finality, pending)
        for draft in self._draft():
            said += self._revisions.due(draft, now)
            self._thin(draft.sighting)
        self._tidy(now)
        return _by_time(said)

    def _draft(self) -> list[Draft]:
        """Work out all that may still change, as if nothing came any more."""
        if self._drafts is None:
            self._grouping = self._grouped()
            register = self._register(self._settled)
            self._drafts = []
            with self._cars.supposing():
                for s in self._open_sightings():
                    self._drafts.append(Draft(s, register.enter(s).verdicts))
        return self._drafts

    def _grouped(self) -> Grouping:
        grouping = Grouping(
            self._cameras, self._settings.window, self._blindness, self._votes, self._traces
        )
        self._sightings: dict[PassageKey, Sighting] = {}
        for one in sorted(self._members.values(), key=lambda one: one.order):
            closed = self._closed.get(one.key)
            if closed is not None:
                grouping.add_closed(one, closed)
            else:
                s = grouping.add(one)
                self._sightings[s.key] = s
        return grouping

    def _open_sightings(self) -> list[Sighting]:
        return sorted(self._sightings.values(), key=lambda s: s.order)

    def _register(self, statements: Iterable[Settled] = ()) -> Register:
        judge = Judge(
            self._cars, self._settings, self._blindness, self._sealed, self._grouping.in_view
        )
        return Register(self._cars, judge, self._cameras, self._revisions.name, statements)

    def _finality(self, now: datetime) -> Finality:
        return Finality(now, self._settings, self._grouping, self._cars)

    def _close(
        self, final: Sequence[Sighting], pending: Sequence[Sighting], finality: Finality
    ) -> list[Verdict]:
        """Enter final sightings for good, each after the statements that came before it."""
        said: list[Verdict] = []
        if not final:
            return said
        register = self._register()
        for s in final:
            self._settle_before(s, finality, pending)
            entry = register.enter(s)
            if entry.uncounted:
                self._uncounted[entry.uncounted] += 1
            said += self._revisions.last(Draft(s, entry.verdicts))
            for one in s.members:
                self._closed[one.key] = s.key
            if s.spelling is not None and s.known_from is not None:
                self._traces.append(Trace(s.spelling, s.known_from, s.first_seen, s.last_seen))
        self._drop_closed(final, pending)
        self._drafts = None
        return said

    def _settle_before(self, s: Sighting, finality: Finality, pending: Sequence[Sighting]) -> None:
        for one in list(self._settled):
            if one.came < s.order[0] and self._may_settle(one, finality, pending):
                self._cars.settle(one)
                self._settled.remove(one)

    def _settle_what_can_be(self, finality: Finality, pending: Sequence[Sighting]) -> None:
        """Believe what was settled, but not before an earlier sighting of that car is final."""
        for one in list(self._settled):
            if self._may_settle(one, finality, pending):
                self._cars.settle(one)
            elif finality.now - one.came < STATEMENTS_WAIT or self._cars.of_event(one.event):
                continue
            self._settled.remove(one)
            self._drafts = None

    def _may_settle(self, one: Settled, finality: Finality, pending: Sequence[Sighting]) -> bool:
        car = self._cars.of_event(one.event)
        return car is not None and finality.settles(car, one.came, pending)

    def _drop_closed(self, final: Sequence[Sighting], pending: Sequence[Sighting]) -> None:
        """Forget closed sightings beside which nothing open was placed."""
        begun = [one.passage.first_seen for s in pending for one in s.members]
        closed = {**self._grouping.closed, **{s.key: s for s in final}}
        for s in closed.values():
            if any(s.first_seen <= at and self._grouping.within_reach(s, at) for at in begun):
                continue
            for one in s.members:
                del self._members[one.key], self._closed[one.key]
                self._gone[one.key] = None
        for key in list(self._gone)[:-GONE_KEPT]:
            del self._gone[key]
        assert self._now is not None  # something was told
        untold = self._now - self._settings.told_within
        self._traces = [
            trace
            for trace in self._traces
            if trace.last_seen > untold - UNREAD_MOST or any(map(trace.asked_for, begun))
        ]

    def _thin(self, s: Sighting) -> None:
        for passages in between(s).values():
            for passage in passages:
                del self._members[passage.camera, passage.id]
            self._keep(as_one(passages))
            self._gone |= {(passage.camera, passage.id): None for passage in passages[1:]}

    def _tidy(self, now: datetime) -> None:
        """Forget blind times and readings that nothing can ask for any more (rule 14)."""
        if self._tidied is not None and now - self._tidied < TIDIED_EVERY:
            return
        self._tidied = now
        open_texts = {text for s in self._sightings.values() for text in s.texts}
        self._cars.forget_readings(
            now,
            unless=lambda text: any(
                text == other or one_apart(text, other) is not None for other in open_texts
            ),
        )
        begun = [now, *(one.passage.first_seen for one in self._members.values())]
        asked = [(at - self._settings.longest_stay, at) for at in begun]
        self._blind = {
            key: one
            for key, one in self._blind.items()
            if any(
                one.first <= at and (one.last is None or one.last >= since) for since, at in asked
            )
        }
        self._blindness = Blindness(self._blind.values())
        oldest = min(begun)
        self._sealed = [one for one in self._sealed if one.last is None or one.last >= oldest]

    def _restore(self, state: GateState) -> None:
        """Take in what another gate knew. Of a car that both know, the newer sighting holds."""
        self._now = state.now if self._now is None else max(self._now, state.now)
        for kept in state.kept:
            self._keep(replace(kept.passage, ended=True))
            if kept.closed is not None:
                self._closed[kept.passage.camera, kept.passage.id] = kept.closed
        self._cars.learn(state.cars, {one.text: one.at for one in state.strong})
        self._cars.forgotten += state.forgotten
        self._traces += state.traces
        self._blind |= {(one.camera, one.first): one for one in state.blind}
        self._sealed += state.sealed
        self._settled = sorted((*self._settled, *state.settled), key=lambda s: s.order)
        self._revisions.restore(state.told, state.named)
        self._uncounted.update(dict(state.uncounted))


def _by_time(said: Iterable[Verdict]) -> list[Verdict]:
    return sorted(said, key=lambda one: (one.at, one.id, one.revision))
