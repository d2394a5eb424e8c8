"""What lies over one picture, and how it is laid: the film, the window and stills draw the same."""

from __future__ import annotations

from dataclasses import dataclass

from contract.event import Event
from edge.outputs.canvas import Canvas, Patch
from edge.outputs.parts import GROUND, OF_BOX, Spelled, banner, label, plaque, words
from edge.values import Box, Kind

_BANNERS_MAX = 3  # beyond, they would cover the gate


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
    """All that lies over one picture."""

    shown: tuple[Shown, ...] = ()
    notices: tuple[Notice, ...] = ()  # the latest first
    clock: str = ""


def draw(canvas: Canvas, overlay: Overlay) -> None:
    """Lay `overlay` over the picture; banners last, so that nothing covers them."""
    line = line_height(canvas.width, canvas.height)
    for shown in sorted(overlay.shown, key=lambda one: one.kind == "plate"):
        _draw_shown(canvas, shown, line)
    if overlay.clock:
        clock = words(overlay.clock, line, GROUND)
        canvas.paste(clock, 0, canvas.height - clock.height)
    top = 0
    for notice in overlay.notices[:_BANNERS_MAX]:
        patch = banner(notice.event, notice.clock, _fitting(notice, line, canvas.width))
        canvas.paste(patch, 0, top)
        top += patch.height + 2


def line_height(width: int, height: int) -> int:
    """Return the height of a line of words: read on a phone, and small on a large picture."""
    return max(
        16, min(width, height) // 32
    )  # at 16, coding leaves 0 and O apart; at 12 it does not


def _fitting(notice: Notice, line: int, width: int) -> int:
    """Return the greatest height at which the whole banner fits, for narrow upright pictures."""
    while line > 12 and banner(notice.event, notice.clock, line).width > width:
        line -= 2
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
