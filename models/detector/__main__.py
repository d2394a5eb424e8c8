"""The detector's making, step by step: draw, prepare, train, release.

    python -m models.detector draw RUN --pictures 340
    python -m models.detector prepare RUN DATA... RUN/drawings --vehicles COCO.pt
    python -m models.detector train RUN --start COCO.pt
    python -m models.detector release RUN --to models/plate_detector.onnx

Everything of a run lies in its folder RUN, which must not be in git: it links to pictures.
A further round (`prepare` with --own and released weights, `train --start` with the same file)
learns from the plates that no set has boxes for. All but --help runs in .venv-train.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime, timezone
from pathlib import Path

import pandas as pd

from edge.detection.choice import detector
from edge.detection.decoding import USUAL
from lot.errors import DONE
from lot.files import write_whole
from lot.mains import status_of
from models.balance import from_0_to_1
from models.detector import card, data, drawn, export, layout, looking, pseudo
from models.detector.start import knows_plates
from models.detector.train import BALANCE, Settings, train
from models.reader.data import crops
from models.split import ALONE, TOGETHER, Split, narrowest, split_told

FLAGS = (
    "epochs",
    "minutes",
    "rate",
    "warm",
    "size",
    "balance",
)  # of Settings, those that runs differ in
SIZE = 640  # the longest side the edge runs it at
PREPARED, BEGUN = "prepared.json", "begun.json"  # in a run: how the split of each came about


def draw(words: argparse.Namespace) -> int:
    """Draw gate scenes as a set of their own."""
    folder = words.run / "drawings" / "drawn"
    count = drawn.draw_set(folder, words.pictures, words.seed)
    print(f"{count} drawn pictures in {folder}")
    return DONE


def prepare(words: argparse.Namespace) -> int:
    """Gather the sets, add the boxes they lack, and lay all out for the trainer."""
    gathered = data.gather(words.data, crops(words.crops))
    prepared = data.without_copies(gathered)
    boxes = [prepared.boxes]
    if words.vehicles:
        boxes.append(pseudo.vehicle_boxes(prepared, words.vehicles))
    if words.own:
        boxes.append(pseudo.own_boxes(prepared, detector("onnx", words.own)))
    whole = data.Prepared(prepared.pictures, pd.concat(boxes, ignore_index=True))
    data.write_tables(whole, words.run)
    # What is held for a plate on it only measures and never chooses a checkpoint: weights of
    # before 2026-11-26, which a run may begin from, know it.
    layout.lay_out(data.never_taught(whole, ALONE), words.run)
    _note_split(words.run / PREPARED, TOGETHER if words.crops else ALONE)
    counts = whole.boxes.groupby(["kind", "by"]).size()
    left_out = len(gathered.pictures) - len(whole.pictures)
    print(f"{left_out} pictures look like one that is held out, and are left out")
    print(f"{len(whole.pictures)} pictures in {words.run}; boxes by kind and origin:")
    print(counts.to_string())
    return DONE


def learn(words: argparse.Namespace) -> int:
    """Train, or go on where the run was left."""
    changed = {name: getattr(words, name) for name in FLAGS}
    settings = replace(Settings(), **{k: v for k, v in changed.items() if v is not None})
    write_whole(words.run / "settings.json", json.dumps(asdict(settings), indent=2).encode())
    if not (words.run / "trainer").exists():  # else it goes on, and began elsewhere
        _note_split(words.run / BEGUN, _split_of_start(words.start))
    best = train(words.start, words.run / "data.yaml", words.run / "trainer", settings)
    print(f"trained: {best}")
    return DONE


def release(words: argparse.Namespace) -> int:
    """Export, measure the exported file on the held side, and put it with its card in place."""
    prepared = data.read_tables(words.run)
    made = datetime.now(timezone.utc).strftime("%Y-%m-%d")
    sha = data.sha_of(prepared)
    checkpoint = words.checkpoint or words.run / "trainer" / "weights" / "best.pt"
    aside: Path = words.run / words.to.name
    agreement = export.exported(
        export.trained(checkpoint), aside, {"size": str(SIZE), "sha_of_data": sha, "made": made}
    )
    mean = _mean_taken(aside, words.mean_with, words.share)
    split = narrowest(
        split_told(words.run / PREPARED),
        split_told(words.run / BEGUN),
        split_told(words.mean_with.with_suffix(".json")) if words.mean_with else TOGETHER,
    )
    looked = looking.looked_at(data.never_taught(prepared, split), aside, SIZE)
    facts: Mapping[str, object] = {
        "made": made,
        "sha_of_data": sha,
        "split": split,
        "settings": json.loads((words.run / "settings.json").read_text()),
        "balance": _balance(words.run / BALANCE),
        "rounds": words.rounds,
        "size": SIZE,
        "torch_against_onnx": asdict(agreement),  # before any mean was taken
        "mean": mean,
        "thresholds": {"plate": USUAL.plate, "vehicle": USUAL.vehicle},
        "held_out": card.figures(looked, USUAL.plate, USUAL.vehicle),
    }
    beside = words.to.with_suffix(".json")
    shutil.copyfile(aside, words.to)
    card.write_card(beside, words.to, prepared, facts)
    print(json.dumps(facts["held_out"], indent=2))
    print(f"released: {words.to} with its card {beside}")
    return DONE


def _note_split(path: Path, split: Split) -> None:
    write_whole(path, json.dumps({"split": split}).encode())


def _split_of_start(start: Path | None) -> Split:
    if start is None or (start.suffix == ".pt" and start.is_file() and not knows_plates(start)):
        return TOGETHER  # COCO's network learned from no set of ours
    return split_told(start.with_suffix(".json"))


def _balance(path: Path) -> object:
    return json.loads(path.read_text()) if path.is_file() else None  # older runs have none


def share(written: str) -> float:
    """Read a share of a whole, for the parser."""
    number = float(written)
    if not 0 < number <= 1:
        raise argparse.ArgumentTypeError(f"{written} is not above 0 and up to 1")
    return number


def _mean_taken(new: Path, old: Path | None, share: float) -> Mapping[str, object] | None:
    if old is None:
        return None
    from models import averaging  # needs torch and onnx, which not every step does

    averaging.average(new, old, share)
    return averaging.told(old, share)


def main(argv: Sequence[str]) -> int:
    """Run one step; return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m models.detector",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    steps = parser.add_subparsers(required=True, metavar="STEP")

    step = steps.add_parser("draw", help="draw gate scenes as a set of pictures")
    step.add_argument("run", type=Path)
    step.add_argument("--pictures", type=int, default=340, help="one in seven beside the photos")
    step.add_argument("--seed", type=int, default=1)
    step.set_defaults(step=draw)

    step = steps.add_parser("prepare", help="gather sets into one table and the trainer's folders")
    step.add_argument("run", type=Path)
    step.add_argument("data", type=Path, nargs="+", help="folders below which sets lie")
    step.add_argument(
        "--crops",
        type=Path,
        nargs="*",
        default=[],
        help="the reader's folders of truth.csv: what it holds out is held out here too",
    )
    step.add_argument("--vehicles", type=Path, help="YOLO weights of COCO that draw the vehicles")
    step.add_argument("--own", type=Path, help="an earlier round's .onnx that draws missing plates")
    step.set_defaults(step=prepare)

    step = steps.add_parser("train", help="train; a stopped run goes on after its last epoch")
    step.add_argument("run", type=Path)
    step.add_argument(
        "--start", type=Path, help="weights to begin from, .pt or a released .onnx; else random"
    )
    step.add_argument("--epochs", type=int)
    step.add_argument("--minutes", type=float, help="end then, whatever the epochs")
    step.add_argument("--warm", type=float, help="epochs until the full learning rate")
    step.add_argument("--rate", type=float, help="the learning rate to begin with")
    step.add_argument("--size", type=int, help="the longest side of a picture in training")
    step.add_argument(
        "--balance",
        type=from_0_to_1,
        help="how much oftener rare kinds, sets and narrow plates are shown, 0 to 1; else 0",
    )
    step.set_defaults(step=learn)

    step = steps.add_parser("release", help="export, measure, write the card")
    step.add_argument("run", type=Path)
    step.add_argument("--to", type=Path, required=True)
    step.add_argument("--checkpoint", type=Path, help="another than the run's best")
    step.add_argument("--rounds", type=int, default=1, help="rounds of training up to here")
    step.add_argument("--mean-with", type=Path, help="an earlier round's .onnx, to average with")
    step.add_argument("--share", type=share, default=0.7, help="of the new weights in that mean")
    step.set_defaults(step=release)

    words = parser.parse_args(argv)
    # Read when torch and ultralytics are imported: else they spin while they wait, write into the
    # home folder, and install what they miss.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("YOLO_CONFIG_DIR", str(words.run))
    os.environ.setdefault("YOLO_AUTOINSTALL", "false")
    return status_of("models.detector", lambda: int(words.step(words)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
