"""What the engines besides ours are told: plain values, so that settings need no engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class OpenAlprAsked:
    """Where OpenALPR lies and which plates it is to expect; None is left to OpenALPR itself."""

    country: str = "us"
    region: str = ""  # a state's template, as tx; empty: none
    library: Path | None = None
    config: Path | None = None
    runtime: Path | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """What each engine is told; a lot fills in what its own engine needs."""

    ensemble: tuple[str, ...] = ("crnn", "openalpr")  # a word is NAME or NAME=WEIGHTS
    openalpr: OpenAlprAsked = field(default_factory=OpenAlprAsked)


def place(formats: Sequence[str]) -> tuple[str, str]:
    """Return the country and the region in OpenALPR's words of the first region in `formats`.

    `us-tx` is its country `us` with the region `tx`; an owner's own pattern names no region.
    """
    named = next((word for word in formats if ":" not in word), "us")
    country, _, region = named.partition("-")
    return country, region
