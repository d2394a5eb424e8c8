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
from typing import Literal

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi import onnxruntime_pybind11_state as runtime

from lot.errors import Damaged, WrongUsage

Device = Literal["cpu", "cuda"]
Array = NDArray[np.float32]

THREADS_MAX = 4  # beyond four a network of this size gains nothing, and decoding wants its share
_PROVIDERS: Mapping[Device, str] = {"cpu": "CPUExecutionProvider", "cuda": "CUDAExecutionProvider"}
_ERRORS_ONLY = 3  # onnxruntime warns of the machine on stderr, where an operator's lines go
_NO_NETWORK = (  # the runtime's classes share no base but Exception
    runtime.Fail,
    runtime.InvalidArgument,
    runtime.InvalidGraph,
    runtime.InvalidProtobuf,
    runtime.NoModel,
    runtime.NotImplemented,
    runtime.RuntimeException,
)
_ANOTHER = "name another file, or put back the one that came with this release"


@dataclass(frozen=True, slots=True)
class Port:
    """One input or output of a network; a size that may vary is None."""

    name: str
    shape: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """A file's bytes, held against its card."""

    path: Path
    content: bytes
    sha256: str


class Network:
    """An opened network: what it says of itself, and `run`."""

    def __init__(self, weights: Weights, session: onnxruntime.InferenceSession) -> None:
        self.path = weights.path
        self.sha256 = weights.sha256
        self.inputs = tuple(_port(port) for port in session.get_inputs())
        self.outputs = tuple(_port(port) for port in session.get_outputs())
        self._says: dict[str, str] = dict(session.get_modelmeta().custom_metadata_map)
        self._session = session

    def run(self, given: Array, wanted: Sequence[str]) -> list[Array]:
        """Return the outputs named in `wanted` for what the first input is given."""
        found: list[Array] = self._session.run(list(wanted), {self.inputs[0].name: given})
        return found

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


def opened(path: Path, *, threads: int, device: Device = "cpu") -> Network:
    """Open the network in `path` to run on `threads` cores, or refuse it in one line."""
    weights = checked(path)
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
        session = onnxruntime.InferenceSession(weights.content, options, providers=[provider])
    except _NO_NETWORK as error:
        raise Damaged(f"{path} is no network that onnxruntime can open", then=_ANOTHER) from error
    return Network(weights, session)


def checked(path: Path) -> Weights:
    """Read weights whole, and hold them against the card beside them where there is one."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise WrongUsage(
            f"cannot read the weights {path}: {error.strerror or error}", then=_ANOTHER
        ) from error
    sha256 = hashlib.sha256(content).hexdigest()
    card = path.with_suffix(".json")
    if card != path and card.exists() and _said_by(card) != sha256:
        raise Damaged(f"{path} is not the file that its card {card.name} describes", then=_ANOTHER)
    return Weights(path, content, sha256)


def threads_here() -> int:
    """Return how many threads a network gets when nobody says: the cores we may use, at most 4."""
    return max(1, min(THREADS_MAX, len(os.sched_getaffinity(0))))


def wrong_network(path: Path, why: str) -> WrongUsage:
    """Say in one line why the network in `path` is not the one that is needed."""
    return WrongUsage(f"{path} is the wrong network: {why}", then=_ANOTHER)


def _said_by(card: Path) -> str:
    try:
        said = json.loads(card.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Damaged(f"{card} is no card that can be read", then=_ANOTHER) from error
    if not isinstance(said, dict) or not isinstance(said.get("sha256"), str):
        raise Damaged(f"{card} does not give the sha256 of its weights", then=_ANOTHER)
    return str(said["sha256"]).lower()


def _port(port: onnxruntime.NodeArg) -> Port:
    return Port(
        port.name,
        tuple(size if isinstance(size, int) and size > 0 else None for size in port.shape),
    )
