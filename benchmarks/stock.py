"""The plain way by the stock library's predictor: `YOLO(...).predict`, a frame at a time.

Our detector is given to it in the library's own form, a checkpoint that its torch runs: so
one uses it. (It would run the ONNX file too, through the same ONNX Runtime as the plain way.)

The library and its torch are training's, and live in an environment of their own; so this way
walks in a process of its own, which is told stretch by stretch when its turn is.

`python -m benchmarks.stock CLIP DETECTOR READER` answers `ready`, then for each line
`FIRST COUNT` the seconds that these frames took and those of the processor, and at the end what
was read, as JSON.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path

import numpy as np
import pytz

from benchmarks import TREE
from benchmarks.plain import Plain
from benchmarks.race import Spent
from edge.reading.choice import reader
from edge.sources.files import open_recording
from edge.values import KINDS, Box, Detection, Image
from models.detector.start import PICTURES, checkpoint

PYTHON = TREE / ".venv-train" / "bin" / "python"


class Predictor:
    """The stock library as one would use it: a picture in, boxes out, all settings as they come."""

    def __init__(self, weights: Path) -> None:
        from ultralytics import YOLO

        self._model = YOLO(str(weights), task="detect")

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        return [self._seen(image) for image in images]

    def _seen(self, image: Image) -> list[Detection]:
        (found,) = self._model.predict(image, verbose=False)
        boxes = found.boxes
        return [
            Detection(Box(*place), KINDS[int(kind)], score)
            for place, kind, score in zip(
                boxes.xyxyn.tolist(), boxes.cls.tolist(), boxes.conf.tolist(), strict=True
            )
            if kind < len(KINDS)
        ]


class Walker:
    """That process, seen from ours."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    def walk(self, first: int, count: int) -> Spent:
        seconds, processor = self._asked(f"{first} {count}").split()
        return Spent(float(seconds), float(processor))

    def read(self) -> dict[str, list[int]]:
        """Return in which frames each text was read."""
        read: dict[str, list[int]] = json.loads(self._asked("end"))
        return read

    def _asked(self, line: str) -> str:
        ask, answer = self._process.stdin, self._process.stdout
        assert ask is not None
        assert answer is not None
        ask.write(line + "\n")
        ask.flush()
        return _answer(answer.readline())


@contextmanager
def walking(clip: Path, detector: Path, reader: Path, python: Path = PYTHON) -> Iterator[Walker]:
    """Start it, and wait until its networks have seen their first picture."""
    with tempfile.TemporaryDirectory() as home:  # the library writes its settings somewhere
        env = os.environ | {"YOLO_CONFIG_DIR": home, "YOLO_AUTOINSTALL": "false"}
        words = [python, "-m", "benchmarks.stock", clip, detector, reader]
        with subprocess.Popen(
            list(map(str, words)),
            cwd=TREE,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            while _answer(process.stdout.readline()) != "ready":
                pass  # the library greets on standard output
            try:
                yield Walker(process)
            finally:
                process.kill()


def _answer(line: str) -> str:
    if not line:
        raise RuntimeError("the stock library's process ended; see what it said above")
    return line.strip()


def _shown(clip: Path) -> list[Image]:
    frames = islice(open_recording(clip, camera="gate", zone=pytz.utc), PICTURES)
    return [frame.image for frame in frames]


def main() -> None:
    """Walk the clip of the arguments as standard input says."""
    clip, detector, weights = map(Path, sys.argv[1:])
    with tempfile.TemporaryDirectory() as folder:
        predictor = Predictor(checkpoint(detector, _shown(clip), Path(folder) / "own.pt"))
    reads = reader("crnn", weights)
    predictor.detect([np.zeros((1080, 1920, 3), np.uint8)])
    reads.read([np.zeros((40, 120, 3), np.uint8)])
    plain = Plain(open_recording(clip, camera="gate", zone=pytz.utc), predictor, reads)
    print("ready", flush=True)
    for line in sys.stdin:
        if line == "end\n":
            print(json.dumps(plain.read), flush=True)
            return
        first, count = map(int, line.split())
        spent = plain.walk(first, count)
        print(spent.seconds, spent.processor, flush=True)


if __name__ == "__main__":
    main()
