"""torch: runs a checkpoint of ultralytics (`.pt`) as it is, for comparing and for trying.

A checkpoint is a pickle: whoever wrote it runs code in this process when it is opened. Only open
those that you made, or whose SHA-256 stands in a card beside them.
"""

from __future__ import annotations

import io
import pickle
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch

from edge.runtimes import ANOTHER, Array, Device, Port
from lot.errors import Damaged, WrongUsage

_DETECTION = "DetectionModel"


class TorchSession:
    """A network of ultralytics, its layers fused."""

    inputs: tuple[Port, ...] = (Port("images", (None, 3, None, None)),)
    outputs: tuple[Port, ...] = (Port("output0", (None, None, None)),)
    batch_max = None

    def __init__(self, model: Any, device: Device) -> None:
        self._model, self._device = model, device
        names = dict(model.names)
        self.says: Mapping[str, str] = {"names": repr(names), "imgsz": _size(model)}

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        with torch.inference_mode():
            answer = self._model(torch.from_numpy(given).to(self._device))
        first = answer[0] if isinstance(answer, (tuple, list)) else answer
        found: Array = first.float().cpu().numpy()
        return [found for _ in wanted]


def torch_session(path: Path, content: bytes, *, threads: int, device: Device) -> TorchSession:
    """Open the checkpoint in `content`, or refuse it in one line. It may run code: see above."""
    if device == "cuda" and not torch.cuda.is_available():
        raise WrongUsage("the installed torch cannot use cuda", then="install one that can")
    torch.set_num_threads(threads)
    try:
        kept = torch.load(io.BytesIO(content), map_location="cpu", weights_only=False)
        model = (kept.get("ema") or kept["model"]).float().fuse().eval()
    except ImportError as error:
        raise WrongUsage(
            f"{path} needs the package {error.name}, which is not installed",
            then="pip install ultralytics, in an environment of its own",
        ) from error
    except (pickle.UnpicklingError, RuntimeError, EOFError, KeyError, AttributeError) as error:
        raise Damaged(f"{path} is no checkpoint of ultralytics", then=ANOTHER) from error
    if type(model).__name__ != _DETECTION:
        raise WrongUsage(
            f"{path} is the wrong network: a {type(model).__name__} and no {_DETECTION}",
            then=ANOTHER,
        )
    return TorchSession(model.to(device), device)


def _size(model: Any) -> str:
    # Stock checkpoints were trained at 640; one that was trained at another size says so.
    return str(getattr(model, "args", {}).get("imgsz", 640))
