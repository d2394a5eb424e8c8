"""The gate over all cameras of an edge: what it says becomes events that are kept.

Events go to the outbox before the gate's state goes to the disk. After a crash between the two
the gate says again what it said: its ids come from the passages, so the outbox knows them.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from contract import blind
from contract.digest import H
from contract.event import Clock, Event
from contract.ids import replay_bits, uuid7
from edge.cameras import Camera
from edge.daemon.gallery import Gallery, Pictures
from edge.daemon.lookout import Blindness
from edge.daemon.state_file import Kept
from edge.delivery.outbox import Newest
from edge.gate.live import Gate
from edge.gate.values import GateSettings, Ids, Part, Settled, Verdict
from edge.passage_lines import as_kept
from edge.stamping import Stamp, stamped
from edge.values import Passage
from lot.times import microseconds

_log = logging.getLogger("lotkeeper.gate")
CLOCK_JUMP = "clock_jump"


class Keeping(Protocol):
    """Where events go. What `put` returns from is on the disk."""

    def put(self, said: Event, pictures: Mapping[str, bytes]) -> int: ...
    def put_blind(self, said: blind.Blind) -> int: ...
    def newest_of(self, event_id: str) -> Newest | None: ...
    def still_known(self, event_id: str, pictures: Mapping[str, str]) -> Mapping[str, str]: ...


@dataclass(frozen=True, slots=True)
class Bearing:
    """What every event of this edge bears."""

    edge: bytes
    models: Mapping[str, str]
    clock: Callable[[], Clock]
    jumped: Callable[[], bool]  # the wall clock, since the last event


class Filming(Protocol):
    """What makes clips beside the loop: each by its event's id and revision."""

    def begin(self, camera: str, event: Event) -> bool: ...
    def made(self) -> Mapping[tuple[str, int], bytes | None]: ...
    def rest(self) -> Mapping[tuple[str, int], bytes | None]: ...


class NoClips:
    """Makes none."""

    def begin(self, camera: str, event: Event) -> bool:
        del camera, event
        return False

    def made(self) -> Mapping[tuple[str, int], bytes | None]:
        return {}

    rest = made


@dataclass(frozen=True, slots=True)
class Showing:
    """What an event is shown by: its best pictures at once, its clip when it is final."""

    gallery: Gallery
    clips: Filming = field(default_factory=NoClips)


