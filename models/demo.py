"""`make demo`: the whole chain on a short clip, so that a stranger sees it before reading on.

A gate scene is drawn (a car comes, and leaves again), then replayed by the command an
operator uses. Nothing is taken from anywhere: the scene, the networks and the answer are ours.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from lot.errors import LotError
from models.drawing.scenes.catalogue import scene
from models.drawing.scenes.clips import write_films

TREE = Path(__file__).resolve().parent.parent
FOLDER = TREE / "output" / "demo"
SCENE = "entry-and-exit"


def main() -> int:
    """Draw, replay, and say where to look."""
    print("1. Drawing a minute at a gate: a car comes, parks out of view, and leaves …", flush=True)
    try:
        (clip,) = write_films([scene(SCENE, fps=10.0)], FOLDER)
    except LotError as error:
        print(f"demo: {error}", file=sys.stderr)
        return error.exit_status
    shown = Path("output", "demo")
    print(f"2. Replaying it: python edge/local.py {shown / clip.name} --output {shown}", flush=True)
    replay = [sys.executable, "edge/local.py", str(clip), "--output", str(FOLDER), "--snapshots"]
    done = subprocess.run(replay, cwd=TREE, check=False)
    if done.returncode:
        return done.returncode
    print(
        f"3. Look at\n"
        f"   {shown}/detected_vehicles_and_plates.mp4   the film, with boxes, plates and events\n"
        f"   {shown}/detected_vehicles_and_plates.csv   a row an event\n"
        f"   {shown}/snapshots/                         the plate and the car of each event\n"
        f"Next: your own recording, python edge/local.py FILE (docs/operator.md)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
