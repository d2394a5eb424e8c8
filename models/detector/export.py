"""A trained network becomes the one ONNX file that the edge runs, and says there what it is.

The edge reads the order of the kinds and the best size from the file itself, so that weights
can be exchanged without touching code. Nothing is released that answers otherwise through ONNX
Runtime than through torch: the same pictures go through both before the file gets its name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.values import KINDS
from lot.errors import Damaged, Unreadable
from lot.files import written_aside

OPSET = 17  # what TensorRT of JetPack 6 and OpenVINO 2023 read whole
SIZE_TRACED = 640
SHAPES_COMPARED = ((1, 640, 640), (2, 384, 640), (1, 416, 320))  # pictures, height, width
SCORE_APART = 1e-4  # float32 rounding through 250 layers; a wrong layer shows as 0.01 and more
PIXELS_APART = 0.05


@dataclass(frozen=True)
class Agreement:
    """The largest difference between torch and ONNX Runtime over the shapes compared."""

    score: float
    pixels: float


def exported(network: Any, onnx_path: Path, facts: Mapping[str, str]) -> Agreement:
    """Write `network` (a DetectionModel with our five kinds) as ONNX, checked and with `facts`."""
    import onnx
    import torch

    model = network.float().eval().fuse()
    head = model.model[-1]
    head.export, head.format, head.dynamic = True, "onnx", True
    for part in model.modules():
        if type(part).__name__ == "C2f":  # its `chunk` does not trace with free sizes
            part.forward = part.forward_split
    with written_aside(onnx_path) as aside:
        torch.onnx.export(
            model,
            (torch.zeros(1, 3, SIZE_TRACED, SIZE_TRACED),),
            str(aside),
            opset_version=OPSET,
            input_names=["images"],
            output_names=["output0"],
            dynamic_axes={
                "images": {0: "batch", 2: "height", 3: "width"},
                "output0": {0: "batch", 2: "anchors"},
            },
            dynamo=False,  # the older exporter keeps free sizes free; both give the same nodes
        )
        described = onnx.load(str(aside))
        onnx.helper.set_model_props(described, {"kinds": ",".join(KINDS), **facts})
        onnx.checker.check_model(described)
        onnx.save(described, str(aside))
        agreement = _agreement(model, aside)
        if agreement.score > SCORE_APART or agreement.pixels > PIXELS_APART:
            raise Damaged(
                f"the exported network differs from the trained one by {agreement.score:.2g} in "
                f"score and {agreement.pixels:.2g} pixels",
                then="try another version of torch or onnx; nothing was written",
            )
    return agreement


def started(coco_weights: Path) -> Any:
    """Return YOLO11n with our five kinds, everything that COCO's network knows carried over.

    Head and backbone are taken whole, and of the 80 rows of the last layer those of our four
    vehicles, by name; the plate's row is new and begins at a score near nothing.
    """
    from ultralytics import YOLO
    from ultralytics.nn.tasks import DetectionModel

    if not coco_weights.is_file():
        raise Unreadable(f"no weights at {coco_weights}", then="give them with --start")
    source: Any = YOLO(str(coco_weights)).model
    network: Any = DetectionModel("yolo11n.yaml", nc=len(KINDS), verbose=False)
    network.names = dict(enumerate(KINDS))
    network.load(source, verbose=False)
    return network


def trained(checkpoint: Path) -> Any:
    """Return the network of a training run's checkpoint (its moving average, where it has one)."""
    from ultralytics import YOLO

    if not checkpoint.is_file():
        raise Unreadable(f"no checkpoint at {checkpoint}", then="train first, or name another")
    network: Any = YOLO(str(checkpoint)).model
    names = tuple(network.names[i] for i in range(len(network.names)))
    if names != KINDS:
        raise Damaged(
            f"{checkpoint} knows {', '.join(names)}",
            then=f"the edge needs {', '.join(KINDS)} in this order; train with models.detector",
        )
    return network


def _agreement(model: Any, onnx_path: Path) -> Agreement:
    import onnxruntime
    import torch

    session = onnxruntime.InferenceSession(str(onnx_path), providers=["CPUExecutionProvider"])
    random = np.random.default_rng(0)
    score = pixels = 0.0
    for pictures, height, width in SHAPES_COMPARED:
        coarse = random.random((pictures, 3, height // 32, width // 32), dtype=np.float32)
        batch = coarse.repeat(32, axis=2).repeat(32, axis=3)  # blocks excite more than noise does
        with torch.no_grad():
            ours = _first(model(torch.from_numpy(batch)))
        theirs: NDArray[np.float32] = session.run(None, {"images": batch})[0]
        apart = np.abs(ours - theirs)
        pixels = max(pixels, float(apart[:, :4].max()))
        score = max(score, float(apart[:, 4:].max()))
    return Agreement(score, pixels)


def _first(answer: Any) -> NDArray[np.float32]:
    first = answer[0] if isinstance(answer, (tuple, list)) else answer
    return np.asarray(first.numpy(), dtype=np.float32)