class Gatehouse:
    """Steps the gate, and keeps what it says."""

    def __init__(
        self,
        cameras: Mapping[str, Camera],
        settings: GateSettings,
        bearing: Bearing,
        keeping: Keeping,
        showing: Showing,
        told: Callable[[Event], None],
    ) -> None:
        self._bearing = bearing
        self._keeping = keeping
        self._showing = showing
        self._told = told
        self._gate = Gate(cameras, settings, live_ids(bearing.edge))
        # The gallery may have let go what an earlier revision showed; its pictures are kept for
        # as long as a revision names them.
        self._named: dict[str, dict[str, str]] = {}
        self._filmed: dict[str, tuple[Event, Pictures]] = {}  # last words that wait for a clip
        self._sealed = False
        self._settled: set[tuple[str, str]] = set()
        self._changed = False

    @property
    def open_since(self) -> datetime | None:
        return self._gate.open_since

    @property
    def uncounted(self) -> Mapping[str, int]:
        """Return the sightings that made no event, by why."""
        return {str(why): count for why, count in self._gate.uncounted.items()}

    def seal(self, now: datetime) -> None:
        """Say that who is inside is not known until the server has given the key."""
        self._sealed = True
        self._gate.seal(now)

    def unseal(self, now: datetime, kept: Kept) -> None:
        """Take in what the key opened, or go on without one that is lost."""
        self._sealed = False
        self._gate.unseal(now, kept.gate)
        self._settled |= set(kept.settled)
        self._named = {event: dict(one) for event, one in kept.named.items()} | self._named
        self._changed = True

    @property
    def is_sealed(self) -> bool:
        return self._sealed

    def state(self) -> Kept | None:
        """Return what is to be kept, once a change; None where nothing has changed.

        None too while a last word waits for its clip: after a crash the gate must say it again.
        """
        if not self._changed or self._sealed or self._filmed:
            return None
        self._changed = False
        return Kept(self._gate.state(), tuple(sorted(self._settled)), dict(self._named))

    def step(
        self,
        now: datetime,
        passages: Iterable[Passage] = (),
        *,
        began: Sequence[Blindness] = (),
        ended: Sequence[Blindness] = (),
        settled: Iterable[tuple[str, str]] = (),
    ) -> list[Event]:
        """Tell the gate what is new; return the events that were kept of what it said."""
        kept = [as_kept(one) for one in passages]
        intervals = [one.interval for one in (*began, *ended)]
        statements = self._new(settled, now)
        verdicts = self._gate.step(now, kept, blind=intervals, settled=statements)
        if kept or intervals or statements or verdicts:
            self._changed = True
        for one in ended:
            self._keep_blind(one)
        return [event for verdict in verdicts for event in self._keep(verdict)]

    def filmed(self) -> list[Event]:
        """Keep the last words whose clips are made; return their events."""
        return self._with_clips(self._showing.clips.made())

    def finish(self) -> list[Event]:
        """Keep the last words that still wait for their clips: no turn comes any more."""
        return self._with_clips(self._showing.clips.rest())

    def end(self) -> list[Event]:
        """Say the last word: no more pictures come, ever (a file was played)."""
        return [event for one in self._gate.end() for event in self._keep(one)]

    def _keep(self, verdict: Verdict) -> list[Event]:
        """Keep what is said; what waits for its clip is returned once that is made."""
        waiting = self._filmed.pop(verdict.id, None)
        earlier = [] if waiting is None else [self._put(*waiting)]  # revisions keep their order
        before = self._keeping.newest_of(verdict.id)
        if before is not None and before.revision >= verdict.revision:
            if before.final or not verdict.final:
                if verdict.final:
                    self._named.pop(verdict.id, None)
                return earlier  # said before a crash: it is kept already
            verdict = replace(verdict, revision=before.revision + 1)
        flags = (*verdict.flags, CLOCK_JUMP) if self._bearing.jumped() else verdict.flags
        stamp = Stamp(
            edge=self._bearing.edge.hex(),
            sequence=1,  # the outbox gives it its own
            models=self._bearing.models,
            clock=self._bearing.clock(),
        )
        event = stamped(replace(verdict, flags=flags), stamp)
        shown = self._showing.gallery.pictures(verdict)
        if self._begins_clip(verdict, event):
            self._filmed[event.id] = event, shown
            return earlier
        return [*earlier, self._put(event, shown)]

    def _put(self, event: Event, shown: Pictures, clip: bytes | None = None) -> Event:
        named = shown.hashes or self._named_still(event.id)
        if clip is not None:
            shown = Pictures({**shown.coded, "clip": clip})
        if event.final:
            self._named.pop(event.id, None)
        else:
            self._named[event.id] = named
        event = replace(event, pictures={**named, **shown.hashes})
        sequence = self._keeping.put(event, shown.coded)
        event = replace(event, sequence=sequence)
        self._told(event)
        return event

    def _named_still(self, event_id: str) -> dict[str, str]:
        """Return what was named before, as far as it can be named: the state may be of before."""
        before = self._named.get(event_id, {})
        return {**self._keeping.still_known(event_id, before)} if before else {}

    def _begins_clip(self, verdict: Verdict, event: Event) -> bool:
        if not event.final or event.kind == "void":
            return False
        return self._showing.clips.begin(verdict.best_passage[0], event)

    def _with_clips(self, made: Mapping[tuple[str, int], bytes | None]) -> list[Event]:
        kept = []
        for (event_id, revision), clip in made.items():
            event, shown = self._filmed.get(event_id, (None, None))
            if event is not None and shown is not None and event.revision == revision:
                del self._filmed[event_id]
                kept.append(self._put(event, shown, clip))
        return kept

    def _keep_blind(self, one: Blindness) -> None:
        interval = one.interval
        assert interval.last is not None, "it has ended"
        first, last = microseconds(interval.first), microseconds(interval.last)
        if last <= first:
            return
        self._keeping.put_blind(blind.Blind(interval.camera, first, last, one.reason))

    def _new(self, settled: Iterable[tuple[str, str]], now: datetime) -> list[Settled]:
        """The server repeats a week's statements with each answer; each is told the gate once.

        While it is not known which were told before a restart, none is.
        """
        if self._sealed:
            return []
        found = []
        for event, side in settled:
            if (event, side) not in self._settled:
                self._settled.add((event, side))
                found.append(Settled(event, "in" if side == "in" else "out", now))
        return found


def live_ids(edge: bytes) -> Ids:
    """Return what gives a gate's events their ids: the same again when a crash makes it repeat."""
    origin = H(b"lot/live/1", edge)

    def made(first: Passage, part: Part, time: datetime) -> str:
        return uuid7(microseconds(time), replay_bits(origin, first.camera, first.id, part))

    return made
