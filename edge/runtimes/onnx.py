"""ONNX Runtime: the runtime that every machine of a lot has."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from edge.runtimes import ANOTHER, Array, Device, Port
from lot.errors import Damaged, WrongUsage

_PROVIDERS: Mapping[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_ERRORS_ONLY = 3  # onnxruntime warns of the machine on stderr, where an operator's lines go
NO_NETWORK = (  # the runtime's classes share no base but Exception
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoModel,
    runtime.NotImplemented,
    runtime.RuntimeException,
)
_NUMBERS: Mapping[str, type[np.float32] | type[np.float16]] = {
    "tensor(float)": np.float32,
    "tensor(float16)": np.float16,  # as ultralytics exports with half=True
}


class OnnxSession:
    """A network opened by ONNX Runtime."""

    batch_max = None

    def __init__(self, path: Path, session: onnxruntime.InferenceSession) -> None:
        self.inputs = tuple(_port(port) for port in session.get_inputs())
        self.outputs = tuple(_port(port) for port in session.get_outputs())
        self.says: Mapping[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self._session = session
        numbers = [_NUMBERS.get(str(port.type)) for port in session.get_inputs()]
        if not numbers or numbers[0] is None:
            raise WrongUsage(f"{path} takes no pictures of floating numbers", then=ANOTHER)
        self._number = numbers[0]

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        found = self._session.run(
            list(wanted), {self.inputs[0].name: given.astype(self._number, copy=False)}
        )
        return [np.asarray(one, np.float32) for one in found]


def onnx_session(path: Path, content: bytes, *, threads: int, device: Device) -> OnnxSession:
    """Open the network in `content` to run on `threads` cores, or refuse it in one line."""
    provider = _PROVIDERS[device]
    if provider not in onnxruntime.get_available_providers():
        raise WrongUsage(
            f"the installed onnxruntime cannot use {device}",
            then="install onnxruntime-gpu for this machine, or choose cpu",
        )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # A thread that spins while it waits takes its core from decoding and from drawing.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    try:
        session = onnxruntime.InferenceSession(content, options, providers=[provider])
    except NO_NETWORK as error:
        raise Damaged(f"{path} is no network that onnxruntime can open", then=ANOTHER) from error
    return OnnxSession(path, session)


def _port(port: onnxruntime.NodeArg) -> Port:
    return Port(
        port.name,
        tuple(size if isinstance(size, int) and size > 0 else None for size in port.shape),
    )
