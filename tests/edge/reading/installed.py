"""What an engine that is installed here is tried on."""

from importlib.util import find_spec
from pathlib import Path

import cv2
import numpy as np

from edge.values import Image


def drawn(text: str) -> Image:
    """Draw plain print, which every engine reads."""
    image = np.full((64, 240, 3), 255, np.uint8)
    cv2.putText(image, text, (10, 48), cv2.FONT_HERSHEY_SIMPLEX, 1.5, (0, 0, 0), 4)
    return image


def easyocr_weights() -> Path:
    """Return the folder of the package that carries EasyOCR's English weights, if it is there."""
    package = find_spec("easyocr_en_models")
    if package is None or not package.submodule_search_locations:
        return Path("no weights of EasyOCR")
    return Path(package.submodule_search_locations[0]) / "models"
