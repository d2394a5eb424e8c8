"""The owner's page over a year of a million events: how long each page takes, what it weighs.

The page is its own command before a served vault. Each page is asked for in turn with the others,
over HTTP and signed in; the time is the 95th percentile of the slowest page's answers. What a page
weighs are its bytes as they are sent, with stylesheets, script and font, and without pictures.
First paint is what Chromium itself tells: from asking to the first text on the screen, by a browser
that was never there.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from statistics import quantiles
from time import perf_counter, sleep

import httpx
from playwright.sync_api import Browser

from benchmarks.chromium import chromium, signed_in
from benchmarks.figure import Figure, figure, main
from benchmarks.page import Standing, standing
from benchmarks.search import EVENTS
from gui.app import LOOK, create
from gui.server_api import Server
from gui.settings import settings_from
from lot.errors import Unreadable

# What a GET without anything named gives that is no page.
_NO_PAGE = frozenset({"live.stream", "find.answers", "visits.table", "cameras.pictures"})
_ROUNDS = 20
_PAINTS = 5  # of each page
_TOO_FAST, _WAITS_S = 429, 2.0  # a session looks at 3,000 rows a minute
GOALS = {  # of each figure its name, unit and goal
    "time": ("pages: slowest, p95", "s", "<= 0.1"),
    "weight": ("pages: heaviest", "kB", "<= 300"),
    "memory": ("pages: memory of the page", "MB", "<= 120"),
    "paint": ("pages: slowest first paint, p95", "s", "<= 1"),
}
_PAINTED = """() => new Promise(done => new PerformanceObserver(list => {
  const first = list.getEntriesByName("first-contentful-paint")[0];
  if (first) done(first.startTime);
}).observe({ type: "paint", buffered: true }))"""


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Fill a vault, put the page before it, and ask for every page."""
    try:
        with standing(words.events) as page:
            return _of(page, words)
    except Unreadable as missing:
        return [figure(name, None, unit, goal, str(missing)) for name, unit, goal in GOALS.values()]


def _of(page: Standing, words: argparse.Namespace) -> Sequence[Figure]:
    with httpx.Client(
        base_url=page.address, headers={"Cookie": page.cookie}, trust_env=False, timeout=60.0
    ) as client:
        paths = _paths(client)
        asked = _asked(client, page, paths, words)
    with chromium() as browser:
        paints = _painted(browser, page, paths, words.paints)
    slowest, seconds = max(((path, _p95(times)) for path, times in paints.items()), key=_second)
    said = f"{slowest}; {len(paths)} pages, {words.paints} times each, nothing in the cache"
    return [*asked, _figure("paint", seconds, said)]


def _asked(
    client: httpx.Client, page: Standing, paths: Sequence[str], words: argparse.Namespace
) -> Sequence[Figure]:
    taken: dict[str, list[float]] = {path: [] for path in paths}
    weights = {path: len(_got(client, path)[0]) for path in taken}  # the first one warms, too
    for _ in range(words.rounds):
        for path, times in taken.items():
            times.append(_got(client, path)[1])
    slowest, seconds = max(((path, _p95(times)) for path, times in taken.items()), key=_second)
    heaviest = max(weights, key=weights.__getitem__)
    beside = sum(one.stat().st_size for one in LOOK.iterdir() if one.suffix != ".LICENSE")
    said = f"{words.events} drawn events, {len(taken)} pages, {words.rounds} times each"
    kilobytes = (weights[heaviest] + beside) / 1000
    return [
        _figure("time", seconds, f"{slowest}; {said}"),
        _figure("weight", kilobytes, f"{heaviest}; no pictures"),
        _figure("memory", page.held_mb(), f"after that; {said}"),
    ]


def _painted(
    browser: Browser, page: Standing, paths: Sequence[str], times: int
) -> Mapping[str, Sequence[float]]:
    """Return how long each page's first text took, as the browser tells it."""
    found: dict[str, list[float]] = {path: [] for path in paths}
    for _ in range(times):
        for path, taken in found.items():
            with signed_in(browser, page.address, page.session) as fresh:
                tab = fresh.new_page()
                tab.goto(page.address + path)
                taken.append(tab.evaluate(_PAINTED) / 1000)
    return found


def _paths(client: httpx.Client) -> list[str]:
    """Return the address of every page that names nothing, of a search, and of a visit found."""
    settings = settings_from({"LOT_GUI_SERVER": "http://127.0.0.1:1"})
    rules = list(create(settings, Server(settings.server, None)).url_map.iter_rules())
    plain = sorted(
        one.rule
        for one in rules
        if "GET" in (one.methods or ()) and not one.arguments and one.endpoint not in _NO_PAGE
    )
    shown = [path for path in plain if client.get(path).status_code == 200]
    listed = client.get("/visits").text
    visits = [piece.partition('"')[0] for piece in listed.split('href="/lots/')[1:]]
    return [*shown, "/visits?q=ABC", *(f"/lots/{one}" for one in visits[:1])]


def _got(client: httpx.Client, path: str) -> tuple[bytes, float]:
    """Return a page and how long it took; what was asked too fast is asked again."""
    while True:
        began = perf_counter()
        answer = client.get(path)
        took = perf_counter() - began
        if answer.status_code == 200:
            return answer.content, took
        if answer.status_code != _TOO_FAST:
            raise RuntimeError(f"{path} was answered {answer.status_code}")
        sleep(_WAITS_S)


def _figure(key: str, value: float, baseline: str) -> Figure:
    name, unit, goal = GOALS[key]
    return figure(name, value, unit, goal, baseline)


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]


def _second(pair: tuple[str, float]) -> float:
    return pair[1]


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N")
    parser.add_argument("--rounds", type=int, default=_ROUNDS, metavar="N", help="2 at least")
    parser.add_argument("--paints", type=int, default=_PAINTS, metavar="N", help="2 at least")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
