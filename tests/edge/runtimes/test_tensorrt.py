"""What TensorRT itself must say, where there is one; everything else is tested beside this."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from edge.detection.choice import detector
from lot.errors import Damaged, WrongUsage
from tests.edge.detection.libraries import usable_gpu
from tests.edge.networks import write_detector

STUB = Path(__file__).parents[3] / "stubs" / "tensorrt.pyi"


def names_in(stub: str) -> list[str]:
    found = []
    for node in ast.parse(stub).body:
        if isinstance(node, ast.ClassDef):
            found.append(node.name)
            found += [f"{node.name}.{name}" for name in _members(node)]
    return found


def _members(node: ast.ClassDef) -> list[str]:
    functions = [one.name for one in node.body if isinstance(one, ast.FunctionDef)]
    values = [
        target.id
        for one in node.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    ]
    return [name for name in functions + values if not name.startswith("__")]


def test_our_stub_names_nothing_that_tensorrt_lacks() -> None:
    trt = pytest.importorskip("tensorrt", reason="no TensorRT here", exc_type=ImportError)
    for name in names_in(STUB.read_text(encoding="utf-8")):
        found: object = trt
        for part in name.split("."):
            assert hasattr(found, part), name
            found = getattr(found, part)


def test_what_the_runtime_needs_is_said_where_it_is_missing(tmp_path: Path) -> None:
    try:
        import tensorrt  # noqa: F401  # whether it is there
    except ImportError:
        pass
    else:
        pytest.skip("TensorRT is here")
    engine = tmp_path / "d.engine"
    engine.write_bytes(b"a plan")
    with pytest.raises(WrongUsage, match="the runtime tensorrt needs tensorrt, which is not inst"):
        detector("tensorrt", engine)


def test_a_file_that_is_no_engine_is_refused_with_what_tensorrt_says(tmp_path: Path) -> None:
    usable_gpu()
    with pytest.raises(Damaged, match="is no engine for TensorRT"):
        detector("tensorrt", write_detector(tmp_path / "d.onnx"))
