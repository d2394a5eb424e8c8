"""A run's averaged weights become the file that the edge reads, with a card beside it.

Temperature and figures come from what was held out, the agreement and the time from the
written file itself, run as the edge runs it. `python -m models.reader.export RUN …`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import onnx
import onnxruntime
import torch
from numpy.typing import NDArray

from lot.errors import DONE, Unreadable
from lot.files import write_whole, written_aside
from lot.mains import status_of
from models import averaging
from models.balance import from_0_to_1
from models.reader import data, measure
from models.reader.network import CHANNELS, HEIGHT, MEAN, SCALE, WIDTH, Reader
from models.reader.samples import fitted, loaded
from models.reader.train import BEST, CHECKPOINT
from models.split import (
    ALONE,
    WATCHED_OF_HELD_ONE_IN,
    narrowest,
    parted,
    split_told,
    unseen,
    watched,
)

BOTH = "mean"  # of the weights that read most of what is watched, and of the run's cooled end
MARGIN = 0.05  # of the plate's size on each side: a tight box has cut no edge of a character
AGREEMENT = 1e-3  # of a logit; beyond it the file is not the network that was trained


def exported(network: Reader, path: Path, facts: dict[str, str]) -> None:
    """Write `network` to `path` as ONNX with `facts` as its metadata."""
    network.eval()
    example = torch.zeros(1, CHANNELS, HEIGHT, WIDTH)
    names = ("crops", "logits", "region")
    with written_aside(path) as aside:
        torch.onnx.export(
            network,
            (example,),
            str(aside),
            input_names=list(names[:1]),
            output_names=list(names[1:]),
            dynamic_axes={name: {0: "n"} for name in names},
            opset_version=17,
            dynamo=False,
        )
        model = onnx.load(str(aside))
        for key, value in facts.items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
        onnx.checker.check_model(model)
        onnx.save(model, str(aside))


def facts(temperature: float, made: str) -> dict[str, str]:
    """Return what the edge must know to feed the network and to trust its answers."""
    return {
        "alphabet": data.ALPHABET,
        "channels": str(CHANNELS),
        "height": str(HEIGHT),
        "width": str(WIDTH),
        "mean": str(MEAN),
        "scale": str(SCALE),
        "fit": "stretch",
        "temperature": str(temperature),
        "regions": ",".join(data.REGIONS),
        "margin": str(MARGIN),
        "made": made,
    }


class Written:
    """The exported file, run on one thread as a gate with no accelerator runs it."""

    def __init__(self, path: Path) -> None:
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(str(path), options)

    def run(self, crops: NDArray[np.uint8]) -> tuple[measure.Logits, NDArray[np.float32]]:
        """Return logits and region logits of crops [N, HEIGHT, WIDTH, 3]."""
        given = (crops.transpose(0, 3, 1, 2).astype(np.float32) - MEAN) * np.float32(SCALE)
        logits, region = self._session.run(["logits", "region"], {"crops": given})
        return logits, region

    def every(self, crops: NDArray[np.uint8]) -> tuple[measure.Logits, NDArray[np.float32]]:
        """Return the same of any number of crops, a few at a time."""
        parts = [self.run(crops[start : start + 64]) for start in range(0, len(crops), 64)]
        logits, regions = (np.concatenate(values) for values in zip(*parts, strict=True))
        return logits, regions

    def milliseconds(self, crops: NDArray[np.uint8], times: int = 200) -> float:
        """Return the least time of one crop alone: neighbours on the machine only add to it."""
        found = []
        for number in range(times):
            began = time.perf_counter()
            self.run(crops[number % len(crops)][None])
            found.append(time.perf_counter() - began)
        return 1000 * min(found)


def disagreement(network: Reader, written: Written, crops: NDArray[np.uint8]) -> float:
    """Return the largest difference of a logit between the trained network and the file."""
    network.eval()
    pixels = (torch.from_numpy(crops).permute(0, 3, 1, 2).float() - MEAN) * SCALE
    with torch.inference_mode():
        trained = network(pixels)[0].numpy()
    return float(np.abs(trained - written.run(crops)[0]).max())


def averaged(run: Path, checkpoint: str = BEST) -> tuple[Reader, dict[str, Any]]:
    """Return the averaged network of a run's checkpoint, or of both, and what is told beside."""
    names = (BEST, CHECKPOINT) if checkpoint == BOTH else (checkpoint,)
    kept = [_kept(run, name) for name in names]
    network, last = Reader(), kept[-1]
    network.load_state_dict(
        {
            name: sum(one["averaged"][name] for one in kept) / len(kept)
            if value.is_floating_point()
            else value
            for name, value in last["averaged"].items()
        }
    )
    told = ("step", "seconds", "best", "settings")
    return network, {key: last[key] for key in told} | {
        "checkpoints": [one["step"] for one in kept],
        "split": last.get("split", ALONE),  # older runs do not say
        "balance": last.get("balance", {}),
        # Only then was a checkpoint chosen by crops that are held out.
        "chosen_by_held": BEST in names and last.get("from_released", False),
    }


