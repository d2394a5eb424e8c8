"""The eyes as a lot chose them: a detector and a reader, each by its name, with their weights."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from edge.detection import Detector
from edge.detection.choice import NAMES as DETECTORS
from edge.detection.choice import detector
from edge.reading import Reader
from edge.reading.choice import NAMES as READERS
from edge.reading.choice import reader, weights_of
from edge.settings import Settings
from edge.weights import checked, threads_here
from lot.errors import WrongUsage

# Run on the processor's cores, and small: there may be several. A GPU is there once.
_LIGHT_DETECTORS = frozenset({"onnx", "openvino"})
_LIGHT_READERS = frozenset({"crnn"})


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


def several(settings: Settings, cameras: int, open_eyes: Callable[[Settings], Eyes]) -> list[Eyes]:
    """Open as many eyes as may look at once: for each camera, while there are cores for them.

    Two networks of one thread each take two pictures in 0.7 of the time that one network of two
    threads takes for them, and in 0.86 of its processor time (docs/runtimes.md).
    """
    cores = settings.threads or threads_here()
    light = settings.detector in _LIGHT_DETECTORS and settings.reader in _LIGHT_READERS
    count = max(1, min(cameras, cores)) if light else 1
    own = replace(settings, threads=cores // count) if count > 1 else settings
    return [open_eyes(own) for _ in range(count)]


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
