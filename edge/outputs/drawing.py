"""What lies over one picture and below it, and how it is laid: film and window draw the same.

Boxes and plates stand at what they name. Events and the clock stand in a strip below the
picture: cameras burn their own clock and name into a corner, no two the same, and whoever looks
at a film as proof wants to see that too.
"""

from __future__ import annotations

from dataclasses import dataclass

from contract.event import Event
from edge.outputs.canvas import Canvas, Patch
from edge.outputs.parts import OF_BOX, Spelled, banner, clock, ground, label, plaque
from edge.values import Box, Kind

# A fifteenth of the picture is two lines that are read on a phone. With it a 1080p film still is
# of H.264's level 4.2, which phones and browsers play; from 1,160 lines on it would be of 5.0.
_STRIP_SHARE = 15
_STRIP_LEAST = 40  # two lines of 17 pixels: at 12, coding does not leave 0 and O apart
_LINE_LEAST = 12
_GAP = 8  # pixels between two banners


@dataclass(frozen=True, slots=True)
class Shown:
    """A vehicle or a plate in this picture, with what is known of it."""

    box: Box
    kind: Kind
    score: float
    track: int | None = None
    plate: Spelled | None = None


@dataclass(frozen=True, slots=True)
class Notice:
    """An event that is told now, with its time as the lot's clock shows it."""

    event: Event
    clock: str


@dataclass(frozen=True, slots=True)
class Overlay:
    """All that is drawn for one picture."""

    shown: tuple[Shown, ...] = ()
    notices: tuple[Notice, ...] = ()  # the latest first
    clock: str = ""


def draw(picture: Canvas, strip: Canvas, overlay: Overlay) -> None:
    """Lay `overlay` over a picture and into the strip below it, whatever stood there."""
    line = line_height(picture.width, picture.height)
    for shown in sorted(overlay.shown, key=lambda one: one.kind == "plate"):
        _draw_shown(picture, shown, line)
    _draw_strip(strip, overlay)


def strip_height(width: int, height: int) -> int:
    """Return how high the strip below a picture of that size is; even, as H.264 wants it."""
    return max(_STRIP_LEAST, min(width, height) // _STRIP_SHARE // 2 * 2)


def line_height(width: int, height: int) -> int:
    """Return the height of a line of words: read on a phone, and small on a large picture."""
    return max(
        16, min(width, height) // 32
    )  # at 16, coding leaves 0 and O apart; at 12 it does not


def _draw_strip(strip: Canvas, overlay: Overlay) -> None:
    """Put the latest event first, the clock last, and between them what else there is room for.

    In a narrow picture the clock gives way: the event bears its own time.
    """
    line = strip.height * 3 // 7  # two of them, and a banner's margin
    strip.paste(ground(strip.width, strip.height), 0, 0)
    time = clock(overlay.clock, line)
    latest = [banner(n.event, n.clock, _fitting(n, line, strip.width)) for n in overlay.notices[:1]]
    left = sum(patch.width + _GAP for patch in latest)
    for patch in latest:
        strip.paste(patch, 0, 0)
    if overlay.clock and left + time.width <= strip.width:
        strip.paste(time, strip.width - time.width, 0)
    for notice in overlay.notices[1:]:
        patch = banner(notice.event, notice.clock, line)
        if left + patch.width + _GAP + time.width > strip.width:
            break
        strip.paste(patch, left, 0)
        left += patch.width + _GAP


def _fitting(notice: Notice, line: int, width: int) -> int:
    """Return the greatest height at which the whole banner fits, for narrow upright pictures."""
    while line > _LINE_LEAST and banner(notice.event, notice.clock, line).width > width:
        line -= 1
    return line


def _draw_shown(canvas: Canvas, shown: Shown, line: int) -> None:
    left, top, right, bottom = corners = _pixels(shown.box, canvas)
    colour = OF_BOX[shown.kind]
    canvas.outline(corners, colour, max(2, line // 8))
    if shown.plate is not None:
        patch = plaque(shown.plate, line * 5 // 4)
        _beside(canvas, patch, left + (right - left - patch.width) // 2, (top, bottom))
    else:
        track = "" if shown.track is None else f" {shown.track}"
        kind = "" if shown.kind == "plate" else shown.kind
        patch = label(f"{kind}{track} {shown.score:.2f}".strip(), line, colour)
        _beside(canvas, patch, left, (top, bottom))


def _beside(canvas: Canvas, patch: Patch, left: int, sides: tuple[int, int]) -> None:
    """Put a part above a box, below it at the upper border, and never over the sides."""
    top = sides[0] - patch.height
    if top < 0:
        top = min(sides[1], canvas.height - patch.height)
    canvas.paste(patch, max(0, min(left, canvas.width - patch.width)), top)


def _pixels(box: Box, canvas: Canvas) -> tuple[int, int, int, int]:
    return (
        round(box.left * canvas.width),
        round(box.top * canvas.height),
        round(box.right * canvas.width),
        round(box.bottom * canvas.height),
    )
