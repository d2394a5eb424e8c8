"""Every number of a run, and what suits the device that it is on."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, get_args

import torch

from lot.errors import WrongUsage

Precision = Literal["float32", "float16", "bfloat16"]
PRECISIONS: tuple[Precision, ...] = get_args(Precision)


@dataclass(frozen=True)
class Settings:
    """Every number of a run, each with its reason; the card repeats them."""

    seed: int = 7
    steps: int = 8000
    minutes: float | None = None  # where cores are shared: the run ends then, whatever the steps
    batch: int = 32  # on one core steps are dear, and more of them leave CTC's blank phase sooner
    rate: float = 1.5e-3  # AdamW, for batches of 32; held-out figures rose until it cooled
    warm_steps: int = 200
    cooled_share: float = 0.33  # of the steps, at the end
    decay: float = 0.02
    clip: float = 2.0  # CTC's first steps have rare, huge gradients
    average: float = 0.998  # the averaged weights are what is measured and exported
    real: float = 0.5  # share of real crops; the others are drawn, Texas above all
    taught: float = 1.0  # part of the real crops there are: less shows what more would bring
    primed_steps: int = (
        400  # then 100 steps of CTC read 57 % of held-out US crops; without, 500 none
    )
    # How much oftener rare regions and characters are shown (`models.balance`): off, since what it
    # does to held-out figures was not measured. By source crops are always weighed.
    balance: float = 0.0
    easy_steps: int = 2000  # over which weather and distance come in
    region_weight: float = 0.1  # it helps the body, and must not cost characters
    check_steps: int = 500
    patience: int = 40  # checks without a better one, after which the rate falls at once
    loaders: int = 1
    threads: int = 1
    device: str = "cpu"  # or cuda
    precision: Precision = "float32"  # of the products; the weights always have 32 bits


def settings_on(device: str) -> Settings:
    """Return what suits a device."""
    if device == "cpu":
        # With these instructions bfloat16 learned 1.5 times the crops a second on one core.
        fast = "avx512_bf16" in _processor() or "amx_bf16" in _processor()
        return Settings(precision="bfloat16" if fast else "float32")
    # Reasoned and never measured: a GPU hardly notices 128 crops, and wearing them down is then
    # what takes the time, a core each. The rate stays, which for more crops a step is careful.
    loaders = max(1, min(8, (os.cpu_count() or 2) - 1))
    return Settings(device=device, precision="float16", batch=128, loaders=loaders)


def _processor() -> frozenset[str]:
    """Return the processor's instructions, where Linux names them."""
    try:
        told = Path("/proc/cpuinfo").read_text()
    except OSError:
        return frozenset()
    flags = (line.partition(":")[2] for line in told.splitlines() if line.startswith("flags"))
    return frozenset(next(flags, "").split())


def device_here(asked: str | None) -> str:
    """Return the device to train on: the one asked for, else a GPU where torch sees one."""
    seen = torch.cuda.is_available()
    if asked == "cuda" and not seen:
        raise WrongUsage("torch sees no GPU here", then="leave --device out, or say --device cpu")
    return asked or ("cuda" if seen else "cpu")
