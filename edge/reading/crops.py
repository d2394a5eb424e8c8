"""A plate is cut from its frame here, and told whether it is worth reading, and if not, why.

How good a crop is decides which few of a track's crops are read, and gives the reason that an
event states when a plate could not be: too small, blurred, dark. All three are measured on
the plate itself, at one size, so that a near plate and a far one compare.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import cv2

from edge.values import Box, Image

Reason = Literal["too_small", "blurred", "dark"]

# A plate is judged at this width: at 96 px a stroke is two pixels wide, so what a blur takes
# from it is seen, while a sensor's noise, finer than that on a near plate, is averaged away.
_JUDGED_WIDTH, _JUDGED_HEIGHT = 96, 32
_FLAT = 4.0  # shades of grey; below this contrast there is nothing to be sharp


@dataclass(frozen=True, slots=True)
class Condition:
    """How a plate's crop is."""

    width: float  # of the plate in pixels of the source
    sharpness: float  # variance of the Laplacian over the variance of the shades
    brightness: float  # mean shade, 0 to 255


@dataclass(frozen=True, slots=True)
class Legible:
    """What a plate must be to be read."""

    # In pixels: below it a character has fewer than five, and a 0 is an 8.
    width_min: float = 40.0
    # By judgement: higher would call plates blurred that are still read, lower none at all. It
    # only names the reason where no reading was made, and hides none.
    sharpness_min: float = 0.15
    # A tenth of full, by judgement; it names a reason and hides no reading, either.
    brightness_min: float = 25.0


@dataclass(frozen=True, slots=True)
class Slack:
    """How much more is cut on each side than a reader wants, in parts of the plate."""

    across: float
    down: float


EXACT = Slack(0.0, 0.0)
# A detector's box is a little off, mostly in height, and a reader errs differently on each crop:
# three that vote read 3 plates in 100 more than one (`models.evaluate pictures`, docs/training.md).
CUTS = (EXACT, Slack(0.03, 0.1), Slack(-0.03, -0.1))


def cut(image: Image, box: Box, margin: float, slack: Slack = EXACT) -> Image:
    """Return the part of `image` in `box`, `margin` and `slack` of its size more on each side.

    It ends at the picture's borders and is a view: nothing is copied. It is empty only where
    the box lies outside, or less than nothing of it is wanted.
    """
    height, width = image.shape[:2]
    across, down = (margin + slack.across) * box.width, (margin + slack.down) * box.height
    left = max(0, round((box.left - across) * width))
    right = min(width, round((box.right + across) * width))
    top = max(0, round((box.top - down) * height))
    bottom = min(height, round((box.bottom + down) * height))
    return image[top : max(top, bottom), left : max(left, right)]


def inner(crop: Image, has: float, wants: float) -> Image:
    """Return of a crop that was cut with the margin `has` the part with the smaller margin `wants`.

    Where the picture's border was nearer than `has` the crop is narrower than that, which it
    does not tell: such a part lies off the plate's middle by as much.
    """
    share = (has - wants) / (1 + 2 * has)
    if share <= 0:
        return crop
    height, width = crop.shape[:2]
    down, across = round(share * height), round(share * width)
    return crop[down : height - down, across : width - across]


def condition(image: Image, box: Box) -> Condition:
    """Say how the plate in `box` is."""
    crop = cut(image, box, 0.0)
    width = box.width * image.shape[1]
    if not crop.size:
        return Condition(width, 0.0, 0.0)
    grey = cv2.cvtColor(crop, cv2.COLOR_BGR2GRAY)
    shrinks = crop.shape[1] > _JUDGED_WIDTH
    judged = cv2.resize(
        grey,
        (_JUDGED_WIDTH, _JUDGED_HEIGHT),
        interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR,
    )
    spread = float(judged.std())
    edges = cv2.Laplacian(judged, cv2.CV_32F)
    sharpness = float(edges.var()) / spread**2 if spread >= _FLAT else 0.0
    return Condition(width, sharpness, float(judged.mean()))


def reason(condition: Condition, legible: Legible) -> Reason | None:
    """Say why a plate so conditioned cannot be read, the gravest first; None if it can."""
    if condition.width < legible.width_min:
        return "too_small"
    if condition.brightness < legible.brightness_min:
        return "dark"
    if condition.sharpness < legible.sharpness_min:
        return "blurred"
    return None
