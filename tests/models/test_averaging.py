"""Two networks of one training line become their mean, and others are refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lot.errors import Unreadable

onnx = pytest.importorskip("onnx", reason="onnx is only where models are trained")
pytest.importorskip("torch", reason="torch is only where models are trained")

from models.averaging import average  # noqa: E402  # torch may be missing

pytestmark = pytest.mark.training


def network(path: Path, *, weight: list[float], name: str = "w") -> Path:
    """Write a product with `weight` and a whole number that no mean may touch."""
    arrays = [
        onnx.numpy_helper.from_array(np.array(weight, np.float32), name),
        onnx.numpy_helper.from_array(np.array([3], np.int64), "shape"),
    ]
    of = onnx.TensorProto.FLOAT
    graph = onnx.helper.make_graph(
        [onnx.helper.make_node("Mul", ["x", name], ["y"])],
        "g",
        [onnx.helper.make_tensor_value_info("x", of, [len(weight)])],
        [onnx.helper.make_tensor_value_info("y", of, [len(weight)])],
        arrays,
    )
    model = onnx.helper.make_model(graph)
    onnx.helper.set_model_props(model, {"made": path.stem})
    onnx.save(model, str(path))
    return path


def test_a_mean_weighs_both_and_keeps_what_the_new_file_says_of_itself(tmp_path: Path) -> None:
    old = network(tmp_path / "old.onnx", weight=[0.0, 10.0])
    new = network(tmp_path / "new.onnx", weight=[1.0, 20.0])
    average(new, old, 0.75)
    model = onnx.load(str(new))
    arrays = {one.name: onnx.numpy_helper.to_array(one) for one in model.graph.initializer}
    assert arrays["w"].tolist() == [0.75, 17.5]
    assert arrays["shape"].tolist() == [3]
    assert [(p.key, p.value) for p in model.metadata_props] == [("made", "new")]


@pytest.mark.parametrize(
    ("other", "said"),
    [({"weight": [1.0]}, "has shape"), ({"weight": [1.0, 2.0], "name": "v"}, "are not called")],
)
def test_another_network_is_refused_and_nothing_changed(
    other: dict[str, Any], said: str, tmp_path: Path
) -> None:
    new = network(tmp_path / "new.onnx", weight=[1.0, 20.0])
    before = new.read_bytes()
    with pytest.raises(Unreadable, match=said):
        average(new, network(tmp_path / "old.onnx", **other), 0.5)
    assert new.read_bytes() == before
