"""What is drawn over a picture that is seen now: boxes as they are found, events as they are said.

A film that is drawn afterwards says what proved right in the end (`annotation`); this says what
is known so far, for a window, a recording of the gate and whoever looks at it from afar.
"""

from __future__ import annotations

from collections import deque
from datetime import datetime, timezone, tzinfo

from contract.event import Event
from contract.plates import Formats
from edge.outputs.annotation import NOTICE, clock_text
from edge.outputs.drawing import Notice, Overlay, Shown
from edge.outputs.parts import Spelled, as_voted
from edge.road import Step
from edge.values import Look
from edge.voting import vote
from lot.times import moment


class Overlaying:
    """Follows one camera, and gives each moment its overlay."""

    def __init__(self, formats: Formats, zone: tzinfo) -> None:
        self._formats = formats
        self._zone = zone
        self._looks: dict[int, list[Look]] = {}
        self._plates: dict[int, Spelled] = {}
        self._notices: deque[tuple[datetime, Notice]] = deque()
        self._shown: tuple[Shown, ...] = ()
        self._now = datetime.min.replace(tzinfo=timezone.utc)

    def say(self, event: Event) -> None:
        """Tell a revision from now on; a later one of the same event takes its place."""
        kept = [one for one in self._notices if one[1].event.id != event.id]
        at = moment(event.at).astimezone(self._zone)
        self._notices = deque([*kept, (self._now, Notice(event, f"{at:%H:%M:%S}"))])

    def at(self, time: datetime, step: Step | None, *, dated: bool = True) -> Overlay:
        """Return the overlay of the frame at `time`, learning from what was seen in it."""
        self._now = time
        if step is not None and step.looked:
            self._learn(step)
        while self._notices and time - self._notices[0][0] > NOTICE:
            self._notices.popleft()
        notices = tuple(notice for _, notice in reversed(self._notices))
        return Overlay(self._shown, notices, clock_text(time, self._zone, dated=dated))

    def _learn(self, step: Step) -> None:
        for number, looks in step.looks.items():
            known = self._looks.setdefault(number, [])
            known += looks
            if plate := as_voted(vote(known, self._formats)):
                self._plates[number] = plate
        self._shown = tuple(
            Shown(track.box, track.kind, track.score, track.id, self._plates.get(track.id))
            for track in step.tracks
        )
        self._forget({track.id for track in step.tracks})

    def _forget(self, in_view: set[int]) -> None:
        for number in [number for number in self._looks if number not in in_view]:
            del self._looks[number]
            self._plates.pop(number, None)
