"""The closed shapes of a vehicle: where a share of a body's width lies in space."""

from __future__ import annotations

import numpy as np

from models.drawing.scenes.bodies import Body, Outline, Stuff
from models.drawing.scenes.camera import Floats

_STRIP_LONGEST = 0.35  # metres; longer ones would be shaded in visible steps

_CORNER = 0.12  # metres of each side that a rounding takes at most


class Solid:
    """A body with its smoothed profile."""

    def __init__(self, body: Body) -> None:
        self.body = body
        self.points, self.stuffs = _cut(body)
        xs = self.points[:, 0]
        self.middle, self.half = (xs.max() + xs.min()) / 2, (xs.max() - xs.min()) / 2
        self.top = float(self.points[:, 1].max())
        low, belt = body.sill, body.belt
        self._levels: tuple[float, ...] = (
            low - 0.1,
            low + 0.1,
            low + 0.38,
            belt - 0.15,
            belt,
            belt + 0.07,
            self.top,
        )
        shoulder = 0.93 - 0.12 * (0.93 - body.roof_share)
        widths = (0.90, 0.955, 1.0, 0.97, 0.93, shoulder, body.roof_share)
        self._widths: tuple[float, ...] = widths
        if not body.nose:
            self._levels = (low, min(belt, self.top - 0.01), self.top)
            self._widths = ((1 + body.roof_share) / 2, 1.0, body.roof_share)
        closed = np.vstack([self.points, self.points[:1]])
        self._from, self._to = closed[:-1], closed[1:]

    def placed(self, x: Floats, share: Floats, z: Floats) -> Floats:
        """Return the surface's points at these lengths, shares of half width and heights."""
        body = self.body
        along = (x - self.middle) / self.half
        section = np.interp(z, self._levels, self._widths)
        taper = 1 - (0.10 if body.nose else 0.0) * np.abs(along) ** 6
        crown = 0.05 * share**2 * np.clip((z - 0.6) / 0.5, 0, 1) * (1 if body.nose else 0)
        bowed = x - body.nose * along**3 * share**2
        return np.stack([bowed, share * body.width / 2 * section * taper, z - crown], axis=-1)

    def heights(self, x: float) -> tuple[float, float]:
        """Return the lowest and highest point of the profile at this length."""
        return self._extent(x, 0)

    def front(self, z: float) -> float:
        """Return the foremost length of the profile at this height."""
        return self._extent(z, 1)[1]

    def screen(self) -> tuple[float, float]:
        """Return the lowest and highest point of the windscreen."""
        ahead = [
            (low[1], high[1])
            for low, high, stuff in zip(self.points[:-1], self.points[1:], self.stuffs, strict=True)
            if stuff == "glass" and low[1] < high[1]
        ]
        return float(ahead[0][0]), float(ahead[-1][1])

    def rear(self, z: float) -> float:
        return self._extent(z, 1)[0]

    def on_front(self, outline: Outline) -> Floats:
        """Place an outline of (share of half width, height) upon the front."""
        return self._on([self.front(z) for _, z in outline], outline)

    def on_rear(self, outline: Outline) -> Floats:
        return self._on([self.rear(z) for _, z in outline], outline)

    def on_side(self, outline: Outline, side: float) -> Floats:
        """Place an outline of (length, height) upon the left (1) or right (-1) side."""
        x, z = np.array(outline).T
        return self.placed(x, np.full(len(x), side), z)

    def _on(self, lengths: list[float], outline: Outline) -> Floats:
        share, z = np.array(outline).T
        return self.placed(np.array(lengths), share, z)

    def _extent(self, at: float, axis: int) -> tuple[float, float]:
        begin, end = self._from[:, axis], self._to[:, axis]
        inside = float(np.clip(at, self.points[:, axis].min(), self.points[:, axis].max()))
        crossing = (np.minimum(begin, end) <= inside) & (np.maximum(begin, end) >= inside)
        begin, end = begin[crossing], end[crossing]
        share = np.clip((inside - begin) / np.where(end == begin, 1.0, end - begin), 0, 1)
        other = 1 - axis
        found = self._from[crossing, other] * (1 - share) + self._to[crossing, other] * share
        return float(found.min()), float(found.max())


def _cut(body: Body) -> tuple[Floats, list[Stuff]]:
    """Cut each inner corner of the profile, so that bonnet and roof are round; split strips."""
    points = np.array([(x, z) for x, z, _ in body.profile])
    stuffs: list[Stuff] = [stuff for _, _, stuff in body.profile][:-1]
    if not body.nose:
        return points, stuffs
    cut, kept = [points[0]], []
    for begin, end, stuff in zip(points[:-1], points[1:], stuffs, strict=True):
        long = float(np.linalg.norm(end - begin))
        pieces = max(1, int(np.ceil(long * 0.6 / _STRIP_LONGEST)))
        corner = min(0.22, _CORNER / long)
        steps = np.linspace(corner, 1 - corner, pieces + 1)
        cut += [begin * (1 - share) + end * share for share in steps]
        kept += [stuff] * (pieces + 1)
    cut.append(points[-1])
    return np.array(cut), [*kept, stuffs[-1]]


def shrunk(outline: Outline, to: float) -> Outline:
    """Return the outline made smaller (or, above 1, larger) about its middle."""
    points = np.array(outline)
    middle = points.mean(axis=0)
    return tuple((float(x), float(z)) for x, z in middle + (points - middle) * to)


def ellipse(x: float, z: float, wide: float, high: float, corners: int = 12) -> Outline:
    turns = np.linspace(0, 2 * np.pi, corners, endpoint=False)
    return tuple((x + wide * float(np.cos(t)), z + high * float(np.sin(t))) for t in turns)


def oblong(left: float, right: float, low: float, high: float) -> Outline:
    return (left, low), (right, low), (right, high), (left, high)
