"""Reading a plate's text from a crop, through whichever engine was chosen."""

from collections.abc import Sequence
from typing import Protocol

from edge.values import Image, Reading


class Reader(Protocol):
    """Reads crops of plates: weights in production, a written list in the tests."""

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order.

        Nothing legible is a reading with empty text; an exception is a broken engine.
        """
