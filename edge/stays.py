"""What one thing did in one camera's picture: by which border it came and left, where it stood.

The gate's rules rest on this, so it says only what was seen:

- *Came by* a border: first seen at it, and then moving away from it. At it means cut by it,
  or so near that at its speed it was cut by it a moment before the detector first saw it.
  A car that stands half in view has not come by that border; if it then drives in, it has.
- *Stood*: its edges held still for a moment. A car that a van uncovers grows by one edge while
  the others hold, and stands. An edge at the border of the picture or under another vehicle
  tells nothing; where one edge moves against a border, the car does.
- *Moved*: its edges are no longer where they first were, and not for one picture only.

Sizes are the thing's own (the root of its box's area), so near and far take the same numbers.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import hypot

from edge.cameras import BORDERS, Camera, foot
from edge.coasting import size_of
from edge.values import Border, Box, LaneTouch

# A share of the picture. Boxes fall short of the border by up to 1 % (6 pixels of a network's
# 640); twice that is no place where anything stands by chance.
AT_BORDER = 0.02
# A detector wants to see a third of a car before it is sure, and tracking a second picture.
UNSEEN_SECONDS = 0.35
# Of its own sizes: by then the direction is no tremble. Also what `came_by` needs at least.
DIRECTION_SHOWS = 0.25
AWAY_LEAST = 0.06  # of its size: twice the tremble
ACROSS = 0.4  # of the way in the main direction: less, and it went along that border
LATELY_SECONDS = 3.0  # how far back the way it left is looked for: a car that creeps out

# A box trembles by 1 to 3 % of its size; an edge is still within 12 %, that is half a metre.
STILL = 0.12
STAND_SECONDS = 0.7  # shorter, and a car that creeps in a queue stands all the time
MOVED = 0.3
STEPS_SURELY = 3  # what one or two pictures show may be a box that caught two cars
ANCHOR_BOXES = 5  # the mean of so many says where it stands, better than the first alone

# Own sizes that it must have gone along or against a lane's arrow to have used it that way;
# crossing a lane at right angles stays below.
LANE_PROGRESS = 0.5


@dataclass(frozen=True, slots=True)
class Sighted:
    """Where a thing was at one time, and which of its edges were really its own."""

    at: datetime
    box: Box
    free: frozenset[Border]

    @property
    def cut(self) -> frozenset[Border]:
        return frozenset(b for b in BORDERS if gap(self.box, b) <= AT_BORDER)


def sighted(at: datetime, box: Box, others: Iterable[Box]) -> Sighted:
    """Say which edges of a box tell where the thing is: not at a border, not under another."""
    nearer = [other for other in others if other.bottom > box.bottom - 0.02]
    free = {b for b in BORDERS if gap(box, b) > AT_BORDER and not _covered(_middle(box, b), nearer)}
    return Sighted(at, box, frozenset(free))


class Stay:
    """One thing's stay in view, told picture by picture, oldest first."""

    def __init__(self, camera: Camera, first: Sighted) -> None:
        self._camera = camera
        self._first = first
        self._set_off = False  # by then it shows which way
        self.came_by: Border | None = None
        self._lately: deque[Sighted] = deque([first])
        self._standing = _Standing(first)
        self._stood_first: Box | None = None
        self._never_left = True  # the place where it was first seen
        self._steps_moved = 0
        self._steps_gone = dict.fromkeys(BORDERS, 0)
        self._lanes = {lane.name: [0.0, 0.0] for lane in camera.lanes}  # progress, pictures
        self.regarded = camera.regards(first.box)
        self._see_lanes(first, first)

    def see(self, now: Sighted) -> None:
        before = self._lately[-1]
        self._lately.append(now)
        while (now.at - self._lately[0].at).total_seconds() > LATELY_SECONDS:
            if len(self._lately) <= 2:  # at rest: the last picture may be an hour ago
                break
            self._lately.popleft()
        if not self._set_off and _apart(self._first, now) >= DIRECTION_SHOWS:
            self._set_off = True
            self.came_by = _crossed(self._first, now, UNSEEN_SECONDS)
        self._see_standing(now)
        if not self.moved:
            moved = _edges_moved(self._first, now, MOVED) >= 2
            self._steps_moved = self._steps_moved + 1 if moved else 0
        for border in BORDERS:
            if self._steps_gone[border] < STEPS_SURELY:
                self._steps_gone[border] += _own_length_from(border, now)
        self.regarded = self.regarded or self._camera.regards(now.box)
        self._see_lanes(before, now)

    @property
    def moved(self) -> bool:
        # Where another vehicle hid its edges when it was first seen, its way tells instead.
        return self._steps_moved >= STEPS_SURELY or self.went_length

    def left_by(self, *, unseen: float = UNSEEN_SECONDS) -> Border | None:
        """Return the border it left by, if it ended now. `unseen` is how long it may be gone."""
        last = self._lately[-1]
        # The latest place that is far enough off: what it did before is another matter.
        for before in reversed(self._lately):
            if _apart(before, last) >= DIRECTION_SHOWS / 2:
                return _crossed(last, before, unseen)
        return None

    @property
    def stood_first(self) -> Box | None:
        return self._standing.place if self._never_left else self._stood_first

    @property
    def stood_last(self) -> Box | None:
        return self._standing.place

    @property
    def went_length(self) -> bool:
        return self.came_by is not None and self._steps_gone[self.came_by] >= STEPS_SURELY

    @property
    def lane(self) -> LaneTouch | None:
        """Return the lane it used: of several the one it went farthest in."""
        touched = {name: at for name, at in self._lanes.items() if at[1]}
        if not touched:
            return None
        name = max(touched, key=lambda n: (abs(touched[n][0]), touched[n][1], n))
        progress = touched[name][0]
        if abs(progress) < LANE_PROGRESS:
            return LaneTouch(name, "touched")
        return LaneTouch(name, "along" if progress > 0 else "against")

    def _see_standing(self, now: Sighted) -> None:
        place = self._standing.place
        if self._standing.holds(now):
            return
        if self._never_left:
            self._stood_first, self._never_left = place, False
        self._standing = _Standing(now)

    def _see_lanes(self, before: Sighted, now: Sighted) -> None:
        x, y = foot(now.box)
        x_before, y_before = foot(before.box)
        for lane in self._camera.lanes:
            if not lane.holds((x, y)):
                continue
            (x1, y1), (x2, y2) = lane.arrow
            length = hypot(x2 - x1, y2 - y1)
            ahead = ((x - x_before) * (x2 - x1) + (y - y_before) * (y2 - y1)) / length
            self._lanes[lane.name][0] += ahead / size_of(now.box)
            self._lanes[lane.name][1] += 1


