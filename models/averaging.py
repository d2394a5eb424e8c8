"""The mean of two exported networks' weights, one trained on from the other.

A further round gains where it learned and loses a little elsewhere; what both hold is kept by
their mean, at no cost of time (Wortsman and others, "Robust fine-tuning of zero-shot models",
CVPR 2022). Only networks of one training line may be averaged: others' layers mean other things.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from onnx import numpy_helper

from lot.files import written_aside
from models.restoring import another, graph_of


def average(new: Path, old: Path, share: float) -> None:
    """Move the weights in `new` to `share` of its own and the rest of those in `old`."""
    before = {one.name: numpy_helper.to_array(one) for one in graph_of(old).initializer}
    whole = onnx.load(str(new))
    if before.keys() != {one.name for one in whole.graph.initializer}:
        raise another(old, f"its layers are not called as those of {new}")
    for one in whole.graph.initializer:
        now, was = numpy_helper.to_array(one), before[one.name]
        if now.shape != was.shape:
            raise another(old, f"{one.name} has shape {was.shape}, not {now.shape}")
        if np.issubdtype(now.dtype, np.floating):
            mean = (share * now + (1 - share) * was).astype(now.dtype)
            one.CopyFrom(numpy_helper.from_array(mean, one.name))
    with written_aside(new) as aside:
        onnx.save(whole, str(aside))


def told(old: Path, share: float) -> Mapping[str, object]:
    """Return what a card says of a mean; a file that is none is refused before anything is done."""
    graph_of(old)
    return {"share": share, "and_of": hashlib.sha256(old.read_bytes()).hexdigest()}
