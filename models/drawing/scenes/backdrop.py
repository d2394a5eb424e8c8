"""The empty gate: the ground, a fence, houses and trees beyond the street, a kiosk.

Drawn once a view and condition and then only copied, since nothing of it moves. What does
move in an empty lot (the shadow of leaves) is in `idle`.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.random import Generator

from edge.values import Image
from models.drawing.scenes.camera import Camera, Floats
from models.drawing.scenes.ground import FENCE, STREET, Site, lit_ground
from models.drawing.scenes.light import Light


def backdrop(site: Site, camera: Camera, light: Light, rng: Generator) -> Image:
    """Return the empty view, without noise, lit as the condition wants."""
    picture = np.clip(lit_ground(site, camera, light, rng), 0, 255).astype(np.uint8)
    glow = light.ambient + light.sun_strength * 0.7 + 0.05 * (light.own_lamp > 0)
    _background(picture, camera, glow, light, rng)
    _markings(picture, site, camera, lit_at=light.ambient + light.sun_strength * 0.8)
    _kiosk(picture, site, camera, glow, light)
    return np.asarray(cv2.GaussianBlur(picture, (3, 3), 0.6), np.uint8)


def filled(picture: Image, camera: Camera, points: Floats, colour: object) -> None:
    """Fill a flat polygon of the lot's points, smoothly edged, in place."""
    shape = (camera.pixels(points) * 16).astype(np.int32)
    cv2.fillPoly(picture, [shape], colour, cv2.LINE_AA, 4)  # type: ignore[call-overload]  # cv2 takes any colour


def _quad(x: tuple[float, float], y: float, z: tuple[float, float]) -> Floats:
    return np.array([(x[0], y, z[0]), (x[1], y, z[0]), (x[1], y, z[1]), (x[0], y, z[1])])


def _toned(colour: tuple[float, float, float], by: float) -> tuple[float, float, float]:
    return colour[0] * by, colour[1] * by, colour[2] * by


def _background(picture: Image, camera: Camera, glow: float, light: Light,
                rng: Generator) -> None:  # fmt: skip
    """Put houses, a hedge and trees beyond the street."""
    x = -26.0
    while x < 26:
        wide, high = rng.uniform(5, 11), rng.uniform(5, 9)
        tone = rng.uniform(0.7, 1.1)
        wall = [(150, 170, 190), (178, 184, 188), (110, 126, 160), (160, 160, 158)][
            int(rng.integers(4))
        ]
        filled(picture, camera, _quad((x, x + wide), 46, (0, high)), _toned(wall, glow * tone))
        for left in np.arange(x + 0.8, x + wide - 1.2, 2.2).tolist():
            for low in np.arange(1.0, high - 1.6, 2.8).tolist():
                lit = light.lamps_on and rng.random() < 0.3
                pane = (120.0, 190.0, 235.0) if lit else _toned((92, 84, 74), glow)
                filled(picture, camera, _quad((left, left + 1.1), 46, (low, low + 1.4)), pane)
        x += wide + rng.uniform(0, 4)
    for crown in np.arange(-20, 21, 4.0).tolist():
        _foliage(picture, camera, (crown + rng.uniform(-1, 1), 38.0, rng.uniform(2.4, 4.5)),
                 rng.uniform(1.4, 2.6), glow, rng)  # fmt: skip
    tone = 0.8 * glow
    filled(picture, camera, _quad((-30, 30), FENCE, (0, 1.1)), _toned((86, 104, 96), tone))
    for post in np.arange(-30, 30, 0.16).tolist():
        shade = tone * rng.uniform(0.75, 1.2)
        top = 1.0 + rng.uniform(-0.05, 0.12)
        plank = _quad((post, post + 0.15), FENCE, (0, top))
        filled(picture, camera, plank, _toned((70, 108, 84), shade))


def _foliage(picture: Image, camera: Camera, at: tuple[float, float, float], size: float,
             glow: float, rng: Generator) -> None:  # fmt: skip
    x, y, z = at
    trunk = _quad((x - 0.14, x + 0.14), y, (0, z))
    filled(picture, camera, trunk, _toned((52, 66, 82), glow))
    spots = rng.normal(0, 1, (260, 2)) * size * (0.42, 0.34)
    for across, up in spots[np.argsort(spots[:, 1])]:
        middle = camera.pixels(np.array([x + across, y, z + up]))
        radius = camera.focal / y * rng.uniform(0.08, 0.2)
        bright = glow * rng.uniform(0.55, 1.0) * (1 + 0.25 * up / size)
        cv2.circle(picture, (int(middle[0] * 16), int(middle[1] * 16)), int(radius * 16),
                   _toned((48, 108, 76), bright), -1, cv2.LINE_AA, 4)  # fmt: skip


def _markings(picture: Image, site: Site, camera: Camera, *, lit_at: float) -> None:
    paint = _toned((206, 212, 214), lit_at)
    left, right = site.drive

    def flat(x: tuple[float, float], y: tuple[float, float]) -> Floats:
        return np.array([(x[0], y[0], 0), (x[1], y[0], 0), (x[1], y[1], 0), (x[0], y[1], 0)])

    filled(
        picture,
        camera,
        flat((left + 0.3, right - 0.3), (site.stop_line, site.stop_line + 0.3)),
        paint,
    )
    for line in site.lanes:
        filled(picture, camera, flat((line - 0.06, line + 0.06), (4.5, STREET[0] - 2)), paint)
    for dash in np.arange(-24, 24, 5.0).tolist():
        middle = sum(STREET) / 2
        strip = flat((dash, dash + 2.4), (middle - 0.07, middle + 0.07))
        filled(picture, camera, strip, paint)


def _kiosk(picture: Image, site: Site, camera: Camera, glow: float, light: Light) -> None:
    near, far, x = 30.2, 32.2, site.kiosk
    front = _quad((x, x + 2.0), near, (0, 2.6))
    side = np.array([(x, near, 0), (x, far, 0), (x, far, 2.6), (x, near, 2.6)])
    filled(picture, camera, side, _toned((150, 156, 160), glow * 0.85))
    filled(picture, camera, front, _toned((176, 184, 190), glow))
    pane: object = (130, 200, 235) if light.lamps_on else _toned((104, 92, 80), glow)
    filled(picture, camera, _quad((x + 0.2, x + 1.8), near, (1.1, 2.2)), pane)
    window = np.array(
        [(x, near + 0.4, 1.1), (x, far - 0.4, 1.1), (x, far - 0.4, 2.2), (x, near + 0.4, 2.2)]
    )
    filled(picture, camera, window, pane)
