"""Finding among a million events: a plate, a plate with one wrong character, a page of a day.

Each figure is the median of several questions that differ. The memory is that of a process that
holds the index and nothing else: its own share of what it has mapped.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import timezone
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import bulk
from benchmarks.figure import Figure, figure, main
from server.index.asked import How, PlateAsked, Query, Scope
from server.index.index import Index

EVENTS = 1_000_000
_SCOPE = Scope(frozenset({bulk.LOT}))
_ASKED = range(100, 2000, 211)  # which drawn plates, and which days
_PAGE = 50


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Load the year and ask."""
    days = bulk.segments(words.events)
    index = Index({bulk.LOT: timezone.utc})
    began = perf_counter()
    index.load(bulk.LOT, days)
    loaded = perf_counter() - began
    del days
    memory = own_mb()
    against = f"{len(index)} drawn events, {bulk.DAYS} days; alone in its process"
    texts = [bulk.plate(number) for number in _ASKED]
    asked = {
        "exact plate": (_plates(texts, "exact"), "<= 0.1"),
        "one wrong character": (_plates(map(_misread, texts), "near"), "<= 1"),
        "a page of a day's visits": ([_day(number % bulk.DAYS) for number in _ASKED], "<= 0.05"),
    }
    figures = []
    for name, (queries, goal) in asked.items():
        seconds, found = _timed(index, queries)
        said = f"median of {len(queries)}, {found} found; {against}"
        figures.append(figure(f"search: {name}", seconds, "s", goal, said))
    return [
        *figures,
        figure("search: the index's memory", memory, "MB", "<= 200", against),
        figure("search: a year's segments read in", loaded, "s", "", against),
    ]


def own_mb() -> float | None:
    """Return this process's share of the memory that it has mapped; None without a Linux."""
    try:
        lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return sum(int(line.split()[1]) for line in lines if line.startswith("Pss:")) / 1024


def _timed(index: Index, queries: Sequence[Query]) -> tuple[float, int]:
    taken, found = [], 0
    for query in queries:
        began = perf_counter()
        page = index.search_visits(_SCOPE, query)
        taken.append(perf_counter() - began)
        found += page.total
    return median(taken), found


def _plates(texts: Iterable[str], how: How) -> list[Query]:
    return [Query(plate=PlateAsked(text, how), limit=_PAGE) for text in texts]


def _misread(text: str) -> str:
    return text[:3] + ("8" if text[3] != "8" else "B") + text[4:]


def _day(number: int) -> Query:
    begin = (bulk.FIRST_DAY + number) * bulk.DAY_US
    return Query(first=begin, last=begin + bulk.DAY_US, limit=_PAGE)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
