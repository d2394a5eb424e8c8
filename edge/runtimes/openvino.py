"""OpenVINO: reads the same ONNX file, and takes less of an x86 processor for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import openvino

from edge.runtimes import ANOTHER, Array, Port
from lot.errors import Damaged


class OpenVinoSession:
    """A network compiled by OpenVINO for this processor."""

    batch_max = None

    def __init__(self, model: Any, compiled: Any) -> None:
        self.inputs = tuple(_port(port) for port in model.inputs)
        self.outputs = tuple(_port(port) for port in model.outputs)
        self.says = _says(model)
        self._number = model.inputs[0].get_element_type().to_dtype()
        self._request = compiled.create_infer_request()
        self._exits = {port.get_any_name(): at for at, port in enumerate(model.outputs)}

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        # The request's own memory is written over at its next run, so answers are copied.
        answers = self._request.infer([given.astype(self._number, copy=False)])
        return [np.array(answers[self._exits[name]], np.float32) for name in wanted]


def openvino_session(path: Path, content: bytes, *, threads: int) -> OpenVinoSession:
    """Open the network in `content` to run on `threads` cores, or refuse it in one line."""
    core = openvino.Core()
    hints = {
        "INFERENCE_NUM_THREADS": threads,
        "PERFORMANCE_HINT": "LATENCY",
        # Some processors would compute in 16 bits unasked, and find other boxes than the rest.
        "INFERENCE_PRECISION_HINT": "f32",
        # Pinned, two networks of one thread each would share the first core.
        "ENABLE_CPU_PINNING": False,
    }
    try:
        model = core.read_model(content, b"")
        compiled = core.compile_model(model, "CPU", hints)
    except RuntimeError as error:
        raise Damaged(f"{path} is no network that OpenVINO can open", then=ANOTHER) from error
    return OpenVinoSession(model, compiled)


def _says(model: Any) -> Mapping[str, str]:
    # Where OpenVINO keeps an ONNX file's metadata.
    if not model.has_rt_info(["framework"]):
        return {}
    kept: Mapping[object, object] = model.get_rt_info(["framework"]).value
    return {str(name): str(value) for name, value in kept.items()}


def _port(port: Any) -> Port:
    shape = port.get_partial_shape()
    return Port(
        port.get_any_name(),
        tuple(size.get_length() if size.is_static else None for size in shape),
    )
