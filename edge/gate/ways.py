"""By which borders a vehicle came and left, and what that says where sides are named.

A way is what no missed reading can turn round: who came from the street and left for the lot
went in, whatever the gate believed about who is inside.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from contract.event import Direction
from edge.cameras import Camera
from edge.values import Border, LaneTouch, Passage

Crossed = Literal["entry", "exit"]
Ends = tuple[Border | None, Border | None]  # came by, left by

OTHER: dict[Crossed, Crossed] = {"entry": "exit", "exit": "entry"}
_DIRECTION: dict[Crossed, Direction] = {"entry": "in", "exit": "out"}


@dataclass(frozen=True, slots=True)
class View:
    """What one camera saw of a sighting, from its first passage there to its last."""

    camera: Camera
    came: Border | None
    left: Border | None
    went_length: bool
    lane: LaneTouch | None
    width: float  # of the widest plate read there, in pixels

    @property
    def ends(self) -> Ends:
        return self.came, self.left

    @property
    def sees_both_ends(self) -> bool:
        return self.came is not None and self.left is not None

    @property
    def back_by_its_side(self) -> bool:
        return self.came is not None and self.came == self.left

    @property
    def turned(self) -> bool:
        """Rule 7a. Out of the lot and into it again is one side too, be it by two borders."""
        if self.back_by_its_side:
            return self.went_length
        return self._side(self.came) == self._side(self.left) == "lot"

    @property
    def turned_from_street(self) -> bool | None:
        """Say where a turn began, by its side's name or the camera's role; None: neither says."""
        side = self._side(self.came)
        if side is not None:
            return side == "street"
        if self.camera.role == "both":
            return None
        return self.camera.role == "entry"

    @property
    def whole_way(self) -> Crossed | None:
        """Rule 7b: from the street to the lot or the reverse, by the sides or a lane's arrow."""
        sides = (self._side(self.came), self._side(self.left))
        if sides == ("street", "lot"):
            return "entry"
        if sides == ("lot", "street"):
            return "exit"
        if self.lane is None or self.lane.how == "touched":
            return None
        return "entry" if self.lane.how == "along" else "exit"

    @property
    def half_way(self) -> Crossed | None:
        """Rule 7d: what the ends seen say at named sides, if they say one thing."""
        came, left = self._side(self.came), self._side(self.left)
        said: set[Crossed] = set()
        if came is not None:
            said.add("entry" if came == "street" else "exit")
        if left is not None:
            said.add("entry" if left == "lot" else "exit")
        return said.pop() if len(said) == 1 else None

    @property
    def direction(self) -> Direction | None:
        """Return in or out, as far as names and arrows say it; a turn is neither."""
        if self.back_by_its_side:
            return None
        crossed = self.whole_way or self.half_way
        return _DIRECTION[crossed] if crossed else None

    @property
    def passes_by(self) -> bool | None:
        """Rule 6: not of the lot, or surely of it; None: this camera cannot tell."""
        if self.camera.lanes and self.lane is None:
            return True
        if self._named and self.sees_both_ends and not self.back_by_its_side:
            return "lot" not in (self._side(self.came), self._side(self.left))
        return False if self.camera.lanes or self.turned else None

    @property
    def went_back(self) -> bool:
        """Rule 6: back by its side without having gone its own length."""
        return self.back_by_its_side and not self.went_length

    @property
    def _named(self) -> bool:
        return bool(self.camera.street or self.camera.lot)

    def _side(self, border: Border | None) -> Literal["street", "lot"] | None:
        return None if border is None else self.camera.side(border)


def view(camera: Camera, passages: Sequence[Passage]) -> View:
    """Join what one camera's passages, in order, saw of one vehicle (rule 4).

    It came as the first and left as the last; if an end is unseen, as one seen at both.
    """
    came, left = passages[0].came_by, max(passages, key=lambda p: p.last_seen).left_by
    if came is None or left is None:
        whole = next((p for p in passages if p.came_by and p.left_by), None)
        if whole is not None:
            came, left = whole.came_by, whole.left_by
    return View(
        camera,
        came,
        left,
        any(p.went_length for p in passages),
        _lane(p.lane for p in passages if p.lane is not None),
        max((look.width for p in passages for look in p.looks), default=0.0),
    )


def same_way(one: Ends, other: Ends) -> bool:
    """Say whether two ways are one, as far as both were seen."""
    both = [(a, b) for a, b in zip(one, other, strict=True) if a and b]
    return bool(both) and all(a == b for a, b in both)


def opposite_ways(one: Ends, other: Ends) -> bool:
    """Say whether one way is the other reversed, as far as both were seen."""
    return same_way(one, (other[1], other[0])) and not same_way(one, other)


def _lane(touches: Iterable[LaneTouch]) -> LaneTouch | None:
    """Return the lane, and its way only if the passages do not contradict each other."""
    found = list(touches)
    if not found:
        return None
    told = [touch for touch in found if touch.how != "touched"]
    if len({touch.how for touch in told}) == 1:
        return told[0]
    return LaneTouch(found[0].name, "touched")
