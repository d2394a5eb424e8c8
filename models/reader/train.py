"""From crops to a reader's weights, in one file that is read from top to bottom.

A run lives in one folder: `last.pt` (everything needed to go on), `best.pt` (what read most of
the watched crops), `log.csv` with its curves. Started again on the same folder it goes on after
the last step it kept. Rate: up over the first steps, level, and down to nothing over the last
third, so that a run can be made longer before it cools. A run given minutes ends with them, its
rate too. Where torch sees a GPU the steps are taken there, in half precision where that is safe;
what is kept is the same, so a run may go on elsewhere.
"""

from __future__ import annotations

import argparse
import csv
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
import torch.nn.functional as functional
from torch.utils.data import DataLoader, IterableDataset, get_worker_info

from lot.errors import DONE, WrongUsage
from lot.files import written_aside
from lot.mains import status_of
from models.balance import from_0_to_1
from models.curves import write_curves
from models.reader import pool
from models.reader.data import Crop, crops
from models.reader.measure import Logits, Score, scores, texts
from models.reader.network import COLUMNS, HEIGHT, MEAN, SCALE, WIDTH, Reader
from models.reader.primer import EITHER, Primed, primed
from models.reader.samples import UNKNOWN, Mixture, Sample, fitted, loaded
from models.reader.settings import PRECISIONS, Settings, device_here, settings_on
from models.restoring import restore
from models.split import (
    ALONE,
    TOGETHER,
    WATCHED_OF_HELD_ONE_IN,
    Split,
    part_of,
    parted,
    split_told,
    unseen,
    watched,
)

CHECKPOINT, BEST = "last.pt", "best.pt"
Batch = tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]
Primer = tuple[torch.Tensor, torch.Tensor]


def rate_at(step: int, done: float, settings: Settings) -> float:
    """Return the step's learning rate, `done` being the share of the run that is behind it."""
    if step < settings.warm_steps:
        return settings.rate * (step + 1) / settings.warm_steps
    return settings.rate * min(1.0, max(0.02, (1 - done) / settings.cooled_share))


