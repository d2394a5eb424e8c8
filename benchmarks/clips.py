"""Scenes drawn once and kept outside git, so that a benchmark's second run begins at once.

Drawing takes longer than replaying. A clip's name bears a hash of all it was made from, the
scene and the renderer's own files, so that no figure is ever taken on yesterday's picture.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cache
from pathlib import Path

import models.drawing
from benchmarks import TREE
from models.drawing.scenes import Scene, write_clip

CLIPS = TREE / ".make" / "clips"
_PAINTERS = 2  # the house's machines have two cores, and a third painter only waits


def clips(scenes: Sequence[Scene], folder: Path = CLIPS) -> list[Path]:
    """Return a film of each scene's first view; what is not there yet is drawn."""
    paths = [folder / _name(scene) for scene in scenes]
    missing = [(s, p) for s, p in zip(scenes, paths, strict=True) if not p.exists()]
    if len(missing) == 1:
        write_clip(*missing[0])
    elif missing:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(_PAINTERS, context) as painters:
            for done in [painters.submit(write_clip, *one) for one in missing]:
                done.result()
    return paths


def _name(scene: Scene) -> str:
    # A scene is a value, so its `repr` says all of it.
    made_of = hashlib.sha256(_renderer() + repr(scene).encode()).hexdigest()
    width, height = scene.size
    return f"{scene.name}-{scene.condition}-{width}x{height}-{made_of[:12]}.mp4"


@cache
def _renderer() -> bytes:
    """Return the hash of everything that a picture is drawn by."""
    whole = hashlib.sha256()
    for root in models.drawing.__path__:
        for path in sorted(Path(root).rglob("*")):
            if path.suffix in (".py", ".npz"):
                whole.update(path.read_bytes())
    return whole.digest()
