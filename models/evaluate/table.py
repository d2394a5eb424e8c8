"""The figures as lines for people: no wider than a terminal, each share with its count."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from models.evaluate.answers import Comparison, Paired
from models.evaluate.figures import Bin, Cost, Figures, Rate, Share
from models.evaluate.outcomes import KINDS, Kind

HEAD = f"{'':34}{'share':>8}   {'95 %':^13}  count"


def lines(found: Figures) -> list[str]:
    """Return a run's figures."""
    return [
        _size(found),
        "",
        HEAD,
        *(share(name, of) for name, of in found.shares()),
        rate("false plates a picture", found.false_plates),
        "",
        *costs(found.cost),
        *widths(found.by_width),
        *kinds(found.kinds),
        *reliability("character", found.characters),
        *reliability("plate", found.plates),
    ]


def _size(found: Figures) -> str:
    plates, boxes = found.exact.whole, found.recall_50.whole
    return f"{found.pictures} pictures, {plates} plates to be read, {boxes} boxes given"


def share(name: str, of: Share) -> str:
    """Return a share's line; a dash where nothing can be said."""
    if of.value is None:
        return f"{name:<34}{'-':>8}"
    low, high = of.interval
    return (
        f"{name:<34}{100 * of.value:6.1f} %   {100 * low:5.1f} - {100 * high:5.1f}"
        f"  {of.part}/{of.whole}"
    )


def rate(name: str, of: Rate) -> str:
    """Return a rate's line."""
    if of.value is None:
        return f"{name:<34}{'-':>8}"
    low, high = of.interval
    return f"{name:<34}{of.value:8.3f}   {low:5.3f} - {high:5.3f}  {of.count}/{of.pictures}"


def costs(cost: Cost) -> Iterator[str]:
    """Say how long a picture took and how much memory all did."""
    if cost.ms_median is not None:
        yield (
            f"processor time a picture: median {cost.ms_median:.0f} ms,"
            f" 95 % below {cost.ms_p95 or 0:.0f} ms"
        )
    if cost.peak_mb is not None:
        yield f"memory at most: {cost.peak_mb:.0f} MB"


def widths(bands: Sequence[tuple[str, Share]]) -> Iterator[str]:
    """Say how many were right of plates so wide in their picture; nothing where no box says it."""
    if not bands:
        return
    yield ""
    yield f"{'right (0 = O, 1 = I), of plates':<34}{'share':>8}   {'95 %':^13}  count"
    yield from (share(f"  {name}", of) for name, of in bands)


def kinds(counts: Counter[Kind]) -> Iterator[str]:
    """Say what the plates came to, by what went wrong."""
    if not counts:
        return
    yield ""
    yield "what the plates came to"
    for kind, words in KINDS.items():
        if counts[kind]:
            yield f"  {words:<44}{counts[kind]:>6}"


def reliability(of: str, bins: Sequence[Bin]) -> Iterator[str]:
    """Return a table of confidence against truth."""
    if not bins:
        return
    yield ""
    yield f"{'confidence of a ' + of:<24}{'mean':>7}{'right':>9}   {'95 %':^13}  count"
    for one in bins:
        low, high = one.right.interval
        span = f"  {one.low:.3f} to {one.high:.3f}"
        yield (
            f"{span:<24}{one.confidence:7.3f}{one.right.value or 0:9.3f}   "
            f"{low:5.3f} - {high:5.3f}  {one.right.part}/{one.right.whole}"
        )


def comparison(found: Comparison) -> Iterator[str]:
    """Return what two runs differ in."""
    yield ""
    yield f"{'against the other run':<34}{'won':>6}{'lost':>6}{'both':>7}{'neither':>9}   chance"
    yield _paired("exact", found.exact)
    yield _paired("  with 0 = O and 1 = I", found.exact_folded)
    if found.only_here or found.only_there:
        yield f"only in this run: {found.only_here}, only in the other: {found.only_there} plates"


def _paired(name: str, of: Paired) -> str:
    return f"{name:<34}{of.won:>6}{of.lost:>6}{of.both:>7}{of.neither:>9}   {of.chance:.3f}"
