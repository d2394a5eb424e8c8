"""TensorRT: the runtime of a Jetson. Engines of TensorRT 10, their memory torch's.

What can be decided without the library stands beside this, and is tested: the file's header in
`engine_file`, the bindings in `bindings`, the batches in `batches`. docs/runtimes.md says on
what this was run.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import prod
from pathlib import Path

import tensorrt as trt

from edge.runtimes import Array, Port
from edge.runtimes.bindings import NUMBERS, Binding, Bound, Unfit, bound
from edge.runtimes.cuda import Cuda, Memory
from edge.runtimes.engine_file import misfit, parted
from lot.errors import Damaged, WrongUsage

ANEW = "build it anew on this machine: python -m models.engines build (docs/runtimes.md)"


class Heard(trt.ILogger):
    """What TensorRT said was wrong: it answers with None, and tells its logger why."""

    def __init__(self) -> None:
        trt.ILogger.__init__(self)  # the binding's own classes do not take part in super()
        self.errors: list[str] = []

    def log(self, severity: trt.ILogger.Severity, msg: str) -> None:
        if severity in (trt.ILogger.Severity.ERROR, trt.ILogger.Severity.INTERNAL_ERROR):
            self.errors.append(" ".join(msg.split()))

    @property
    def why(self) -> str:
        return self.errors[0] if self.errors else "TensorRT does not say why"


class TensorRtSession:
    """An engine opened by TensorRT."""

    def __init__(
        self,
        path: Path,
        says: Mapping[str, str],
        engine: trt.ICudaEngine,
        cuda: Cuda,
    ) -> None:
        context = engine.create_execution_context()
        if context is None:
            raise WrongUsage(f"{path} finds no room on this GPU", then="end what else runs on it")
        self._context = context
        bindings = _bindings(engine)
        usable = _usable(path, bindings)
        self._path, self._cuda = path, cuda
        self._numbers = {one.name: NUMBERS[one.number] for one in bindings}
        self.inputs: tuple[Port, ...] = (usable.entry,)
        self.outputs = usable.exits
        self.batch_max = usable.batch_max
        self.says = says
        self._memory: dict[str, Memory] = {}
        self._reserve()

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        entry = self.inputs[0].name
        self._set_shape(given.shape)
        with self._cuda.used():
            self._memory[entry].put(given, self._cuda)
            if not self._context.execute_async_v3(self._cuda.stream):
                raise RuntimeError(f"{self._path}: TensorRT could not start the network")
            answers = [self._memory[name].got(self._shape(name)) for name in wanted]
        self._cuda.wait()
        return answers

    def _reserve(self) -> None:
        # One set of buffers, for the largest batch: addresses then never change.
        entry = self.inputs[0]
        largest = (self.batch_max, *(size or 0 for size in entry.shape[1:]))
        self._set_shape(largest)
        for port in (entry, *self.outputs):
            shape = self._shape(port.name)
            if min(shape) < 1:
                raise WrongUsage(
                    f"{self._path} is the wrong network: how much {port.name} answers is known "
                    "only afterwards",
                    then="export it without suppression (nms=False)",
                )
            memory = self._cuda.memory(prod(shape), self._numbers[port.name])
            self._memory[port.name] = memory
            self._context.set_tensor_address(port.name, memory.address)

    def _set_shape(self, shape: Sequence[int]) -> None:
        if not self._context.set_input_shape(self.inputs[0].name, tuple(shape)):
            raise WrongUsage(f"{self._path} was not built for an input of {list(shape)}", then=ANEW)

    def _shape(self, name: str) -> tuple[int, ...]:
        return tuple(self._context.get_tensor_shape(name))


def tensorrt_session(path: Path, content: bytes) -> TensorRtSession:
    """Open the engine in `content`, or say in one line why it is not for this machine."""
    cuda = Cuda()
    file = parted(content)
    if why := misfit(file.says, trt.__version__, cuda.device):
        raise WrongUsage(f"{path} cannot run here: {why}", then=ANEW)
    heard = Heard()
    engine = trt.Runtime(heard).deserialize_cuda_engine(file.plan)
    if engine is None:
        raise Damaged(
            f"{path} is no engine for TensorRT {trt.__version__} on {cuda.device}: {heard.why}",
            then=ANEW,
        )
    return TensorRtSession(path, file.says, engine, cuda)


def _usable(path: Path, bindings: Sequence[Binding]) -> Bound:
    try:
        return bound(bindings)
    except Unfit as error:
        raise WrongUsage(f"{path} is the wrong network: {error}", then=ANEW) from error


def _bindings(engine: trt.ICudaEngine) -> list[Binding]:
    return [
        _binding(engine, engine.get_tensor_name(number)) for number in range(engine.num_io_tensors)
    ]


def _binding(engine: trt.ICudaEngine, name: str) -> Binding:
    shape = tuple(engine.get_tensor_shape(name))
    is_input = engine.get_tensor_mode(name) == trt.TensorIOMode.INPUT
    profile = None
    if is_input and -1 in shape:
        least, best, most = (tuple(one) for one in engine.get_tensor_profile_shape(name, 0))
        profile = least, best, most
    return Binding(name, is_input, engine.get_tensor_dtype(name).name, shape, profile)