class Run:
    """One training, from its folder's last kept step to its end."""

    def __init__(self, folder: Path, settings: Settings) -> None:
        torch.manual_seed(settings.seed)
        torch.set_num_threads(settings.threads)
        self.folder, self.settings = folder, settings
        self.step, self.seconds = 0, 0.0  # of this run's starts, all together
        self.best, self.best_step, self.unimproved = -1.0, 0, 0
        self.cools_from: float | None = None  # the share spent when it got no better
        self.from_released = False  # such weights know every crop but those held out
        self.balance: dict[str, object] = {}  # of what is shown, for the card
        self.split: Split = TOGETHER  # how held, in all that these weights were taught by
        self.device = torch.device(settings.device)
        self.network = Reader().to(self.device, memory_format=torch.channels_last)
        self.averaged = Reader().to(self.device)
        self.averaged.load_state_dict(self.network.state_dict())
        self.optimiser = torch.optim.AdamW(
            self.network.parameters(), lr=settings.rate, weight_decay=settings.decay
        )
        # A float16 has too few bits for small gradients: these are scaled up.
        halved = settings.precision == "float16"
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=halved)
        self.begun = (folder / CHECKPOINT).exists()
        if self.begun:
            kept = torch.load(folder / CHECKPOINT, map_location="cpu", weights_only=True)
            self.step, self.seconds = kept["step"], kept["seconds"]
            self.best, self.best_step = kept["best"], kept["best_step"]
            self.unimproved, self.cools_from = kept["unimproved"], kept["cools_from"]
            self.from_released = kept.get("from_released", False)  # older runs do not say
            self.split = kept.get("split", ALONE)
            self.network.load_state_dict(kept["network"])
            self.averaged.load_state_dict(kept["averaged"])
            self.optimiser.load_state_dict(kept["optimiser"])
            if halved and kept.get("scaler"):  # empty where nothing was scaled
                self.scaler.load_state_dict(kept["scaler"])

    def begin_from(self, released: Path, taught: Sequence[Crop]) -> None:
        """Take over the weights of a released file, which needs neither primer nor easy steps."""
        if not taught:
            raise WrongUsage(
                "released weights are put back around real crops, and none is given",
                then="name some with --sets",
            )
        images = [
            fitted(image, HEIGHT, WIDTH) for image in loaded(taught[:: len(taught) // 200 + 1])
        ]
        begun = Reader()
        restore(begun, released, prepared(torch.from_numpy(np.stack(images))))
        self.network.load_state_dict(begun.state_dict())
        self.averaged.load_state_dict(begun.state_dict())
        self.step = max(self.settings.primed_steps, self.settings.easy_steps)
        self.from_released, self.split = True, split_told(released.with_suffix(".json"))

    @property
    def done(self) -> float:
        """The share of the run that is behind it, sooner 1 where it got no better."""
        if self.cools_from is None:
            return min(1.0, self._spent)
        return min(1.0, self._level * self._spent / self.cools_from)

    @property
    def _level(self) -> float:
        """The share at which the rate begins to fall."""
        return 1 - self.settings.cooled_share

    @property
    def _spent(self) -> float:
        """The share of its steps, or of its minutes where it has them."""
        if self.settings.minutes is None:
            return self.step / self.settings.steps
        return self.seconds / 60 / self.settings.minutes

    def learn(self, given: Batch | Primer) -> float:
        """Take one step; return its loss."""
        began = time.monotonic()
        self.network.train()
        kind = getattr(torch, self.settings.precision)
        with torch.autocast(self.device.type, kind, enabled=kind is not torch.float32):
            loss = self._primed(given) if len(given) == 2 else self._read(given)
        for group in self.optimiser.param_groups:
            group["lr"] = rate_at(self.step, self.done, self.settings)
        self.optimiser.zero_grad()
        self.scaler.scale(loss).backward()
        self.scaler.unscale_(self.optimiser)  # the limit below is of true gradients
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip)
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self._average()
        self.step += 1
        self.seconds += time.monotonic() - began
        return float(loss.detach())

    def _primed(self, given: Primer) -> torch.Tensor:
        pixels, moments = (tensor.to(self.device, non_blocking=True) for tensor in given)
        logits = self.network(prepared(pixels))[0].float()
        return functional.cross_entropy(
            logits.flatten(0, 1), moments.flatten(), ignore_index=EITHER
        )

    def _read(self, given: Batch) -> torch.Tensor:
        settings = self.settings
        lengths = given[2]  # stays: the loss reads it on the processor
        pixels, targets, regions = (
            given[at].to(self.device, non_blocking=True) for at in (0, 1, 3)
        )
        logits, seen = self.network(prepared(pixels))
        characters = functional.ctc_loss(
            logits.float().log_softmax(2).transpose(0, 1),
            targets,
            torch.full((len(pixels),), logits.shape[1]),
            lengths,
            zero_infinity=True,
        )
        place = functional.cross_entropy(seen.float(), regions, ignore_index=UNKNOWN).nan_to_num(
            0.0
        )
        return characters + settings.region_weight * place

    def _average(self) -> None:
        # Early on the average must forget the random start sooner.
        keep = min(self.settings.average, (1 + self.step) / (10 + self.step))
        now = self.network.state_dict()
        with torch.no_grad():
            for name, value in self.averaged.state_dict().items():
                if value.is_floating_point():
                    value.lerp_(now[name], 1 - keep)

    def keep(self, score: float) -> None:
        """Write everything needed to go on; one that got no better begins to cool."""
        better = score > self.best
        self.unimproved = 0 if better else self.unimproved + 1
        if better:
            self.best, self.best_step = score, self.step
        elif self.unimproved == self.settings.patience and self.done < self._level:
            self.cools_from = self._spent
        whole = {
            "step": self.step,
            "seconds": self.seconds,
            "best": self.best,
            "best_step": self.best_step,
            "unimproved": self.unimproved,
            "cools_from": self.cools_from,
            "from_released": self.from_released,
            "split": self.split,
            "balance": self.balance,
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimiser": self.optimiser.state_dict(),
            "scaler": self.scaler.state_dict(),
            "settings": asdict(self.settings),
        }
        for name in (BEST, CHECKPOINT) if better else (CHECKPOINT,):
            with written_aside(self.folder / name) as aside:
                torch.save(whole, aside)


class Batches(IterableDataset[Batch | Primer]):  # type: ignore[misc]  # as in network.py
    """Endless batches; every loader and every start of a run has a seed of its own."""

    def __init__(self, mixture: Mixture, settings: Settings, start: int) -> None:
        self.mixture, self.settings, self.start = mixture, settings, start

    def __iter__(self) -> Iterator[Batch | Primer]:
        cv2.setNumThreads(0)
        torch.set_num_threads(1)
        worker = get_worker_info()
        number, of = (worker.id, worker.num_workers) if worker else (0, 1)
        rng = np.random.default_rng([self.settings.seed, self.start, number])
        step, size = self.start + number, self.settings.batch
        while True:
            if step < self.settings.primed_steps:
                yield primer([primed(rng, (HEIGHT, WIDTH), COLUMNS) for _ in range(size)])
            else:
                easy = max(0.0, 1 - step / max(1, self.settings.easy_steps))
                samples = self.mixture.samples(rng, easy)
                yield batch([next(samples) for _ in range(size)])
            step += of


def batch(samples: Sequence[Sample]) -> Batch:
    """Stack samples: pixels, all labels in a row, how many each has, regions."""
    return (
        torch.from_numpy(np.stack([s.pixels for s in samples])),
        torch.tensor([label for s in samples for label in s.labels]),
        torch.tensor([len(s.labels) for s in samples]),
        torch.tensor([s.region for s in samples]),
    )


def primer(samples: Sequence[Primed]) -> Primer:
    """Stack primed samples: pixels, and what every moment should say."""
    return (
        torch.from_numpy(np.stack([s.pixels for s in samples])),
        torch.from_numpy(np.stack([s.moments for s in samples])),
    )


def prepared(pixels: torch.Tensor) -> torch.Tensor:
    """Return [N, height, width, 3] bytes as the network's input."""
    return (pixels.permute(0, 3, 1, 2).float() - MEAN) * SCALE


def read(network: Reader, held: Sequence[Crop]) -> Logits:
    """Return the logits of crops as they are, without wear."""
    network.eval()
    device = next(network.parameters()).device
    images = [fitted(image, HEIGHT, WIDTH) for image in loaded(held)]
    found = []
    with torch.inference_mode():
        for start in range(0, len(images), 64):
            pixels = torch.from_numpy(np.stack(images[start : start + 64])).to(device)
            found.append(network(prepared(pixels))[0].cpu().numpy())
    return np.concatenate(found)


def train(
    run: Run,
    taught: Sequence[Crop],
    held: Sequence[Crop],
    pools: Sequence[Path],
    start: Path | None = None,
) -> None:
    """Go on until the run's end, measuring on what is watched and on what is held out."""
    settings = run.settings
    if start is not None and not run.begun:
        run.begin_from(start, taught)
    taught, held, watching = sides(taught, held, run.split, from_released=run.from_released)
    opened = [pool.opened(path) for path in pools]
    mixture = Mixture(
        taught, opened, real=settings.real, size=(HEIGHT, WIDTH), balance=settings.balance
    )
    run.balance = mixture.balance.facts()
    how = f"{settings.batch} crops a step on {settings.device}"
    _say(f"{len(taught)} crops taught, {len(watching)} watched, {len(held)} held out; {how}")
    _say(mixture.balance.line())
    batches = iter(
        DataLoader(
            Batches(mixture, settings, run.step),
            batch_size=None,
            num_workers=settings.loaders,
            prefetch_factor=8 if settings.loaders else None,
            pin_memory=settings.device
            == "cuda",  # so that a batch travels while the one before is learned
        )
    )
    losses, began = [], time.monotonic()
    while run.done < 1.0:
        losses.append(run.learn(next(batches)))
        if run.step % settings.check_steps == 0 or run.done == 1.0:
            run.keep(exact(run.averaged, watching))
            found = scores(held, texts(read(run.averaged, held))) if held else {}
            seconds = time.monotonic() - began
            _log(run, float(np.mean(losses)), seconds, found)
            losses, began = [], time.monotonic()


def sides(
    taught: Sequence[Crop], held: Sequence[Crop], split: Split, *, from_released: bool
) -> tuple[Sequence[Crop], Sequence[Crop], Sequence[Crop]]:
    """Return what teaches, what measures, and what chooses among the run's checkpoints.

    Released weights were taught all but what is held out, so there what chooses is taken from it;
    and what was held out for the detector alone when they were made, they were taught too.
    """
    held = unseen(held, [*taught, *held], split)
    if from_released:
        measures, chooses = watched(held, WATCHED_OF_HELD_ONE_IN)
        return taught, measures, chooses
    teaches, chooses = watched(taught)
    return teaches, held, chooses


def exact(network: Reader, crops: Sequence[Crop]) -> float:
    """Return the share of crops that are read wholly; of none, nothing."""
    if not crops:
        return 0.0
    every = scores(crops, texts(read(network, crops)))["all"]
    return every.exact / every.plates


def _log(run: Run, loss: float, seconds: float, found: dict[str, Score]) -> None:
    path = run.folder / "log.csv"
    line: dict[str, Any] = {
        "step": run.step,
        "done": f"{run.done:.4f}",
        "loss": f"{loss:.4f}",
        "seconds": f"{seconds:.0f}",
        "best_watched": f"{run.best:.4f}",
        "best_step": run.best_step,
    }
    line |= {name: f"{s.exact / s.plates:.4f}" for name, s in found.items()}
    _say(", ".join(f"{name} {value}" for name, value in line.items() if " " not in name))
    new = not path.exists()
    with path.open("a", newline="") as stream:
        writer = csv.DictWriter(stream, line)
        if new:
            writer.writeheader()
        writer.writerow(line)
    write_curves(path)


def _say(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()  # a run takes hours, and may be watched through a pipe


def main(arguments: Sequence[str]) -> int:
    """Train on the sets and pools named."""
    parser = argparse.ArgumentParser(
        prog="python -m models.reader.train", description=(__doc__ or "").splitlines()[0]
    )
    parser.add_argument("run", type=Path, help="the run's folder; an older run there goes on")
    parser.add_argument("--sets", type=Path, nargs="*", default=[], help="folders of truth.csv")
    parser.add_argument("--pools", type=Path, nargs="+", required=True, help="drawn plates")
    parser.add_argument("--start", type=Path, help="a released .onnx to go on from")
    parser.add_argument("--steps", type=int, default=Settings.steps)
    parser.add_argument("--minutes", type=above_zero, help="end then, whatever the steps")
    parser.add_argument("--rate", type=float, default=Settings.rate)
    parser.add_argument("--real", type=float, default=Settings.real, help="share of real crops")
    parser.add_argument(
        "--taught",
        type=from_0_to_1,
        default=Settings.taught,
        help="part of the real crops that is taught; runs with less show what more would bring",
    )
    parser.add_argument("--device", choices=("cpu", "cuda"), help="else a GPU where there is one")
    parser.add_argument(
        "--precision", choices=PRECISIONS, help="of the products; else what suits the device"
    )
    parser.add_argument("--batch", type=int, help="crops a step; 32, on a GPU 128")
    parser.add_argument(
        "--balance",
        type=from_0_to_1,
        default=Settings.balance,
        help="how much oftener rare regions and characters are shown, 0 to 1",
    )
    parser.add_argument("--threads", type=int, default=Settings.threads)
    parser.add_argument("--loaders", type=int, help="processes; 1, on a GPU a core each, up to 8")
    words = parser.parse_args(arguments)
    return status_of("models.reader.train", lambda: _trained(words))


def above_zero(written: str) -> float:
    """Read a number that something lasts."""
    number = float(written)
    if not 0 < number < float("inf"):
        raise argparse.ArgumentTypeError(f"{written} is not above 0")
    return number


def _trained(words: argparse.Namespace) -> int:
    words.run.mkdir(parents=True, exist_ok=True)
    named = (
        "steps",
        "minutes",
        "rate",
        "real",
        "taught",
        "balance",
        "threads",
        "batch",
        "loaders",
        "precision",
    )
    given = {name: value for name in named if (value := getattr(words, name)) is not None}
    settings = replace(settings_on(device_here(words.device)), **given)
    taught, held = parted(crops(words.sets))
    some = part_of(taught, settings.taught)
    train(Run(words.run, settings), some, held, words.pools, words.start)
    return DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
