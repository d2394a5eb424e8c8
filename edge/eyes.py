"""The eyes as a lot chose them: a detector and a reader, each by its name, with their weights."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from edge.detection import Detector
from edge.detection.choice import NAMES as DETECTORS
from edge.detection.choice import detector
from edge.reading import Reader
from edge.reading.choice import NAMES as READERS
from edge.reading.choice import reader, weights_of
from edge.settings import Settings
from edge.weights import checked
from lot.errors import WrongUsage


@dataclass(frozen=True, slots=True)
class Eyes:
    """What sees and what reads, and by which weights."""

    detector: Detector
    reader: Reader
    models: Mapping[str, str]  # their SHA-256, by the names that events give them


def opened(settings: Settings) -> Eyes:
    """Open both engines; a LotError names what is wrong with either."""
    return Eyes(
        detector(settings.detector, settings.detector_weights, threads=settings.threads),
        reader(
            settings.reader,
            settings.reader_weights,
            threads=settings.threads,
            asked=settings.asked,
        ),
        model_hashes(settings),
    )


def model_hashes(settings: Settings) -> Mapping[str, str]:
    """Return the SHA-256 of the weights, by the names that events give them."""
    weights = {"plate_detector": settings.detector_weights}
    readers = weights_of(settings.reader, settings.reader_weights, settings.asked)
    for number, path in enumerate(readers, start=1):
        weights["plate_recognizer" if number == 1 else f"plate_recognizer_{number}"] = path
    return {name: checked(path).sha256 for name, path in weights.items()}


def with_engines(settings: Settings, names: Sequence[str]) -> Settings:
    """Let each name replace the detector or the reader, whichever is called so."""
    for name in names:
        if name in DETECTORS:
            settings = replace(settings, detector=name)
        elif name in READERS:
            settings = replace(settings, reader=name)
        else:
            raise WrongUsage(
                f"there is no engine {name!r}",
                then=f"detectors: {', '.join(DETECTORS)}; readers: {', '.join(READERS)}",
            )
    return settings
