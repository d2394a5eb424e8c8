"""The light a scene stands in: what a lot looks like by day, at dusk, at night, in rain.

All strengths are what the camera's exposure makes of them, so a night is not black but a
dark, noisy picture: the camera has opened its shutter, which also lengthens the blur.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

Condition = Literal["day", "dusk", "night", "infrared", "rain"]
CONDITIONS: tuple[Condition, ...] = ("day", "dusk", "night", "infrared", "rain")

Colour = tuple[float, float, float]  # blue green red, 0..255


@dataclass(frozen=True, slots=True)
class Light:
    sun: tuple[float, float, float]  # towards it, in the lot's axes
    sun_strength: float
    ambient: float
    zenith: Colour
    horizon: Colour
    tint: Colour  # factors, not a colour: what the light does to every surface
    lamps_on: bool
    own_lamp: float  # the lamp or IR light beside the camera, at 5 m
    exposure_seconds: float
    noise: float  # standard deviation in grey levels
    wet: bool = False
    grey: bool = False  # an IR camera at night knows no colour


DAY = Light(
    sun=(-0.45, -0.35, 0.82), sun_strength=0.62, ambient=0.52,
    zenith=(226, 178, 122), horizon=(240, 228, 214), tint=(1.0, 1.0, 1.0),
    lamps_on=False, own_lamp=0.0, exposure_seconds=1 / 500, noise=1.2,
)  # fmt: skip
DUSK = Light(
    sun=(0.2, 0.9, 0.35), sun_strength=0.10, ambient=0.45,
    zenith=(128, 92, 74), horizon=(142, 148, 196), tint=(1.06, 0.97, 0.97),
    lamps_on=True, own_lamp=0.10, exposure_seconds=1 / 120, noise=2.6,
)  # fmt: skip
NIGHT = Light(
    sun=(0.5, 0.5, 0.7), sun_strength=0.05, ambient=0.14,
    zenith=(26, 18, 14), horizon=(46, 38, 36), tint=(0.92, 1.0, 1.08),
    lamps_on=True, own_lamp=0.50, exposure_seconds=1 / 150, noise=4.0,
)  # fmt: skip
RAIN = replace(
    DAY, sun_strength=0.06, ambient=0.66, zenith=(176, 168, 160), horizon=(200, 196, 192),
    tint=(1.03, 1.0, 0.96), exposure_seconds=1 / 200, noise=1.8, wet=True, lamps_on=True,
)  # fmt: skip

INFRARED = replace(NIGHT, own_lamp=0.72, tint=(1.0, 1.0, 1.0), exposure_seconds=1 / 250, grey=True)

LIGHTS: dict[Condition, Light] = {
    "day": DAY,
    "dusk": DUSK,
    "night": NIGHT,
    "infrared": INFRARED,
    "rain": RAIN,
}
