"""One measured figure: what it is, what it should be, and whether it holds.

A figure that is a time is a ratio of two things timed in turns in one run, since machines
differ and neighbours come and go.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from lot.errors import LotError


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its goal; `baseline` says against what it was measured."""

    name: str
    value: float | None  # None: could not be measured here, and `baseline` says why
    unit: str
    goal: str  # as ">= 5"; empty: reported without a goal
    holds: bool | None  # None: not measured, which is neither
    baseline: str
    machine: str = ""


def figure(name: str, value: float | None, unit: str, goal: str, baseline: str) -> Figure:
    """Judge `value` by `goal`; what could not be measured neither holds nor fails."""
    return Figure(name, value, unit, goal, _holds(value, goal), baseline, machine())


def _holds(value: float | None, goal: str) -> bool | None:
    if value is None:
        return None
    if not goal:
        return True
    relation, bound = goal.split()
    return value >= float(bound) if relation == ">=" else value <= float(bound)


@cache
def machine() -> str:
    """Return the processor and its cores, so that a figure is not read as another machine's."""
    name = platform.machine()
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            if line.startswith(("model name", "Model")):
                name = line.split(":", 1)[1].strip()
                break
    except OSError:
        pass  # not a Linux: the architecture must do
    return f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}"


def table(figures: Sequence[Figure]) -> str:
    """Return a table that fits 80 columns."""
    lines = [f"{'figure':<38}{'value':>9} {'unit':<8}{'goal':>8}  holds"]
    for one in figures:
        value = "-" if one.value is None else f"{one.value:.4g}"
        holds = ("yes" if one.holds else "NO") if one.value is not None else "not run"
        if len(one.name) >= 38:  # a line of its own, so that the columns stand
            lines.append(one.name)
        name = one.name if len(one.name) < 38 else ""
        lines.append(f"{name:<38}{value:>9} {one.unit:<8}{one.goal:>8}  {holds}")
    return "\n".join(lines)


Measure = Callable[[argparse.Namespace], Sequence[Figure]]


def no_words(_: argparse.ArgumentParser) -> None:
    """Add nothing to what every benchmark understands."""


def a_folder(text: str) -> Path:
    """Read the word of `--folder`, a folder on the disk that is measured."""
    found = Path(text)
    if not found.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no folder: make it first")
    return found


def main(
    measure: Measure,
    words: Callable[[argparse.ArgumentParser], None] = no_words,
    argv: Sequence[str] | None = None,
) -> int:
    """Run one benchmark as a command: a table, or with --json its figures as the last line."""
    parser = argparse.ArgumentParser(description=sys.modules["__main__"].__doc__)
    parser.add_argument("--json", action="store_true", help="figures as one line of JSON")
    words(parser)
    arguments = parser.parse_args(argv)
    try:
        figures = measure(arguments)
    except LotError as error:
        print(f"benchmarks: {error}", file=sys.stderr)
        return error.exit_status
    if arguments.json:
        print(json.dumps([asdict(one) for one in figures]))
    else:
        print(table(figures))
        for one in figures:
            print(f"  {one.name}: {one.baseline}")
    return 0 if all(one.holds is not False for one in figures) else 1
