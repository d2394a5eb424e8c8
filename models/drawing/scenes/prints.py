"""Flat pictures on vehicles and beside the drive: plates with their mud, stickers, signs."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np

from edge.values import Image
from models.drawing.plates import designs, drawn_plate
from models.drawing.scenes.bodies import MODELS
from models.drawing.scenes.camera import Floats
from models.drawing.scenes.light import Colour
from models.drawing.scenes.truth import plate_corners
from models.drawing.scenes.values import Actor, Plate, Sticker
from models.drawing.scenes.vehicles import Print

_PLATE_HEIGHT = 128  # more than any scene shows; halved until it fits


@lru_cache(maxsize=64)
def prints(actor: Actor, seed: int) -> tuple[Print, ...]:
    """Return everything flat on a vehicle."""
    found = []
    for front, plate in ((True, actor.front), (False, actor.rear)):
        corners = plate_corners(actor, front=front)
        if plate is not None and corners is not None:
            # A plate throws the camera's light back to where it came from, paint does not.
            found.append(Print(corners, _halved(_plate_picture(plate, seed)), shine=1.5))
    for sticker in actor.stickers:
        picture = text_picture(sticker.text, sticker.ground, sticker.ink)
        found += [
            Print(corners, _halved(picture)) for corners in _stuck(actor.model, sticker, picture)
        ]
    return tuple(found)


def _plate_picture(plate: Plate, seed: int) -> Image:
    rng = np.random.default_rng([seed, *plate.text.encode()])
    picture = drawn_plate(plate.text, designs()[plate.design], _PLATE_HEIGHT, rng)
    if plate.covered > 0:
        picture = _muddy(picture, plate.covered, rng)
    return np.ascontiguousarray(np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)]))


def _muddy(picture: Image, covered: float, rng: np.random.Generator) -> Image:
    """Return the plate under mud that leaves open only a share of it."""
    height, width = picture.shape[:2]
    loose = rng.normal(0, 1, (height, width)).astype(np.float32)
    clumps = np.asarray(cv2.GaussianBlur(loose, (0, 0), height / 7), np.float32)
    hidden = clumps < np.quantile(clumps, covered)
    mask = np.asarray(cv2.GaussianBlur(hidden.astype(np.float32), (0, 0), height / 40))[..., None]
    mud = np.array([62, 78, 94], np.float32) + rng.normal(0, 7, (height, width, 1))
    return np.clip(picture * (1 - mask) + mud * mask, 0, 255).astype(np.uint8)


def _halved(picture: Image) -> tuple[Image, ...]:
    """Return the picture with its halves, so that a far plate is averaged, not sampled."""
    sizes = [picture]
    while min(sizes[-1].shape[:2]) >= 12:
        height, width = sizes[-1].shape[:2]
        half = cv2.resize(sizes[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA)
        sizes.append(half.astype(np.uint8))
    return tuple(sizes)


def text_picture(text: str, ground: Colour, ink: Colour) -> Image:
    """Return a sticker or sign with this text, opaque."""
    scale, thick, margin = 2.0, 4, 16
    (width, height), base = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, thick)
    picture = np.empty((height + base + 2 * margin, width + 2 * margin, 4), np.uint8)
    picture[:] = (*ground, 255)
    at = (margin, margin + height)
    cv2.putText(picture, text, at, cv2.FONT_HERSHEY_DUPLEX, scale, (*ink, 255), thick, cv2.LINE_AA)
    return picture


def _stuck(model: str, sticker: Sticker, picture: Image) -> list[Floats]:
    """Return where a sticker sits: on a side it is on both."""
    body = MODELS[model].bodies[-1]
    high = sticker.wide * picture.shape[0] / picture.shape[1]
    wide = sticker.wide / 2
    if sticker.where == "side":
        z = (body.sill + max(z for _, z, _ in body.profile)) * 0.52
        middle = (max(x for x, _, _ in body.profile) + min(x for x, _, _ in body.profile)) / 2
        middle -= 0.3 * sticker.wide  # behind the driver's door
        out = body.width / 2 + 0.03
        return [
            np.array(
                [(middle + side * wide, side * out, z + high / 2),
                 (middle - side * wide, side * out, z + high / 2),
                 (middle - side * wide, side * out, z - high / 2),
                 (middle + side * wide, side * out, z - high / 2)]
            )
            for side in (1.0, -1.0)
        ]  # fmt: skip
    shape = MODELS[model]
    if sticker.where == "front":
        x, side, z = shape.front + 0.04, 1.0, shape.front_plate + 0.30
    else:
        x, side, z = shape.rear - 0.04, -1.0, shape.rear_plate - 0.30
    aside = -side * body.width * 0.22
    return [
        np.array(
            [(x, aside - side * wide, z + high / 2), (x, aside + side * wide, z + high / 2),
             (x, aside + side * wide, z - high / 2), (x, aside - side * wide, z - high / 2)]
        )
    ]  # fmt: skip
