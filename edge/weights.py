"""Weights are opened in one place, so that wrong ones are refused before the first frame.

A network that is not what its file name says does not fail: it finds nothing, or reads
nonsense, and a lot notices weeks later. So a file is held against the card beside it (its
SHA-256), against its own metadata, and against the shape of what goes in and out. What was
hashed is what runs: the bytes are read once and the session is made from them.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.runtimes import ANOTHER, Array, Device, Port, Runtime, Session
from edge.runtimes.batches import in_batches
from lot.errors import Damaged, WrongUsage

__all__ = ["Device", "Network", "Port", "Weights", "checked", "named", "opened", "threads_here"]

THREADS_MAX = 4  # beyond four a network of this size gains nothing, and decoding wants its share
ENGINES = frozenset({".engine", ".plan"})  # what TensorRT's files are called
_INSTALL = {
    "onnx": "pip install onnxruntime",
    "openvino": "pip install openvino, or choose onnx",
    "tensorrt": "it comes with JetPack: python3 -m venv --system-site-packages, or choose onnx",
    "torch": "pip install torch and ultralytics, in an environment of their own, or choose onnx",
}


@dataclass(frozen=True, slots=True)
class Weights:
    """A file's bytes, held against its card."""

    path: Path
    content: bytes
    sha256: str
    says: Mapping[str, str]  # what the card says of the network: plain plans say nothing themselves


class Network:
    """An opened network: what it says of itself, and `run`."""

    def __init__(self, weights: Weights, session: Session) -> None:
        self.path = weights.path
        self.sha256 = weights.sha256
        self.inputs = session.inputs
        self.outputs = session.outputs
        self._says = {**weights.says, **session.says}
        self._session = session

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        """Return the outputs named in `wanted` for what the first input is given."""
        return in_batches(
            lambda part: self._session.run(part, wanted),
            given,
            fixed=self.inputs[0].shape[0],
            most=self._session.batch_max,
        )

    @property
    def facts(self) -> Mapping[str, str]:
        """All that it says of itself, its card's word where the file has none."""
        return dict(self._says)

    def says(self, name: str) -> bool:
        """Return whether the metadata has this name."""
        return name in self._says

    def words(self, name: str) -> tuple[str, ...]:
        """Return a list that the metadata keeps with commas."""
        return tuple(word.strip() for word in self.text(name).split(","))

    def whole(self, name: str, low: int, high: int) -> int:
        """Return a whole number of the metadata, within bounds."""
        text = self.text(name)
        if not (text.isdecimal() and low <= int(text) <= high):
            raise self.wrong(f"its {name} is {text!r}, not a whole number from {low} to {high}")
        return int(text)

    def real(self, name: str, low: float, high: float) -> float:
        """Return a number of the metadata, within bounds."""
        text = self.text(name)
        try:
            number = float(text)
        except ValueError:
            number = float("nan")
        if not low <= number <= high:
            raise self.wrong(f"its {name} is {text!r}, not a number from {low:g} to {high:g}")
        return number

    def text(self, name: str) -> str:
        """Return what the metadata says under `name`; a network that is silent is refused."""
        if name not in self._says:
            raise self.wrong(f"it does not say its {name}")
        return self._says[name]

    def output(self, name: str) -> Port | None:
        """Return the output of this name, if the network has it."""
        return next((port for port in self.outputs if port.name == name), None)

    def wrong(self, why: str) -> WrongUsage:
        """Say in one line why this network cannot be used here."""
        return wrong_network(self.path, why)


def opened(
    path: Path, *, threads: int, device: Device = "cpu", runtime: Runtime = "onnx"
) -> Network:
    """Open the network in `path` to run on `threads` cores, or refuse it in one line."""
    weights = checked(path)
    try:
        session = _session(weights, threads, device, runtime)
    except ModuleNotFoundError as error:
        raise WrongUsage(
            f"the runtime {runtime} needs {error.name}, which is not installed",
            then=_INSTALL[runtime],
        ) from error
    return Network(weights, session)


def named(word: str) -> tuple[str, Path | None]:
    """Return the engine, and the weights if any, that NAME or NAME=FILE names."""
    name, given, path = word.partition("=")
    if not name or (given and not path):
        lacks = "no weights" if name else "no engine"
        raise WrongUsage(f"{word} names {lacks}", then="write NAME or NAME=FILE")
    return name, Path(path) if path else None


def runtime_for(path: Path) -> Runtime:
    """Return which runtime a network's file is made for, where nobody chose one."""
    return "tensorrt" if path.suffix in ENGINES else "onnx"


def checked(path: Path) -> Weights:
    """Read weights whole, and hold them against the card beside them where there is one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongUsage(
            f"cannot read the weights {path}: {error.strerror or error}", then=ANOTHER
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    card = path.with_suffix(".json")
    if card == path or not card.exists():
        return Weights(path, content, sha256, {})
    said = _said_by(card)
    if str(said["sha256"]).lower() != sha256:
        raise Damaged(f"{path} is not the file that its card {card.name} describes", then=ANOTHER)
    return Weights(path, content, sha256, _facts(said))


def threads_here() -> int:
    """Return how many threads a network gets when nobody says: the cores we may use, at most 4."""
    return max(1, min(THREADS_MAX, len(os.sched_getaffinity(0))))


def wrong_network(path: Path, why: str) -> WrongUsage:
    """Say in one line why the network in `path` is not the one that is needed."""
    return WrongUsage(f"{path} is the wrong network: {why}", then=ANOTHER)


def _session(weights: Weights, threads: int, device: Device, runtime: Runtime) -> Session:
    path, content = weights.path, weights.content
    if runtime == "openvino":
        from edge.runtimes.openvino import openvino_session

        return openvino_session(path, content, threads=threads)
    if runtime == "tensorrt":
        from edge.runtimes.tensorrt import tensorrt_session

        return tensorrt_session(path, content)
    if runtime == "torch":
        from edge.runtimes.torch import torch_session

        return torch_session(path, content, threads=threads, device=device)
    from edge.runtimes.onnx import onnx_session

    return onnx_session(path, content, threads=threads, device=device)


def _said_by(card: Path) -> dict[str, object]:
    try:
        said = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Damaged(f"{card} is no card that can be read", then=ANOTHER) from error
    if not isinstance(said, dict) or not isinstance(said.get("sha256"), str):
        raise Damaged(f"{card} does not give the sha256 of its weights", then=ANOTHER)
    return said


def _facts(said: Mapping[str, object]) -> dict[str, str]:
    """Return the card's plain facts in the form that a network's metadata has."""
    lists = {
        name: ",".join(value)
        for name, value in said.items()
        if isinstance(value, list) and value and all(isinstance(one, str) for one in value)
    }
    return lists | {
        name: str(value) for name, value in said.items() if isinstance(value, (str, int, float))
    }
