"""The alphabets that plates are lettered in, by name."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from models.drawing.dies import Dies
from models.drawing.glyphs import fonts
from models.drawing.lettering import Alphabet

_DIES = {
    "dies": Dies(),
    "dies-thin": Dies(pen=0.1, body=0.5),
    "dies-narrow": Dies(pen=0.12, body=0.44, roundness=0.8),
    "dies-round": Dies(pen=0.13, body=0.54, roundness=1.0),
    "dies-square": Dies(pen=0.12, body=0.52, roundness=0.3),
    "dies-serif": Dies(pen=0.13, body=0.52, roundness=0.6, serifs=True),
    "dies-heavy": Dies(pen=0.17, body=0.56, roundness=0.7),
}
_FONTS = {
    "bebas": ("BebasNeue-Bold", 1.0),
    "din": ("OSP-DIN", 1.12),
    "din-wide": ("OSP-DIN", 1.35),
    "routed": ("routed-gothic-narrow", 0.9),
    "routed-narrow": ("routed-gothic-narrow", 0.75),
    "road-narrow": ("RG2014B", 1.0),
    "road-condensed": ("RG2014C", 1.0),
    "road": ("RG2014D", 0.95),
    "road-wide": ("RG2014E", 1.0),
    "sans": ("DejaVuSansCondensed-Bold", 0.85),
    "serif": ("DejaVuSerifCondensed-Bold", 0.9),
    "roboto": ("RobotoCondensed-Bold", 0.9),
    "black": ("Roboto-Black", 1.0),
    "square": ("GemunuLibre-Bold", 0.85),
    "park": ("NationalPark-Heavy", 0.85),
    "play": ("Play-Bold", 0.85),
}
FACES: tuple[str, ...] = (*_DIES, *_FONTS)
TITLES: tuple[str, ...] = ("sans", "serif", "roboto", "black", "play", "road-wide", "bebas")


@cache
def face(name: str) -> Alphabet:
    """Return the alphabet of that name."""
    if name in _DIES:
        return _DIES[name]
    font, stretch = _FONTS[name]
    return replace(fonts()[font], stretch=stretch)
