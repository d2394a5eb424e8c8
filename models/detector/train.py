"""From prepared tables to trained weights: YOLO11n, begun from what COCO knows of vehicles.

A run lives in one folder. Started again on the same folder it goes on after its last whole
epoch, so that a machine that is taken away costs minutes.
"""

from __future__ import annotations

import json
import math
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lot.errors import Unreadable
from lot.files import write_whole
from models.curves import write_curves
from models.detector import balance
from models.detector.data import read_tables
from models.detector.start import checkpoint_of

ARCHITECTURE = "yolo11n.yaml"
BALANCE = "balance.json"  # in the run's folder: what is shown oftener, for the card


@dataclass(frozen=True)
class Settings:
    """Every number of a run, each with its reason; the card repeats them."""

    seed: int = 11
    epochs: int = 12  # what two quiet cores do in an hour; the card says what a release had
    minutes: float | None = None  # where cores are shared: the run ends then, its rate at its end
    size: int = 416  # 2.4 times the pictures a second of 640; small plates come from `mosaic`
    batch: int = 8  # small, for more steps in the time there is: 250 an epoch
    rate: float = 5e-4  # AdamW; a tenth of what random weights would take, since these know much
    rate_end: float = 0.02  # of `rate`, along a cosine
    warm: float = 0.5  # epochs until the full rate; 0 where a run goes on from an earlier one
    averaged: int = 200  # steps that the kept weights are averaged over; the library's 10,000
    # are more than a run of ours has
    mosaic: float = 1.0  # four pictures in one: plates of 12 to 40 px, where gates have them
    mosaic_off: int = 2  # the last epochs see whole pictures, as the gate does
    scale: float = 0.6  # 0.4 to 1.6: a plate is 70 to 400 px wide at one gate
    # How much oftener rare kinds, small sets and narrow plates are shown (`models.balance`): off,
    # since what it does to held-out figures was not measured.
    balance: float = 0.0
    turn: float = 3.0  # degrees; more makes boxes of upright corners too loose
    shear: float = 2.0  # degrees: a camera beside the drive
    flip: float = 0.5  # a mirrored plate still is a plate: reading is another network's task
    frozen: int = 4  # layers down to stride 8: edges COCO taught; a fifth of the time saved
    threads: int = 2


def overrides(
    settings: Settings, described: Path, run: Path, *, on_gpu: bool = False
) -> dict[str, Any]:
    """Return the trainer's own names for our settings; on a GPU it computes in half precision."""
    return {
        "data": str(described),
        "epochs": settings.epochs,
        "time": None if settings.minutes is None else settings.minutes / 60,
        "imgsz": settings.size,
        "batch": settings.batch,
        "nbs": settings.batch,  # a step a batch: the trainer would gather 64 pictures first
        "optimizer": "AdamW",
        "lr0": settings.rate,
        "lrf": settings.rate_end,
        "warmup_epochs": settings.warm,
        "warmup_bias_lr": 0.0,  # the default of 0.1 is for SGD and ruins AdamW's first steps
        "mosaic": settings.mosaic,
        "close_mosaic": settings.mosaic_off,
        "scale": settings.scale,
        "degrees": settings.turn,
        "shear": settings.shear,
        "fliplr": settings.flip,
        "freeze": settings.frozen,
        "seed": settings.seed,
        "deterministic": True,
        "cache": "ram",
        "device": 0 if on_gpu else "cpu",
        "amp": on_gpu,  # a CPU gains nothing by it
        "plots": False,
        "project": str(run.parent.resolve()),
        "name": run.name,
        "exist_ok": True,
    }


