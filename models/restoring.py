"""An exported network's weights put back where training can go on from them.

The files in git are the weights that everyone has. Their export folded every batch norm into the
convolution before it; here it is unfolded again around what that layer sees of real pictures, so
that the first step of training starts where the export ended.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import torch
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from onnx import numpy_helper
from torch import nn

from lot.errors import Unreadable

AGREEMENT = 1e-2  # of an output, relative to the largest: beyond it, it is another network
Array = NDArray[np.float32]
Arrays = Mapping[str, Array]
Folded = tuple[Array, Array | None]  # a weight, and the bias that a batch norm left in it


def restore(network: nn.Module, path: Path, examples: torch.Tensor) -> None:
    """Give `network` the weights of the file at `path`, its statistics those of `examples`.

    The network must be of the very class that was exported; heads of another size are refused.
    """
    stored, nodes = _stored(path)
    layers, norms = _layers_in_order(network, examples[:1])
    found = _paired(layers, stored, nodes, path)
    named = dict(network.named_parameters())
    with torch.no_grad():
        for name, (weight, bias) in found.items():
            _put(named[f"{name}.weight"], weight, path)
            if f"{name}.bias" in named and bias is not None:
                _put(named[f"{name}.bias"], bias, path)
        for name, parameter in named.items():
            if name in stored:  # beside the layers: norms, places, a product's bias
                _put(parameter, stored[name], path)
        with _unfolding(network, norms, {name: bias for name, (_, bias) in found.items()}):
            network.eval()(examples)
    _agree(network, path, examples[:1])


def graph_of(path: Path) -> onnx.GraphProto:
    """Read an exported network, whatever its file is called."""
    try:
        return onnx.load_model_from_string(path.read_bytes()).graph
    except (OSError, ValueError, DecodeError) as error:
        raise Unreadable(f"{path} is no ONNX file", then="name an exported network") from error


def _stored(path: Path) -> tuple[Arrays, list[onnx.NodeProto]]:
    """Return the file's arrays by name, and its layers with weights in order."""
    graph = graph_of(path)
    arrays = {one.name: numpy_helper.to_array(one) for one in graph.initializer}
    for node in graph.node:  # the exporter writes equal arrays once and refers to them
        if node.op_type == "Identity" and node.input[0] in arrays:
            arrays[node.output[0]] = arrays[node.input[0]]
    kinds = ("Conv", "Gemm", "MatMul")
    return arrays, [n for n in graph.node if n.op_type in kinds and n.input[1] in arrays]


def _paired(
    layers: Sequence[str], stored: Arrays, nodes: Sequence[onnx.NodeProto], path: Path
) -> dict[str, Folded]:
    """Return each layer's weight and bias, by name where the exporter kept it, else by order."""
    names = {f"{layer}.weight" for layer in layers}
    unnamed = iter([node for node in nodes if node.input[1] not in names])
    found: dict[str, Folded] = {}
    for layer in layers:
        if f"{layer}.weight" in stored:
            found[layer] = stored[f"{layer}.weight"], stored.get(f"{layer}.bias")
            continue
        node = next(unnamed, None)
        if node is None:
            raise another(path, f"it has fewer layers with weights than {len(layers)}")
        weight = stored[node.input[1]]
        bias = stored[node.input[2]] if len(node.input) > 2 else None
        found[layer] = (weight.T if node.op_type == "MatMul" else weight), bias
    if next(unnamed, None) is not None:
        raise another(path, f"it has more layers with weights than {len(layers)}")
    return found


def _layers_in_order(
    network: nn.Module, example: torch.Tensor
) -> tuple[list[str], list[tuple[str, str]]]:
    """Return the layers with weights as they are called, and (layer, norm after it) by name."""
    layers: list[str] = []
    norms: list[tuple[str, str]] = []

    def note(name: str, module: nn.Module) -> None:
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            layers.append(name)
        else:
            norms.append((layers[-1], name))

    hooks = [
        module.register_forward_pre_hook(lambda module, _given, name=name: note(name, module))
        for name, module in network.named_modules()
        if isinstance(module, (nn.Conv2d, nn.Linear, nn.BatchNorm2d))
    ]
    network.eval()
    with torch.inference_mode():
        network(example)
    for hook in hooks:
        hook.remove()
    return layers, norms


@contextmanager
def _unfolding(
    network: nn.Module,
    norms: list[tuple[str, str]],
    biases: Mapping[str, Array | None],
) -> Iterator[None]:
    """While it lasts, each batch norm takes what passes as its statistics and adds the bias.

    The norms are met in the network's order, so each sees what the ones before it let through.
    """
    modules = dict(network.named_modules())

    def take(norm: nn.Module, given: tuple[torch.Tensor, ...], bias: torch.Tensor) -> None:
        mean = given[0].mean((0, 2, 3))
        spread = given[0].var((0, 2, 3), unbiased=False)
        norm.running_mean.copy_(mean)
        norm.running_var.copy_(spread)
        norm.weight.copy_((spread + norm.eps).sqrt())
        norm.bias.copy_(bias + mean)

    hooks = []
    for layer, name in norms:
        norm, bias = modules[name], biases[layer]
        given = torch.zeros_like(norm.bias) if bias is None else torch.from_numpy(bias.copy())
        hooks.append(
            norm.register_forward_pre_hook(
                lambda module, seen, bias=given: take(module, seen, bias)
            )
        )
    yield
    for hook in hooks:
        hook.remove()


def _put(parameter: torch.Tensor, array: Array, path: Path) -> None:
    if tuple(parameter.shape) != array.shape:
        raise another(path, f"a layer has shape {array.shape}, not {tuple(parameter.shape)}")
    parameter.copy_(torch.from_numpy(array.copy()))


def _agree(network: nn.Module, path: Path, example: torch.Tensor) -> None:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    wanted = session.run(None, {session.get_inputs()[0].name: example.numpy()})[0]
    with torch.inference_mode():
        found = network.eval()(example)
    first = (found[0] if isinstance(found, (tuple, list)) else found).numpy()
    apart = float(np.abs(first - wanted).max() / max(1e-6, np.abs(wanted).max()))
    if first.shape != wanted.shape or not apart < AGREEMENT:
        raise another(path, f"its answers differ by {apart:.3f} of the largest")


def another(path: Path, how: str) -> Unreadable:
    """Say that a file's network is not the one it must be."""
    return Unreadable(
        f"{path} holds another network than the one to train: {how}",
        then="name weights that this command exported",
    )
