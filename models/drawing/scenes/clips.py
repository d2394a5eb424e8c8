"""Scenes as films, with truth files beside them that the replay can be scored against."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import av

from lot.files import write_whole, written_aside
from models.drawing.scenes.pictures import frames
from models.drawing.scenes.truth import passages
from models.drawing.scenes.values import Scene

_TICKS = 1000  # a second, where frames come unevenly
_PRESET = "veryfast"  # drawing takes longer than this; a slower one would win 5 % of the size
_CRF = 21  # a gate camera's ordinary 3 to 4 Mbit/s at 1080p


def film_name(scene: Scene, view: str) -> str:
    """Return the file's name: with several cameras each has its own film."""
    return f"{scene.name}.mp4" if len(scene.views) == 1 else f"{scene.name}-{view}.mp4"


def write_clip(scene: Scene, path: Path, view: str | None = None) -> None:
    """Write one view of the scene as H.264 in MP4; the file appears when it is whole."""
    rate = Fraction(scene.fps).limit_denominator(1001)
    with written_aside(path) as aside, av.open(str(aside), "w", format="mp4") as film:
        stream = film.add_stream(
            "libx264", rate=rate, options={"preset": _PRESET, "crf": str(_CRF)}
        )
        stream.width, stream.height = scene.size
        stream.pix_fmt = "yuv420p"
        ticks = Fraction(1, _TICKS) if scene.uneven else 1 / rate
        stream.codec_context.time_base = ticks
        for truth, picture in frames(scene, view):
            frame = av.VideoFrame.from_ndarray(picture, format="bgr24")
            frame.pts = round(truth.seconds / ticks)
            frame.time_base = ticks
            film.mux(stream.encode(frame))
        film.mux(stream.encode())


def write_films(scenes: Sequence[Scene], folder: Path) -> tuple[Path, ...]:
    """Write every view of every scene into the folder, with `truth.csv` and `events.json`."""
    films = []
    for scene in scenes:
        for view in scene.views:
            films.append(folder / film_name(scene, view.name))
            write_clip(scene, films[-1], view.name)
    write_whole(folder / "truth.csv", truth_table(scenes).encode())
    write_whole(folder / "events.json", (json.dumps(_told(scenes), indent=1) + "\n").encode())
    return tuple(films)


def truth_table(scenes: Sequence[Scene]) -> str:
    """Return the passages as the replay's `--truth` reads them; `?` is seen but not legible."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["video", "plate", "first_frame", "last_frame"])
    for scene in scenes:
        for stay in passages(scene):
            film = film_name(scene, stay.view)
            rows.writerow([film, stay.plate or "?", stay.first_frame, stay.last_frame])
    return text.getvalue()


def _told(scenes: Sequence[Scene]) -> dict[str, object]:
    return {
        scene.name: {
            "condition": scene.condition,
            "seed": scene.seed,
            "films": [film_name(scene, view.name) for view in scene.views],
            "events": [asdict(event) for event in scene.expected],
            "passages": [asdict(stay) for stay in passages(scene)],
        }
        for scene in scenes
    }