def train(start: Path | None, described: Path, run: Path, settings: Settings) -> Path:
    """Train from `start`, or go on where `run` was left; return the best checkpoint.

    `start` hands its rows over by the kinds' names: of COCO's 80 the four vehicles, of an
    earlier run of ours all five. Without it the weights begin at random.
    """
    best, last = (run / "weights" / f"{name}.pt" for name in ("best", "last"))
    finished = run / "finished"
    if finished.is_file():
        return best
    import torch

    words = overrides(settings, described, run, on_gpu=torch.cuda.is_available())
    if last.is_file():
        words |= {"model": str(last), "resume": str(last)}
    elif start is None:
        words |= {"model": ARCHITECTURE}
    elif not start.is_file():  # the library would look for the name on the network
        raise Unreadable(f"no weights at {start}", then="name others with --start")
    else:
        if start.suffix == ".onnx":
            start = checkpoint_of(start, run.parent)
        # Never `pretrained=False` with a .pt: it throws the weights away without a word.
        words |= {"model": str(start), "pretrained": True}
    shown = balance.shown(read_tables(described.parent), settings.balance)
    write_whole(described.parent / BALANCE, json.dumps(shown.balance.facts(), indent=1).encode())
    sys.stderr.write(f"{shown.balance.line()}\n")
    trainer = gate_trainer(settings.seed, shown)(overrides=words)
    pace = Pace(settings)
    trainer.add_callback("on_train_start", pace.begin)
    trainer.add_callback("on_train_epoch_start", pace.begin_epoch)
    trainer.add_callback("on_train_batch_start", pace.step)
    trainer.train()
    write_curves(run / "results.csv")
    finished.touch()
    return best


class Pace:
    """Lets the rate fall step by step, and averages over as many steps as a short run has.

    The library steps the rate once an epoch and averages over ten thousand steps; of three
    epochs the last would then run at a third of the full rate, with hardly any averaging.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._began = 0.0
        self._step = 0

    def begin(self, trainer: Any) -> None:
        """Take the threads we were given, and the average's length."""
        import torch

        # The trainer takes one core fewer than there are; on two that would be half the machine.
        torch.set_num_threads(self._settings.threads)
        steps = self._settings.averaged
        trainer.ema.decay = lambda updates: (1 - 1 / steps) * (1 - math.exp(-2 * updates / steps))
        self._began = time.monotonic()

    def begin_epoch(self, trainer: Any) -> None:
        """Count the steps of the epoch anew."""
        del trainer
        self._step = 0

    def step(self, trainer: Any) -> None:
        """Set the rate for the next step; while warming up the trainer then sets its own."""
        whole = len(trainer.train_loader) * trainer.epochs
        done = (trainer.epoch * len(trainer.train_loader) + self._step) / whole
        if self._settings.minutes is not None:  # the trainer guesses how many epochs will fit
            done = min(1.0, (time.monotonic() - self._began) / 60 / self._settings.minutes)
        self._step += 1
        for group in trainer.optimizer.param_groups:
            group["lr"] = group["initial_lr"] * along_cosine(done, self._settings.rate_end)


def along_cosine(done: float, end: float) -> float:
    """Return the share of the full rate after this share of the run: 1 at first, `end` at last."""
    return end + (1 - end) * (1 + math.cos(math.pi * done)) / 2


def gate_trainer(seed: int, shown: balance.Shown) -> Any:
    """Return the library's trainer, with the weather in its pictures and the rare ones oftener."""
    from ultralytics.models.yolo.detect import DetectionTrainer

    from models.detector.weather import Weather

    class Spoiling:
        """The weather as one of the trainer's own transforms."""

        def __init__(self) -> None:
            self._weather = Weather(seed)

        def __call__(self, labels: dict[str, Any]) -> dict[str, Any]:
            labels["img"] = self._weather(labels["img"])
            return labels

    class GateTrainer(DetectionTrainer):  # type: ignore[misc]  # ultralytics is untyped here
        def build_dataset(
            self, img_path: str, mode: str = "train", batch: int | None = None
        ) -> Any:
            dataset = super().build_dataset(img_path, mode, batch)
            if mode == "train":
                build = dataset.build_transforms

                def with_weather(hyp: Any) -> Any:
                    transforms = build(hyp)
                    transforms.insert(len(transforms.transforms) - 1, Spoiling())
                    return transforms

                # The trainer builds the transforms again when it closes the mosaic.
                dataset.build_transforms = with_weather
                dataset.transforms = with_weather(self.args)
                if shown.balance.strength:
                    balance.show_by_weight(dataset, shown.weights_of(dataset.im_files))
            return dataset

    return GateTrainer
