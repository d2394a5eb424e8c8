"""The plain ways through a clip, which ours is held against."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.race import Spent, Watch
from contract.plates import normalise
from edge.belonging import owner
from edge.detection import Detector
from edge.reading import Reader
from edge.reading.crops import cut
from edge.sources.files import Recording
from edge.values import Detection, Frame, Image


class Stretches:
    """A clip's frames by stretches; those between two stretches are decoded and thrown away."""

    def __init__(self, clip: Recording) -> None:
        self._frames = iter(clip)
        self._next = 0

    def forward(self, first: int) -> None:
        """Go to frame `first`."""
        while self._next < first and next(self._frames, None) is not None:
            self._next += 1

    def take(self, count: int) -> Iterator[Frame]:
        """Give the next frames, at most so many."""
        for _ in range(count):
            frame = next(self._frames, None)
            if frame is None:
                return
            self._next += 1
            yield frame


class Decoding:
    """Decodes every frame to BGR and throws it away: nothing that sees can be faster."""

    def __init__(self, clip: Recording) -> None:
        self._stretches = Stretches(clip)

    def walk(self, first: int, count: int) -> Spent:
        self._stretches.forward(first)
        watch = Watch()
        for frame in self._stretches.take(count):
            _ = frame.image
        return watch.spent()


class Plain:
    """The detector on every frame, the reader on every vehicle of every frame."""

    def __init__(self, clip: Recording, detector: Detector, reader: Reader) -> None:
        self._stretches = Stretches(clip)
        self._detector = detector
        self._reader = reader
        self.read: dict[str, list[int]] = {}  # in which frames each text was read

    def walk(self, first: int, count: int) -> Spent:
        self._stretches.forward(first)
        watch = Watch()
        for frame in self._stretches.take(count):
            (detections,) = self._detector.detect([frame.image])
            crops = vehicle_crops(frame.image, detections, self._reader.margin)
            texts = {normalise(one.text) for one in self._reader.read(crops)} if crops else set()
            for text in texts - {""}:
                self.read.setdefault(text, []).append(frame.index)
        return watch.spent()


def vehicle_crops(image: Image, detections: list[Detection], margin: float) -> list[Image]:
    """Return a crop of each vehicle: of its plate, or of all of it where no plate was found."""
    vehicles = {n: d.box for n, d in enumerate(detections) if d.kind != "plate"}
    plates = [d.box for d in detections if d.kind == "plate"]
    of_vehicle = {owner(plate, vehicles): plate for plate in reversed(plates)}  # the best stays
    return [
        cut(image, of_vehicle[n], margin) if n in of_vehicle else cut(image, box, 0.0)
        for n, box in vehicles.items()
    ]
