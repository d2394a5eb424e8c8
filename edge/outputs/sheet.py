"""A picture with its overlay laid on, and the strip below it: what window, film and page show."""

from __future__ import annotations

import numpy as np

from edge.outputs.canvas import Picture
from edge.outputs.drawing import Overlay, draw, strip_height
from edge.values import Image


def sheet(image: Image, overlay: Overlay) -> Image:
    """Return a copy of `image` with its overlay, as high as both."""
    height, width = image.shape[:2]
    drawn = Picture(np.pad(image, ((0, strip_height(width, height)), (0, 0), (0, 0))))
    draw(drawn.rows(0, height), drawn.rows(height, drawn.height), overlay)
    return drawn.image