def _kept(run: Path, checkpoint: str) -> dict[str, Any]:
    if not (run / checkpoint).exists():
        raise Unreadable(f"{run} holds no {checkpoint}", then="train there first")
    kept: dict[str, Any] = torch.load(run / checkpoint, map_location="cpu", weights_only=True)
    return kept


def card(
    told: dict[str, Any], taught: Sequence[data.Crop], held: Sequence[data.Crop], out: Path
) -> dict[str, Any]:
    """Measure the written file on what was held out."""
    written = Written(out)
    crops = np.stack([fitted(image, HEIGHT, WIDTH) for image in loaded(held)])
    logits, regions = written.every(crops)
    divided_by = float(onnx_fact(out, "temperature"))
    truths = [crop.text for crop in held]
    guessed = [data.REGIONS[at] for at in regions.argmax(1)]
    told_region = [(c.region, g) for c, g in zip(held, guessed, strict=True) if c.region]
    return {
        "made": onnx_fact(out, "made"),
        "network": f"convolutions, two row glances, one attention layer; {HEIGHT}x{WIDTH} pixels",
        "parameters": sum(p.numel() for p in Reader().parameters()),
        "sha256": hashlib.sha256(out.read_bytes()).hexdigest(),
        "split": told["split"],
        "training": told,
        "taught": {"crops": len(taught), "digest": data.digest(taught)},
        "held_out": {"crops": len(held), "digest": data.digest(held)},
        "scored": "O = 0 in American plates; crops as the sets have them",
        "figures": {k: _figure(s) for k, s in measure.scores(held, measure.texts(logits)).items()},
        "region_right": round(float(np.mean([r == g for r, g in told_region])), 4),
        "country_right": round(float(np.mean([r[:2] == g[:2] for r, g in told_region])), 4),
        "temperature": divided_by,
        "reliability": [asdict(r) for r in measure.reliability(logits, truths, divided_by)],
        "milliseconds_a_crop_one_core": round(written.milliseconds(crops), 2),
        "limits": (
            "American plates: the letter O is read as 0, and small stacked letters beside the "
            "serial are left out, as the sets that taught it do."
        ),
    }


def with_fact(path: Path, key: str, value: str) -> None:
    """Change one entry of the file's metadata."""
    model = onnx.load(str(path))
    next(e for e in model.metadata_props if e.key == key).value = value
    onnx.save(model, str(path))


def onnx_fact(path: Path, key: str) -> str:
    """Return one entry of the file's metadata."""
    return str(next(e.value for e in onnx.load(str(path)).metadata_props if e.key == key))


def _figure(score: measure.Score) -> dict[str, float]:
    return {
        "plates": score.plates,
        "exact": round(100 * score.exact / score.plates, 2),
        "within_one": round(100 * score.within_one / score.plates, 2),
    }


def main(arguments: Sequence[str]) -> int:
    """Export a run and write its card."""
    parser = argparse.ArgumentParser(
        prog="python -m models.reader.export", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("run", type=Path)
    parser.add_argument("--sets", type=Path, nargs="+", required=True, help="as for training")
    parser.add_argument("--out", type=Path, default=Path("models/plate_recognizer.onnx"))
    parser.add_argument(
        "--checkpoint",
        choices=(BEST, CHECKPOINT, BOTH),
        default=BEST,
        help="the last is chosen by nothing, so all held out measures it; the mean is of both",
    )
    parser.add_argument("--mean-with", type=Path, help="what the run began from, to average with")
    parser.add_argument("--share", type=from_0_to_1, default=0.5, help="of the run in that mean")
    words = parser.parse_args(arguments)
    return status_of("models.reader.export", lambda: _released(words))


def _released(words: argparse.Namespace) -> int:
    torch.set_num_threads(1)
    network, told = averaged(words.run, words.checkpoint)
    if words.mean_with is not None:
        told["split"] = narrowest(told["split"], split_told(words.mean_with.with_suffix(".json")))
        told["mean"] = averaging.told(words.mean_with, words.share)
    taught, held = parted(data.crops(words.sets))
    held = unseen(held, [*taught, *held], told["split"])
    if told["chosen_by_held"]:
        held, _ = watched(held, WATCHED_OF_HELD_ONE_IN)
    crops = np.stack([fitted(image, HEIGHT, WIDTH) for image in loaded(held)])
    made = datetime.now(timezone.utc).isoformat(timespec="seconds")
    with TemporaryDirectory() as folder:
        aside = Path(folder) / words.out.name
        exported(network, aside, facts(1.0, made))
        apart = disagreement(network, Written(aside), crops[:64])
        if apart > AGREEMENT:
            raise RuntimeError(f"the written file differs from the network by {apart:.4f}")
        told |= {"disagreement": apart}  # before any mean was taken
        if words.mean_with is not None:
            averaging.average(aside, words.mean_with, words.share)
        logits, _ = Written(aside).every(crops)
        divided_by = measure.temperature(logits, [crop.text for crop in held])
        with_fact(aside, "temperature", str(divided_by))
        write_whole(words.out, aside.read_bytes())
    write_whole(
        words.out.with_suffix(".json"),
        (json.dumps(card(told, taught, held, words.out), indent=1) + "\n").encode(),
    )
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
