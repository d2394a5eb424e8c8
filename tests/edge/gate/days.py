"""Days at the gate, drawn by Hypothesis, and a live gate that is told of them as time goes."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from contract.event import Direction
from edge.cameras import BORDERS, Camera, Lane
from edge.gate import Blind, Gate, GateSettings, Outcome, Settled, Verdict, final_events
from edge.gate.state import decoded, encoded
from edge.values import Box, Passage
from tests.edge.gate.street import TOLD_AT_ONCE, Told, at, blind, car, name_of, unread

LANE = Lane("1", ((0.1, 0.4), (0.9, 0.4), (0.9, 0.9)), ((0.5, 0.9), (0.5, 0.4)))
CAMERAS = (
    Camera("plain"),
    Camera("beside", gate="plain"),
    Camera("entry", gate="road", role="entry"),
    Camera("exit", gate="road", role="exit"),
    Camera("named", street=frozenset({"bottom"})),
    Camera("lane", lanes=(LANE,)),
)
PLATES = ("8ABC123", "BABC123", "BABC12Z", "XYZ9876")
TRUCK, TRAILER = "XYZ9876", "TRAIL2"
PLACES = (Box(0.3, 0.4, 0.6, 0.8), Box(0.32, 0.42, 0.62, 0.82), Box(0.1, 0.1, 0.3, 0.3))
UNREAD_MOST = 600.0
DAY_LENGTH = 3000  # seconds: short, so that cars meet


@dataclass(frozen=True)
class Day:
    """What happened, as it was known in the end."""

    passages: tuple[Passage, ...]
    blind: tuple[Blind, ...]
    settled: tuple[Settled, ...]
    cameras: Mapping[str, Camera]
    settings: GateSettings = TOLD_AT_ONCE

    def whole(self) -> Outcome:
        return final_events(
            self.passages,
            self.cameras,
            self.settings,
            name_of,
            blind=self.blind,
            settled=self.settled,
        )


@st.composite
def _told(draw: st.DrawFn, number: int, cameras: Sequence[Camera], *, swaps: bool) -> Told:
    plate = draw(st.sampled_from((*PLATES, TRAILER, None) if swaps else (*PLATES, None)))
    one = (unread() if plate is None else car(plate)).named(f"p{number}")
    one = one.at(draw(st.integers(0, DAY_LENGTH))).by(draw(st.sampled_from(cameras)).name)
    one = one.lasting(draw(st.sampled_from((1, 5, 29, 30, 40, 300, 650, 900))))
    if came := draw(st.sampled_from((None, *BORDERS))):
        one = one.came(came)
    if left := draw(st.sampled_from((None, *BORDERS))):
        one = one.left(left)
    if draw(st.booleans()):
        one = one.standing_first(draw(st.sampled_from(PLACES)))
    if draw(st.booleans()):
        one = one.standing_last(draw(st.sampled_from(PLACES)))
    if plate is not None:
        if draw(st.booleans()):
            weak = draw(st.sampled_from(((0, "8"), (0, "B"), (6, "3"), (6, "Z"))))
            if weak[0] < len(plate) and plate[weak[0]] != weak[1]:
                one = one.weakly(*weak)
        one = replace(one, reads=draw(_reading_times(one.end - one.begin)))
    if draw(st.integers(0, 5)) == 0:
        one = one.pulling(TRAILER) if plate == TRUCK or (swaps and plate != TRAILER) else one
    if draw(st.booleans()):
        one = one.along("1", draw(st.sampled_from(("along", "against", "touched"))))
    if draw(st.integers(0, 4)) == 0:
        one = one.never_moving()
    return one


@st.composite
def _reading_times(draw: st.DrawFn, lasting: float) -> tuple[float, ...]:
    """Read early, or not before ten minutes have gone."""
    late = lasting > UNREAD_MOST and draw(st.booleans())
    low, high = (UNREAD_MOST, lasting) if late else (0.0, min(lasting, UNREAD_MOST - 1))
    times = draw(st.lists(st.integers(int(low), int(high)), min_size=1, max_size=3))
    return tuple(float(t) for t in sorted(times))


@st.composite
def days(
    draw: st.DrawFn,
    *,
    passages_max: int = 12,
    settled: bool = True,
    swaps: bool = False,
    settings: GateSettings = TOLD_AT_ONCE,
) -> Day:
    """Draw a day; with `swaps` any car may pull the one trailer, and it may be read alone."""
    cameras = draw(st.lists(st.sampled_from(CAMERAS), min_size=1, max_size=3, unique=True))
    count = draw(st.integers(1, passages_max))
    passages = tuple(draw(_told(number, cameras, swaps=swaps)).passage() for number in range(count))
    dark = []
    for first in draw(st.lists(st.integers(0, DAY_LENGTH), max_size=2, unique=True)):
        camera = draw(st.sampled_from(cameras)).name
        dark.append(blind(first, first + draw(st.integers(1, 900)), camera))
    statements = []
    for _ in range(draw(st.integers(0, 2)) if settled else 0):
        about = passages[draw(st.integers(0, count - 1))]
        # Nobody speaks of an event before it was told.
        came = max(about.last_seen, at(draw(st.integers(0, DAY_LENGTH * 2))))
        side: Direction = draw(st.sampled_from(("in", "out")))
        statements.append(Settled(f"{about.id}/1", side, came))
    return Day(passages, tuple(dark), tuple(statements), {c.name: c for c in cameras}, settings)


def so_far(passage: Passage, now: datetime, told_after: float = 0.0) -> Passage | None:
    """Return what is told of a passage at a moment of it, so many seconds after it began."""
    if passage.first_seen + timedelta(seconds=told_after) > now:
        return None
    if passage.last_seen <= now:
        return passage
    looks = tuple(look for look in passage.looks if look.at <= now)
    return replace(
        passage,
        last_seen=now,
        left_by=None,
        stood_last=None,
        moved=False,
        went_length=False,
        looks=looks,
        no_plate=None if looks else "none_found",
        ended=False,
    )


def told_live(
    day: Day,
    cuts: Sequence[datetime],
    restarts: Sequence[int] = (),
    told_after: float = 0.0,
) -> list[Verdict]:
    """Tell a live gate of a day, at these moments; return all that it said.

    At a restart the state goes through its JSON; nothing may be open in it then.
    """
    gate = Gate(day.cameras, day.settings, name_of)
    said: list[Verdict] = []
    told: dict[str, Passage] = {}
    statements: set[Settled] = set()
    for number, now in enumerate(sorted(cuts)):
        if number in restarts and all(p.ended for p in told.values()):
            state = gate.state()
            if state is not None:
                raw = json.loads(json.dumps(encoded(state)))
                gate = Gate(day.cameras, day.settings, name_of, decoded(raw))
        fresh = []
        for passage in day.passages:
            known = so_far(passage, now, told_after)
            if known is not None and told.get(passage.id) != known:
                told[passage.id] = known
                fresh.append(known)
        due = [s for s in day.settled if s.came <= now and s not in statements]
        statements |= set(due)
        said += gate.step(now, fresh, blind=_blind_so_far(day, now), settled=due)
    return said + gate.end()


def _blind_so_far(day: Day, now: datetime) -> list[Blind]:
    return [
        replace(one, last=None) if one.last is not None and one.last > now else one
        for one in day.blind
        if one.first <= now
    ]
