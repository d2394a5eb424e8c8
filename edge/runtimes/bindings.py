"""What an engine's bindings must be, told from their description alone.

Sizes that may vary stand as -1 and have a profile: the least, the best and the most that the
engine was built for. It is run at the best height and width, and at any batch up to the most.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from edge.runtimes import Port

Shape = tuple[int, ...]

# TensorRT's names to torch's and numpy's. A network whose numbers are others (8-bit input, whole
# numbers where it suppresses by itself) is not one that we can feed.
NUMBERS: Mapping[str, str] = {"FLOAT": "float32", "HALF": "float16"}


class Unfit(Exception):
    """An engine that cannot be run as it is; says why."""


@dataclass(frozen=True, slots=True)
class Binding:
    """One input or output as the engine describes it."""

    name: str
    is_input: bool
    number: str  # TensorRT's name of its type
    shape: Shape
    profile: tuple[Shape, Shape, Shape] | None = None  # of an input: least, best, most


@dataclass(frozen=True, slots=True)
class Bound:
    """The bindings, found usable."""

    entry: Port
    exits: tuple[Port, ...]
    batch_max: int


def bound(bindings: Sequence[Binding]) -> Bound:
    """Return how the engine is to be run; Unfit says why it cannot be."""
    for one in bindings:
        if one.number not in NUMBERS:
            raise Unfit(f"{one.name} is of {one.number}, and can be of {' or '.join(NUMBERS)}")
    entries = [one for one in bindings if one.is_input]
    if len(entries) != 1:
        raise Unfit(f"it has {len(entries)} inputs, and a network here has one")
    (entry,) = entries
    exits = tuple(
        Port(one.name, tuple(_size(size) for size in one.shape))
        for one in bindings
        if not one.is_input
    )
    return Bound(Port(entry.name, _entry_shape(entry)), exits, _most(entry))


def _entry_shape(entry: Binding) -> tuple[int | None, ...]:
    if -1 not in entry.shape:
        return entry.shape
    if entry.profile is None:
        raise Unfit("its input may vary, but it has no profile that says how far")
    least, best, most = entry.profile
    batch = best[0] if least[0] == most[0] else None
    return batch, *best[1:]


def _most(entry: Binding) -> int:
    return entry.profile[2][0] if entry.profile else entry.shape[0]


def _size(size: int) -> int | None:
    return size if size > 0 else None
