"""The demo where one stands, with toy eyes and a short film."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from lot.mains import status_of
from models.demo import shown
from models.demonstration.standing import Edge
from tests.edge.toys import ToyCar, record_gate

CAR = ToyCar(1, begins=1.0)
BOX = Edge(
    gate=("-m", "tests.edge.daemon.toy_gate"),
    reader=("-m", "tests.models.demonstration.toy_reader"),
    lot=("right",),
)


def main() -> int:
    clip = record_gate(Path("clip.mp4"), 6, [CAR])
    return shown(clip, Path("lot"), BOX, os.environ)


if __name__ == "__main__":
    sys.exit(status_of("demo", main))
