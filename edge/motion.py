"""Does anything move? A gate sees nothing for most of a day; then no network need look.

A mistake here is not symmetric: a look too many costs some milliseconds, a car not looked at is
lost. So everything doubtful counts as motion, and every two seconds a look is due, which no rule
below can switch off.

Only in a calm does that pause grow, to the length of the calm, half a minute at most. Calm is
where no vehicle is found or followed and nowhere in the picture is anything but what some look
was taken at in vain. For that each cell knows the darkest and the brightest that it was at such
looks, as the mean of some frames, and half of the threshold of motion tells of another. So a car
ends the calm that is too faint to move, that creeps (what is known does not follow it until a
look was taken at it) or that comes where nobody heeds what moves.

A frame becomes a small grid of shades, each the mean of a few pixels of one row, and the grid
is held against two memories:

- the *ground*: what is there when nothing is. It follows the daylight slowly, and only where
  nothing stands on it, so that a car does not sink into it, however slowly it creeps or long
  it waits. What came and stays is `standing`, until a look finds nothing there (`found`).
- the *past*: the same grid two seconds ago. From the frame before, a car at 1 px a second
  does not differ; from two seconds ago its edges do.

A cell moves if it differs from both. From the past alone also differs the ground that a car
has just uncovered, and for that nobody need look, unless nothing is left that is not ground and
somebody is followed still: one look then says that it has gone. "Differs" means by several times
the cell's own noise, which is learned as the median of its changes: a median, because what passes
for less than half of the time must not make a cell blind to what passes.

What the looks find comes back here. Where one found nothing though a cell moved, that cell must
next time differ by more than it did, and so must its neighbours, where a leaf may be by then; up
to what a car differs by. So a tree's wandering shadow is looked at for seconds, where its median
would take a minute to learn. A clock in the picture
differs by more than any car; after minutes in vain such a cell is no longer heeded, until a
look does find something there.

An exposure changes all cells at once and by one factor. So where much differs, the factor is
taken out before anything is called moving. Where half of the picture still differs, it was
not the light but another picture, and everything is learned anew.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import cv2
import numpy as np
from numpy.typing import NDArray

from edge.values import Box, Frame, Image

Grid = NDArray[np.float32]
Marks = NDArray[np.bool_]
Polygon = Sequence[tuple[float, float]]  # corners in fractions of the picture


@dataclass(frozen=True, slots=True)
class Sensitivity:
    """What counts as motion, and how long it is remembered."""

    # The bound on everything that may go wrong here: a car takes longer through any gate.
    look_every: timedelta = timedelta(seconds=2)
    # The bound in a calm, where the network's time no longer shows beside decoding's.
    look_in_calm_every: timedelta = timedelta(seconds=30)
    # Shorter misses what creeps; longer goes on looking after a car has stopped.
    past: timedelta = timedelta(seconds=2)
    # As many as make a cell 8 pixels wide and high at 1080p: a plate of 70 has some 20 of them.
    cells: int = 240 * 135
    # Shades of 255. A car differs from asphalt by 20 and more, at night its lamps by 100; the
    # blocks of H.264 and the pulse of its key frames differ by 4.
    differs_min: float = 7.0
    # Noise raises the threshold no further: a cell must not become blind to a grey car.
    differs_max: float = 24.0
    # Times the median of a cell's changes; of a bell curve that is 3.4 deviations.
    noise_times: float = 5.0
    # Cells of a square of three by three; fewer are noise, or a drop of rain.
    together: int = 3
    # How fast the ground follows the daylight.
    ground: timedelta = timedelta(seconds=20)
    # A share of all cells; where more differs, a common factor of light is looked for.
    light_share: float = 0.1
    # A share of all cells; where more differs with the light taken out, all is learned anew.
    anew_share: float = 0.5
    # Of motion in one cell in which looks found nothing: a clock's worth, or a hundred cars'
    # that the network cannot see at all.
    in_vain_max: timedelta = timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Motion:
    """What one frame showed."""

    moves: bool
    standing: bool  # something is there that was not, moving or not
    anew: bool  # all of the picture changed: another light, another scene, the first frame
    look: bool  # the network should look at this frame
    region: Box | None  # around all that moves


USUAL = Sensitivity()

_SNAPSHOTS = 4  # that the past is kept in; so it is up to a quarter older than it should be
_NOISE_AT_FIRST_MAX = 4.0  # shades; a cheap sensor's at night
_NOISE_A_SECOND = 0.1  # shades; a minute of traffic must not make a cell blind
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_WHITE = 235  # shades from here on are cut off, and follow no factor
_FRAMES_OF_A_GROUND = 5  # in the mean of fewer, what passed in one of them is still to be seen
_FADES_A_SECOND = 0.02  # shades of what is known: a bough may rest for minutes
_LIGHT_MIN = 1.02  # a factor nearer to 1 is no change of light
# A drop falls past a cell between two frames; a car takes longer, and covers its own place
# for several. At 25 frames a second four of them must agree, at the 8 to 10 that the road asks
# about two, at 5 each stands alone.
_DROP = timedelta(seconds=0.13)
_LOOK_LONGEST = timedelta(seconds=0.5)  # that one look in vain counts for
_GAP = timedelta(seconds=10)  # after so long without frames, what was learned is another time's


class MotionGate:
    """Watches the frames of one camera, in their order."""

    def __init__(
        self, sensitivity: Sensitivity = USUAL, region_of_interest: Sequence[Polygon] = ()
    ) -> None:
        self._sensitivity = sensitivity
        self._polygons = region_of_interest
        self._memory: _Memory | None = None
        self._looked: datetime | None = None
        self._calm_since: datetime | None = None
        self._followed = 0
        self._stood = False

    def motion(self, frame: Frame) -> Motion:
        """Say what moves in `frame`. Where it says `look`, the next look is counted from here."""
        seen = self._seen(frame)
        if seen.anew or seen.unknown:
            self._calm_since = None
        elif self._calm_since is None:
            self._calm_since = frame.time
        # What a car uncovers does not move: unnoticed, one that left the picture between two frames
        # would be said to stand at its border for some seconds more.
        gone = self._followed > 0 and self._stood and not seen.standing
        self._stood = seen.standing
        look = seen.anew or bool(seen.moving.any()) or gone or self._due(frame.time)
        if look:
            self._looked = frame.time
        return Motion(
            moves=bool(seen.moving.any()),
            standing=seen.standing,
            anew=seen.anew,
            look=look,
            region=_around(seen.moving),
        )

    def found(self, boxes: Sequence[Box], *, followed: int = 0) -> None:
        """Tell what the look at the last frame found, and how many things are followed.

        What stands elsewhere is ground from now on; what keeps moving elsewhere is one day
        no longer heeded. Where nothing is found or followed, what is to be seen is known.
        """
        self._followed = followed
        if self._memory is None:
            return
        self._memory.found(boxes)
        if boxes or followed:
            self._calm_since = None
        else:
            self._memory.know()

    def _seen(self, frame: Frame) -> _Seen:
        grid = _grid(frame.image, self._sensitivity.cells)
        if self._memory is None or not self._memory.continues(grid, frame.time):
            watched = _inside(self._polygons, grid)
            self._memory = _Memory(grid, frame.time, watched, self._sensitivity)
            nowhere = np.zeros(grid.shape, np.bool_)
            return _Seen(nowhere, standing=False, anew=True, unknown=True)
        return self._memory.seen(grid, frame.time)

    def _due(self, now: datetime) -> bool:
        if self._looked is None or now < self._looked:
            return True
        pause = self._sensitivity.look_every
        if self._calm_since is not None:
            pause = max(pause, self._looked - self._calm_since)
        return now - self._looked >= min(pause, self._sensitivity.look_in_calm_every)


@dataclass(frozen=True, slots=True)
class _Seen:
    moving: Marks
    standing: bool
    anew: bool
    unknown: bool  # something is as it was in no picture that was looked at in vain


class _Memory:
    """What one camera's picture was: its ground, its past, its noise."""

    def __init__(self, grid: Grid, now: datetime, watched: Marks, sensitivity: Sensitivity) -> None:
        self._sensitivity = sensitivity
        self._watched = self._heeded = watched
        self._in_vain = np.zeros(grid.shape, np.float32)  # seconds
        self._found_at = now
        self._begin(grid, now)
        self._noise = np.zeros(grid.shape, np.float32)
        self._usual = 0.0  # change of all cells, while there is no median of each
        self._set_threshold()

    def _begin(self, grid: Grid, now: datetime) -> None:
        self._ground = grid.copy()
        self._remember(grid, now)
        self._began = self._last = now
        self._grid = grid
        self._foreign: deque[tuple[datetime, Marks]] = deque()
        self._standing = self._moving = np.zeros(grid.shape, np.bool_)
        # Of what looks were taken at in vain: nothing yet.
        self._darkest: Grid = np.full(grid.shape, np.inf, np.float32)
        self._brightest: Grid = -self._darkest
        self._known_at = now

    def _remember(self, grid: Grid, now: datetime) -> None:
        self._past = deque([(now, grid)])
        self._sum, self._frames = grid.copy(), 1

    def continues(self, grid: Grid, now: datetime) -> bool:
        """Say whether a grid of this time follows on what is remembered."""
        return grid.shape == self._ground.shape and timedelta(0) <= now - self._last <= _GAP

    def found(self, boxes: Sequence[Box]) -> None:
        elsewhere = ~_covered(boxes, self._grid.shape)
        ground = elsewhere & self._standing & ~self._moving
        self._ground = np.where(ground, self._grid, self._ground)
        looked, self._found_at = self._found_at, self._last
        vain = min(self._last - looked, _LOOK_LONGEST).total_seconds()
        self._in_vain = np.where(elsewhere, self._in_vain + np.float32(vain) * self._moving, 0)
        self._heeded = self._watched & (
            self._in_vain <= self._sensitivity.in_vain_max.total_seconds()
        )
        self._bear(elsewhere & self._moving)

    def _bear(self, vain: Marks) -> None:
        """Let cells that moved in vain differ by as much from now on, and their neighbours.

        By no more than a car's difference, and it is forgotten as noise is: 0.5 shades a second.
        """
        if not vain.any():
            return
        change = np.minimum(
            cv2.absdiff(self._grid, self._past[0][1]), cv2.absdiff(self._grid, self._ground)
        )
        change = cv2.dilate(np.where(vain, change, np.float32(0)), _NEIGHBOURS)
        borne = np.minimum(change, self._sensitivity.differs_max) / self._sensitivity.noise_times
        self._noise = np.maximum(self._noise, borne)
        self._set_threshold()

    def seen(self, grid: Grid, now: datetime) -> _Seen:
        since, self._last, self._grid = now - self._last, now, grid
        foreign = self._differs(grid, self._ground)
        anew = False
        if np.count_nonzero(foreign) > self._sensitivity.light_share * foreign.size:
            foreign, anew = self._without_light(grid, now, foreign)
        self._standing = self._gathered(self._lasting(foreign, now))
        self._moving = self._standing
        standing = bool(self._standing.any())
        if standing:
            self._moving = self._standing & self._differs(grid, self._past[0][1])
        moving = self._gathered(self._moving & self._heeded)
        self._learn(grid, now, since, foreign)
        return _Seen(moving, standing=standing, anew=anew, unknown=self._unknown())

    def _unknown(self) -> bool:
        """Say whether a place is as it was in no picture that was looked at in vain, heeded or not.

        All are means of some frames, with half of the noise of one; so half of the threshold does.
        """
        picture = self._past[-1][1]
        margin = self._threshold / 2
        unknown = (picture > self._brightest + margin) | (picture < self._darkest - margin)
        return bool(self._gathered(unknown & self._watched).any())

    def know(self) -> None:
        """Remember that what is to be seen now was looked at, and that it is nothing."""
        picture = self._past[-1][1]
        fades = np.float32(_FADES_A_SECOND * (self._last - self._known_at).total_seconds())
        self._darkest = np.minimum(self._darkest + fades, picture)
        self._brightest = np.maximum(self._brightest - fades, picture)
        self._known_at = self._last

    def _differs(self, grid: Grid, other: Grid) -> Marks:
        return (cv2.absdiff(grid, other) > self._threshold) & self._watched

    def _without_light(self, grid: Grid, now: datetime, foreign: Marks) -> tuple[Marks, bool]:
        """Return what differs from the ground in the new light, and whether all began anew."""
        factor = float(np.median((grid[::2, ::2] + 1) / (self._ground[::2, ::2] + 1)))
        if max(factor, 1 / factor) >= _LIGHT_MIN:
            lit = np.minimum(self._ground * np.float32(factor), np.float32(255))
            still = self._differs(grid, lit) & (lit < _WHITE)
            if np.count_nonzero(still) < np.count_nonzero(foreign) / 2:
                self._ground = np.where(still, lit, grid)
                self._remember(grid, now)
                return still, True
        if np.count_nonzero(foreign) > self._sensitivity.anew_share * foreign.size:
            self._begin(grid, now)
            return np.zeros_like(foreign), True
        return foreign, False

    def _lasting(self, foreign: Marks, now: datetime) -> Marks:
        """Return what was foreign also in the frames just before: a drop of rain was not."""
        while self._foreign and now - self._foreign[0][0] > _DROP:
            self._foreign.popleft()
        lasting = foreign
        for _, before in self._foreign:
            lasting = lasting & before
        self._foreign.append((now, foreign))
        return lasting

    def _gathered(self, marks: Marks) -> Marks:
        if not marks.any():
            return marks
        around = cv2.boxFilter(
            marks.view(np.uint8), -1, (3, 3), normalize=False, borderType=cv2.BORDER_CONSTANT
        )
        return marks & (around >= self._sensitivity.together)

    def _learn(self, grid: Grid, now: datetime, since: timedelta, foreign: Marks) -> None:
        share = min(1.0, since / self._sensitivity.ground)
        cv2.accumulateWeighted(grid, self._ground, share, (~foreign).view(np.uint8))
        self._sum += grid
        self._frames += 1
        taken, _ = self._past[-1]
        if now - self._began < self._sensitivity.past:
            self._usual = max(self._usual, self._usual_change(grid))
            self._noise.fill(self._usual)
            self._set_threshold()
        if now - taken >= self._sensitivity.past / _SNAPSHOTS:
            step = np.float32(_NOISE_A_SECOND * (now - taken).total_seconds())
            self._noise += step * np.sign(cv2.absdiff(grid, self._past[0][1]) - self._noise)
            self._set_threshold()
            self._snapshot(now)

    def _usual_change(self, grid: Grid) -> float:
        """Return the median change of all cells: the time is too short for one of each cell.

        What fills the picture in these first seconds must not pass for the sensor's noise.
        """
        change = np.asarray(cv2.absdiff(grid, self._past[0][1])[::2, ::2], np.float32)
        return min(float(np.median(change)), _NOISE_AT_FIRST_MAX)

    def _snapshot(self, now: datetime) -> None:
        """Keep the mean of the last frames, in which no single drop of rain stands out."""
        mean = self._sum / np.float32(self._frames)
        if now - self._began < self._sensitivity.past and self._frames >= _FRAMES_OF_A_GROUND:
            self._ground = mean.copy()
            self._past.clear()
        self._past.append((now, mean))
        self._sum, self._frames = np.zeros_like(mean), 0
        while len(self._past) > 1 and now - self._past[1][0] >= self._sensitivity.past:
            self._past.popleft()

    def _set_threshold(self) -> None:
        self._threshold: Grid = np.clip(
            self._noise * np.float32(self._sensitivity.noise_times),
            np.float32(self._sensitivity.differs_min),
            np.float32(self._sensitivity.differs_max),
        )


