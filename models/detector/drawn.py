"""Drawn gate scenes as a set of pictures, with every vehicle and plate known.

The photos show no gate like the user's, few trucks and few motorcycles, and the product's own
tests are drawn. So a share of what is learned from is drawn too: each scene of the catalogue,
under each light, from a camera hung a little otherwise every time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np

from edge.values import KINDS, Box, Image
from models.detector.layout import label_line
from models.drawing.scenes.camera import Mount
from models.drawing.scenes.catalogue import names, scene
from models.drawing.scenes.light import CONDITIONS
from models.drawing.scenes.pictures import frames
from models.drawing.scenes.values import FrameTruth, Scene

SIZE = (1280, 720)
KEPT = (832, 468)  # twice the size it is learned at: nothing more would be seen of it
QUALITY = 85
SECONDS_BETWEEN = 2.5  # a rolling car is elsewhere by then
FRAMES_A_SCENE = 12  # a few scenes last two minutes and would outweigh the others
EMPTY_KEPT = 0.1  # of the frames without a vehicle: they teach what a gate without one is
PLATE_MIN = 8 / 416  # of the picture's width: below it nothing of a plate is left at 416


@dataclass(frozen=True)
class Drawn:
    """One picture with its boxes."""

    name: str
    image: Image
    boxes: tuple[tuple[str, Box], ...]


def draw_set(folder: Path, pictures: int, seed: int) -> int:
    """Write `pictures` drawn pictures as a YOLO set into `folder`; return how many there are.

    The same seed draws the same pictures.
    """
    for part in ("images", "labels"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    (folder / "classes.txt").write_text("\n".join(KINDS))
    count = 0
    for drawn in drawings(seed):
        image = cv2.resize(drawn.image, KEPT, interpolation=cv2.INTER_AREA)
        path = folder / "images" / f"{drawn.name}.jpg"
        cv2.imwrite(str(path), image, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
        lines = "".join(label_line(kind, box) for kind, box in drawn.boxes)
        (folder / "labels" / f"{drawn.name}.txt").write_text(lines)
        count += 1
        if count == pictures:
            break
    return count


def drawings(seed: int) -> Iterator[Drawn]:
    """Yield drawings without end: the scenes in turn, each time under another light."""
    random = np.random.default_rng(seed)
    known = names()
    number = 0
    while True:
        condition = CONDITIONS[number % len(CONDITIONS)]
        name = known[(number * 7) % len(known)]  # neighbours in the catalogue look alike
        made = scene(name, condition, seed + number, SIZE, fps=1 / SECONDS_BETWEEN)
        made = _hung_otherwise(made, random)
        kept = 0
        for view in made.views:
            for truth, image in frames(made, view.name):
                boxes = tuple(labels(truth))
                if kept == FRAMES_A_SCENE:
                    break
                if boxes or random.random() < EMPTY_KEPT:
                    kept += 1
                    stem = f"{number:05d}-{name}-{condition}-{view.name}-{truth.index:03d}"
                    yield Drawn(stem, image, boxes)
        number += 1


def labels(truth: FrameTruth) -> Iterator[tuple[str, Box]]:
    """Give the boxes that a person would draw: vehicles in sight, plates that can be made out."""
    for vehicle in truth.vehicles:
        if vehicle.hidden:
            continue
        yield vehicle.kind, vehicle.box
        plate = vehicle.plate
        if plate is not None and plate.whole and plate.box.width >= PLATE_MIN:
            yield "plate", plate.box


def _hung_otherwise(made: Scene, random: np.random.Generator) -> Scene:
    def moved(mount: Mount) -> Mount:
        return replace(
            mount,
            height=mount.height * random.uniform(0.8, 1.3),
            lateral=mount.lateral + random.uniform(-0.6, 0.6),
            down=mount.down + random.uniform(-3, 3),
            right=mount.right + random.uniform(-5, 5),
            view=mount.view * random.uniform(0.8, 1.15),
        )

    return replace(made, views=tuple(replace(view, mount=moved(view.mount)) for view in made.views))
