"""`make pictures`: the pictures of the documents, out of a film that a replay has just written."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path

import av
import cv2
import numpy as np

from edge.values import Image
from lot.files import write_whole
from models.drawing.scenes.catalogue import scene
from models.drawing.scenes.clips import write_films

TREE = Path(__file__).resolve().parent.parent
PICTURES = TREE / "docs" / "pictures"
_BEFORE = 1.2  # seconds before the best reading: the plate is read, and the banner still stands
_QUALITY = 82


def main() -> int:
    """Draw a scene, replay it, and keep the frame that shows its entry."""
    folder = TREE / "output" / "pictures"
    (clip,) = write_films([scene("entry-and-exit", seed=4)], folder)
    replay = [sys.executable, "edge/local.py", str(clip), "--output", str(folder), "--quiet"]
    status = subprocess.run(replay, cwd=TREE, check=False).returncode
    if status:
        return status
    with (folder / "detected_vehicles_and_plates.csv").open(encoding="utf-8", newline="") as file:
        event = next(csv.DictReader(file))
    hours, minutes, seconds = event["timecode"].split(":")
    second = 3600 * int(hours) + 60 * int(minutes) + float(seconds) - _BEFORE
    picture = frame_at(folder / "detected_vehicles_and_plates.mp4", second)
    done, coded = cv2.imencode(".jpg", picture, [cv2.IMWRITE_JPEG_QUALITY, _QUALITY])
    assert done
    write_whole(PICTURES / "replay.jpg", coded.tobytes())
    print(f"{PICTURES.relative_to(TREE)}/replay.jpg")
    return 0


def frame_at(film: Path, second: float) -> Image:
    """Return the frame that a film shows at a second, or its last one."""
    with av.open(str(film)) as container:
        for frame in container.decode(video=0):
            shown = frame
            if frame.time is not None and frame.time >= second:
                break
        picture = shown.to_ndarray(format="bgr24")
    return np.asarray(picture, dtype=np.uint8)


if __name__ == "__main__":
    sys.exit(main())
