"""Gate scenes drawn with known truth: vehicles in 3-D, lit, projected, with real plates.

`scene(name)` gives a scene by name, `frames` draws it, `passages` tells what is true of it,
`write_clip` makes a film of it. All are seeded: the same scene gives the same bytes.
"""

from models.drawing.scenes.catalogue import names, passages_of, scene
from models.drawing.scenes.clips import film_name, truth_table, write_clip, write_films
from models.drawing.scenes.pictures import frames
from models.drawing.scenes.truth import passages, times, truths
from models.drawing.scenes.values import (
    Expected,
    FrameTruth,
    PassageTruth,
    Scene,
    SeenPlate,
    SeenVehicle,
)

__all__ = [
    "Expected",
    "FrameTruth",
    "PassageTruth",
    "Scene",
    "SeenPlate",
    "SeenVehicle",
    "film_name",
    "frames",
    "names",
    "passages",
    "passages_of",
    "scene",
    "times",
    "truth_table",
    "truths",
    "write_clip",
    "write_films",
]