def _grid(image: Image, cells: int) -> Grid:
    # Some rows and all their columns: all rows would take as many times as long as a cell is
    # high, and single pixels have the noise that a mean of a row's few does not.
    step = max(1, round((image.shape[0] * image.shape[1] / cells) ** 0.5))
    grey = cv2.cvtColor(image[step // 2 :: step], cv2.COLOR_BGR2GRAY)
    size = (max(1, image.shape[1] // step), grey.shape[0])
    return np.asarray(cv2.resize(grey, size, interpolation=cv2.INTER_AREA), np.float32)


def _inside(polygons: Sequence[Polygon], grid: Grid) -> Marks:
    if not polygons:
        return np.ones(grid.shape, np.bool_)
    marks = np.zeros(grid.shape, np.uint8)
    size = np.array(grid.shape[::-1])
    corners = [np.round(np.array(polygon) * size - 0.5).astype(np.int32) for polygon in polygons]
    cv2.fillPoly(marks, corners, (1,))
    return marks.view(np.bool_)


def _covered(boxes: Sequence[Box], shape: tuple[int, ...]) -> Marks:
    """Return the cells under `boxes` and a little around them, where shadow and lamps fall."""
    marks = np.zeros(shape, np.bool_)
    height, width = shape
    for box in boxes:
        across, down = box.width / 4 + 1 / width, box.height / 4 + 1 / height
        top, bottom = max(0.0, box.top - down), box.bottom + down
        left, right = max(0.0, box.left - across), box.right + across
        marks[
            int(top * height) : int(np.ceil(bottom * height)),
            int(left * width) : int(np.ceil(right * width)),
        ] = True
    return marks


def _around(marks: Marks) -> Box | None:
    (rows,) = np.nonzero(marks.any(axis=1))
    (columns,) = np.nonzero(marks.any(axis=0))
    if not rows.size:
        return None
    height, width = marks.shape
    return Box(
        float(columns[0] / width),
        float(rows[0] / height),
        float((columns[-1] + 1) / width),
        float((rows[-1] + 1) / height),
    )
