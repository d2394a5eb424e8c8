"""Finding vehicles and plates in a picture, through whichever runtime was chosen."""

from collections.abc import Sequence
from typing import Protocol

from edge.values import Detection, Image


class Detector(Protocol):
    """Finds vehicles and plates: a network in production, a written list in the tests."""

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        """Return what each picture shows, in the order of the pictures, best score first."""
