"""Finding among a million events: a plate, a plate with one wrong character, a page of a day.

Each figure is the median of several questions that differ, asked of the index alone. The memory is
that of a whole vault, served with MariaDB and opened, its keyholder with the same index, after it
has answered the same questions over HTTP: what all its processes share of what they have mapped.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterable, Sequence
from contextlib import ExitStack, closing
from datetime import timezone
from pathlib import Path
from statistics import median
from time import perf_counter

from benchmarks import bulk
from benchmarks import vault as vaults
from benchmarks.figure import Figure, figure, main
from benchmarks.mariadb import Mariadb
from benchmarks.vault import Served, Vault, pss_mb
from contract import otp
from lot import memory
from lot.errors import LotError, Unreadable
from server.index import segments
from server.index.asked import How, PlateAsked, Query, Scope
from server.index.index import Index
from server.index.segments import Place
from server.keys.holder.calls import DaySegment, SegmentBytes, SegmentsIn
from server.keys.holder.client import Keyholder
from server.store import lots
from server.store.database import Database

EVENTS = 1_000_000
_SCOPE = Scope(frozenset({bulk.LOT}))
_ASKED = range(100, 2000, 211)  # which drawn plates, and which days
_PAGE = 50
_DAYS_AT_ONCE = 15  # a question to the keyholder has 16 MiB at the most
_INDEX_S = 60.0


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Load the year and ask."""
    memory.give_back()  # as its process does
    days = bulk.segments(words.events)
    index = Index({bulk.LOT: timezone.utc})
    began = perf_counter()
    for first in range(0, len(days), _DAYS_AT_ONCE):
        follow = sum(map(len, days[first + _DAYS_AT_ONCE :]))
        index.load(bulk.LOT, days[first : first + _DAYS_AT_ONCE], follow)
    loaded = perf_counter() - began
    del days
    alone = own_mb()
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
        figure("search: the index's memory", alone, "MB", "<= 200", against),
        figure("search: a year's segments read in", loaded, "s", "", against),
        figure("search: memory of the vault", *_of_the_vault(words.events)),
    ]


def _of_the_vault(events: int) -> tuple[float | None, str, str, str]:
    """Return what a vault with so many events in its index holds, after some questions."""
    goal = ("MB", "<= 250")
    with ExitStack() as ends:
        folder = Path(ends.enter_context(tempfile.TemporaryDirectory(prefix="lot-")))
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.stop)
        try:
            mariadb.install()
        except Unreadable as missing:
            return (None, *goal, str(missing))
        vault = vaults.set_up(folder, mariadb)
        served = ends.enter_context(vaults.served(vault, folder / "log"))
        code = otp.code_at(vault.begun.foundation.seed, int(time.time()) // otp.STEP_S)
        session = vaults.opened(vault, code)
        lot = filled(vault, events)
        found = sum(_found(served, session, lot, number) for number in _ASKED)
        web, *held = (pss_mb(one) for one in served.processes())
        said = (
            f"{events} drawn events; {found} found over HTTP by {len(_ASKED)} plates; the command"
        )
        each = f"{said} {web:.0f}, what it started {', '.join(f'{one:.0f}' for one in held)}"
        return (web + sum(held), *goal, each)


def filled(vault: Vault, events: int) -> bytes:
    """Give the keyholder a year of segments, as the server does once it is open."""
    keyholder = Keyholder(vault.settings.places.socket)
    with closing(Database.open(vault.settings.database)) as database, database.read() as read:
        (lot,) = lots.every(read)
    _wait_for_the_index(keyholder, lot.lot)
    key, days = vault.begun.vault.vault.index, bulk.segments(events)
    for first in range(0, len(days), _DAYS_AT_ONCE):
        some = tuple(
            DaySegment(number, SegmentBytes(1, made.segment, made.key))
            for number, plain in enumerate(
                days[first : first + _DAYS_AT_ONCE], bulk.FIRST_DAY + first
            )
            for made in [segments.sealed(plain, key, Place(lot.lot, number, 1))]
        )
        follow = sum(map(len, days[first + _DAYS_AT_ONCE :]))
        if wrong := keyholder.segments_in(SegmentsIn(lot.lot, some, follow)):
            raise RuntimeError(f"a segment is not taken: {wrong[0][1]}")
    return lot.lot


def _wait_for_the_index(keyholder: Keyholder, lot: bytes) -> None:
    ends = time.monotonic() + _INDEX_S
    while True:
        try:
            keyholder.index_state(lot, ())
        except LotError:  # the server has not seen yet that it is open
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
            continue
        return


def _found(served: Served, session: str, lot: bytes, number: int) -> int:
    begin = (bulk.FIRST_DAY + number % bulk.DAYS) * bulk.DAY_US
    asked = (
        f"plate={bulk.plate(number)}",
        f"plate={_misread(bulk.plate(number))}&how=near",
        f"first={begin}&last={begin + bulk.DAY_US}&lot={lot.hex()}",
    )
    totals = []
    with closing(served.connection()) as link:
        for query in asked:
            link.request(
                "GET", f"/api/v1/visits?{query}", headers={"Authorization": f"Bearer {session}"}
            )
            answer = link.getresponse()
            said = json.loads(answer.read())
            if answer.status != 200:
                raise RuntimeError(f"a search was answered {answer.status}: {said}")
            totals.append(said["total"])
    return int(totals[0])


def own_mb() -> float | None:
    """Return this process's share of the memory that it has mapped; None without a Linux."""
    try:
        return pss_mb(os.getpid())
    except OSError:
        return None


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
