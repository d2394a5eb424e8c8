"""The detector in 8 bits: the same network with its convolutions' numbers rounded to 256 steps.

    python -m models.detector.quantising RUN --network models/plate_detector.onnx --to EIGHT.onnx

How far each layer's numbers reach is seen on calibration pictures, which must be the gate's own
kind. The steps are written into the ONNX file (Q/DQ pairs, symmetric, none for the biases), the
form that ONNX Runtime, OpenVINO and TensorRT all read: TensorRT's own calibrators are deprecated
since 10.1, and what is lost by rounding can so be measured where no GPU is.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from edge.detection.decoding import USUAL
from edge.detection.letterbox import fitted, place
from edge.runtimes import Array
from edge.values import KINDS, Image
from lot.errors import DONE, Unreadable, WrongUsage
from lot.files import write_whole, written_aside
from lot.mains import status_of
from models.detector.data import Prepared, read_tables
from models.detector.looking import looked_at
from models.detector.measure import PlateFigures, plate_figures

CALIBRATED_MIN = 100  # with fewer, one picture's glare decides how far a layer reaches
# Boxes are counted in pixels and scores from 0 to 1: behind the head's last convolutions 256
# steps are too few for either, and there is hardly any work left to save.
_HEAD = "/model.23/"
_HEAD_ENDS = ("cv2.0.2", "cv2.1.2", "cv2.2.2", "cv3.0.2", "cv3.1.2", "cv3.2.2", "dfl")


def quantised(source: Path, to: Path, pictures: Sequence[Path], longest: int) -> None:
    """Write the network of `source` in 8 bits to `to`, calibrated on `pictures`."""
    if len(pictures) < CALIBRATED_MIN:
        raise WrongUsage(
            f"{len(pictures)} pictures are too few to calibrate on",
            then=f"give at least {CALIBRATED_MIN}, of the gate by day and by night",
        )
    import onnx
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quantize_static
    from onnxruntime.quantization.shape_inference import quant_pre_process

    with written_aside(to) as aside:
        # Sizes are free, so shapes are not inferred: folding and fusing is what is wanted here.
        quant_pre_process(str(source), str(aside), skip_symbolic_shape=True)
        prepared = onnx.load(str(aside))
        quantize_static(
            prepared,
            str(aside),
            _Calibration(pictures, longest),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["Conv"],
            per_channel=True,
            activation_type=QuantType.QInt8,
            weight_type=QuantType.QInt8,
            nodes_to_exclude=kept_whole([node.name for node in prepared.graph.node]),
            calibrate_method=CalibrationMethod.MinMax,
            # TensorRT reads no zero points, no rounded biases, and wants weights with their pair.
            extra_options={
                "ActivationSymmetric": True,
                "WeightSymmetric": True,
                "QuantizeBias": False,
                "AddQDQPairToWeight": True,
            },
        )
        written = onnx.load(str(aside))
        says = {prop.key: prop.value for prop in onnx.load(str(source)).metadata_props}
        onnx.helper.set_model_props(written, {**says, "bits": "8"})
        onnx.checker.check_model(written)
        onnx.save(written, str(aside))


def kept_whole(nodes: Sequence[str]) -> list[str]:
    """Return which of the nodes stay as they are: the ends of the head."""
    return [
        name for name in nodes if name.startswith(_HEAD) and any(end in name for end in _HEAD_ENDS)
    ]


class _Calibration:
    """Pictures one by one as the network gets them at the gate, as onnxruntime asks for them."""

    def __init__(self, pictures: Sequence[Path], longest: int) -> None:
        self._inputs = _inputs(pictures, longest)

    def get_next(self) -> dict[str, Array] | None:
        return next(({"images": one} for one in self._inputs), None)

    def __iter__(self) -> _Calibration:
        return self

    def __next__(self) -> dict[str, Array]:
        return {"images": next(self._inputs)}


def _inputs(pictures: Sequence[Path], longest: int) -> Iterator[Array]:
    for path in pictures:
        read: Any = cv2.imread(str(path))
        if read is None:
            raise Unreadable(f"{path} is no picture", then="leave it out of the calibration")
        image: Image = read
        fit = fitted(image.shape[0], image.shape[1], longest)
        given = np.empty((1, 3, *fit.shape), np.float32)
        place(image, fit, given[0])
        yield given


def calibration_pictures(prepared: Prepared, count: int, seed: int) -> list[Path]:
    """Return `count` of the pictures learned from: the held-out ones are to measure with."""
    learned = prepared.pictures[prepared.pictures["side"] == "train"]
    chosen = learned.sample(n=min(count, len(learned)), random_state=seed)
    return [Path(path) for path in chosen["path"]]


def quantise(words: argparse.Namespace) -> int:
    """Round the network, measure both on the held-out pictures, and write the card."""
    prepared = read_tables(words.run)
    pictures = calibration_pictures(prepared, words.pictures, words.seed)
    card_path = words.to.with_suffix(".json")
    card_path.unlink(missing_ok=True)  # an earlier one describes another file
    quantised(words.network, words.to, pictures, words.size)
    before, after = (
        plate_figures(looked_at(prepared, path, words.size), USUAL.plate)
        for path in (words.network, words.to)
    )
    card = {
        "what": "the same network in 8 bits, for runtimes that gain by them",
        "sha256": hashlib.sha256(words.to.read_bytes()).hexdigest(),
        "of": hashlib.sha256(words.network.read_bytes()).hexdigest(),
        "kinds": list(KINDS),
        "calibrated_on_pictures": len(pictures),
        "held_out_before": asdict(before),
        "held_out_after": asdict(after),
        "lost_recall_50": lost(before, after),
    }
    write_whole(card_path, (json.dumps(card, indent=2) + "\n").encode())
    print(json.dumps(card, indent=2))
    return DONE


def lost(before: PlateFigures, after: PlateFigures) -> float:
    """Return how much of the plates' recall was lost by rounding; below 0 it was won."""
    return round(before.recall_50 - after.recall_50, 4)


def main(argv: Sequence[str]) -> int:
    """Quantise a detector; return the exit status."""
    parser = argparse.ArgumentParser(prog="python -m models.detector.quantising")
    parser.add_argument("run", type=Path, help="a run's folder, prepared by models.detector")
    parser.add_argument("--network", type=Path, required=True, help="the ONNX file to round")
    parser.add_argument("--to", type=Path, required=True)
    parser.add_argument("--pictures", type=int, default=300, help="to calibrate on")
    parser.add_argument("--seed", type=int, default=11)
    parser.add_argument("--size", type=int, default=640, help="the longest side at the gate")
    words = parser.parse_args(argv)
    return status_of("models.detector.quantising", lambda: quantise(words))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