class _Standing:
    """One place where a thing has held still, for as long as it does."""

    def __init__(self, first: Sighted) -> None:
        self._first = first
        self._anchor = first
        self._boxes = [first.box]
        self._last_at = first.at
        self._largest = first.box
        self._strays = 0

    def holds(self, now: Sighted) -> bool:
        """Take one more picture; say whether it is still there."""
        if _edges_moved(self._anchor, now, STILL) >= 2:
            self._strays += 1
            return self._strays < 2  # a single box may be wrong
        self._strays = 0
        self._last_at = now.at
        if now.box.area > self._largest.area:
            self._largest = now.box  # while a van uncovers it, or before one hides it
        if len(self._boxes) < ANCHOR_BOXES:
            self._boxes.append(now.box)
            free = self._anchor.free & now.free
            self._anchor = Sighted(self._first.at, _mean(self._boxes), free or now.free)
        return True

    @property
    def place(self) -> Box | None:
        """Return where it stands, as far as it was seen; None before that is sure."""
        stood = (self._last_at - self._first.at).total_seconds()
        return self._largest if stood >= STAND_SECONDS else None


def gap(box: Box, border: Border) -> float:
    """Return how far a box is from a border of the picture."""
    if border == "left":
        return box.left
    if border == "top":
        return box.top
    return 1 - box.right if border == "right" else 1 - box.bottom


def _crossed(end: Sighted, inner: Sighted, unseen: float) -> Border | None:
    """Return the border between `end`, the first or last of a stay, and the world outside.

    `inner` is a moment within the stay that shows the direction: away from the border after
    coming, towards it before leaving; the two cases are each other's mirror. `unseen` seconds
    at that speed may lie between the border and `end`.
    """
    seconds = max(abs((inner.at - end.at).total_seconds()), 1e-3)
    least = AWAY_LEAST * max(size_of(end.box), size_of(inner.box))
    ways = {border: _away(border, end.box, inner.box) for border in BORDERS}
    most = max(ways.values())
    found: list[tuple[float, Border]] = [
        (away, border)
        for border, away in ways.items()
        if away >= max(least, ACROSS * most)
        and gap(end.box, border) <= max(AT_BORDER, away / seconds * unseen)
    ]
    return max(found)[1] if found else None


def _away(border: Border, end: Box, inner: Box) -> float:
    """Return how much farther from a border `inner` is, by the edge that shows it best.

    The near edge sticks at the border while the thing is cut by it, then the far one tells; of
    a car that comes nearer the far edge may stand still.
    """
    return max(gap(inner, border) - gap(end, border), _far(inner, border) - _far(end, border))


def _far(box: Box, border: Border) -> float:
    extent = box.width if border in ("left", "right") else box.height
    return gap(box, border) + extent


def _own_length_from(border: Border, now: Sighted) -> bool:
    extent = now.box.width if border in ("left", "right") else now.box.height
    return _middle_gap(now.box, border) >= extent


def _middle_gap(box: Box, border: Border) -> float:
    x, y = box.centre
    if border == "left":
        return x
    if border == "top":
        return y
    return 1 - x if border == "right" else 1 - y


def _apart(one: Sighted, other: Sighted) -> float:
    (x, y), (u, v) = one.box.centre, other.box.centre
    return hypot(x - u, y - v) / max(size_of(one.box), size_of(other.box))


def _edges_moved(before: Sighted, now: Sighted, tolerance: float) -> int:
    """Count the edges that moved; one that moved against a border or as a whole counts twice."""
    room = tolerance * max(size_of(before.box), size_of(now.box))
    free = before.free & now.free
    count = 0
    for border, opposite in _OPPOSITES:
        if border in free and abs(gap(now.box, border) - gap(before.box, border)) > room:
            count += 2 if opposite in before.cut | now.cut else 1
    return count


_OPPOSITES: Sequence[tuple[Border, Border]] = (
    ("left", "right"),
    ("top", "bottom"),
    ("right", "left"),
    ("bottom", "top"),
)


def _covered(point: tuple[float, float], others: Iterable[Box]) -> bool:
    x, y = point
    return any(o.left <= x <= o.right and o.top <= y <= o.bottom for o in others)


def _middle(box: Box, border: Border) -> tuple[float, float]:
    x, y = box.centre
    if border == "left":
        return box.left, y
    if border == "top":
        return x, box.top
    return (box.right, y) if border == "right" else (x, box.bottom)


def _mean(boxes: Sequence[Box]) -> Box:
    n = len(boxes)
    return Box(
        sum(b.left for b in boxes) / n,
        sum(b.top for b in boxes) / n,
        sum(b.right for b in boxes) / n,
        sum(b.bottom for b in boxes) / n,
    )
