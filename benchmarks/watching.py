"""How late an event is on the page: in Chromium alone, then among 50 who watch Now at once.

An edge sends events one by one, with a picture, to a served vault; the page before it tells who
watches that something came, and each asks for Now as the page's script does. Late is counted from
the edge's sending, so that verifying and storing are in it, until the row stands in Chromium's
document, or in the answer that another watcher got. All of it shares two cores. Each watcher has a
session of their own: the keyholder lets one session look at 3,000 rows a minute, and 50 who share
one soon see nothing but that.
"""

from __future__ import annotations

import argparse
import os
import re
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from statistics import quantiles

from playwright.sync_api import Page

from benchmarks import vault as vaults
from benchmarks.chromium import chromium, signed_in
from benchmarks.figure import Figure, figure, main
from benchmarks.ingest import Edge
from benchmarks.page import Standing, standing
from benchmarks.vault import family, processor_s
from lot.errors import Unreachable, Unreadable
from server.access.roles import Role
from server.access.signing_in import Attempt
from server.commands import signed
from server.keys.holder import calls
from server.people.accounts import New

EVENTS = 20_000
SHOWN = 20  # in each half: alone, and among all
WATCHERS = 50
EVERY_S = 2.0  # an event: three times as many as in a busy lot's busiest minute
LAST_S = 10.0  # after the last event, until what is not shown counts as never shown
READY_S = 300.0  # an opening with a million events reads their segments in first
NEVER_S = 60.0
GOALS = {  # of each figure its name, unit and goal
    "alone": ("watching: event on the page, p95", "s", "<= 1"),
    "among": ("watching: event on 50 pages, p95", "s", ""),
    "last": ("watching: event on the last of 50", "s", f"<= {EVERY_S:g}"),
    "seen": ("watching: pages that show an event", "share", ">= 1"),
    "cost": ("watching: processor time a look", "ms", ""),
    "memory": ("watching: memory of the page", "MB", "<= 120"),
}
_NAME, _PASSWORD = "Booth", "the word of all who watch"
_CHANGE = b"event: change"
_ROW = re.compile(rb'data-id="([0-9a-f-]{36})-')
# What is in the document is noted by the browser's own clock, which is this machine's.
_NOTES = """
window.shown = {};
new MutationObserver(() => {
  for (const row of document.querySelectorAll("#live [data-id]"))
    window.shown[row.dataset.id.slice(0, 36)] ??= Date.now() / 1000;
}).observe(document, { childList: true, subtree: true });
"""

Sent = Mapping[str, float]  # when the edge sent each event
Seen = Mapping[str, float]


class Watcher:
    """One who watches Now without a browser: told that something came, asks for the page."""

    def __init__(self, address: str, session: str) -> None:
        self.seen: dict[str, float] = {}
        self.looks = 0
        self.is_told = threading.Event()  # the stream is open, and its first look is over
        self._address = address
        self._cookie = f"__Host-lot-session={session}"
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        host, port = self._address.removeprefix("http://").split(":")
        with (
            socket.create_connection((host, int(port))) as stream,
            closing(HTTPConnection(host, int(port), timeout=NEVER_S)) as link,
        ):
            self._ask(stream, host)
            stream.settimeout(0.2)
            said = b""
            while not self._stop.is_set():
                try:
                    piece = stream.recv(65_536)
                except TimeoutError:
                    continue
                if not piece:
                    return
                said = said[-len(_CHANGE) :] + piece
                if _CHANGE in said:  # several at once are one look, as in the page's script
                    said = b""
                    self._look(link)
                    self.is_told.set()

    def _ask(self, stream: socket.socket, host: str) -> None:
        words = f"GET /live HTTP/1.1\r\nHost: {host}\r\nCookie: {self._cookie}\r\n\r\n"
        stream.sendall(words.encode())

    def _look(self, link: HTTPConnection) -> None:
        link.request("GET", "/", headers={"Cookie": self._cookie, "Lot-Automatic": "1"})
        page = link.getresponse().read()
        now = time.time()
        self.looks += 1
        for found in _ROW.findall(page):
            self.seen.setdefault(found.decode(), now)


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Measure where there are a MariaDB and Chromium."""
    cores = sorted(os.sched_getaffinity(0))[:2]
    try:
        with vaults.on_cores(cores), standing(words.events, ["gate"]) as page:
            return _of(page, words)
    except Unreadable as missing:
        return [figure(name, None, unit, goal, str(missing)) for name, unit, goal in GOALS.values()]


def _of(page: Standing, words: argparse.Namespace) -> Sequence[Figure]:
    sessions = _sessions(page, words.watchers - 1)  # first: meanwhile a link would be closed
    with ExitStack() as ends:
        link = ends.enter_context(closing(page.served.connection()))
        edge = Edge(page.edges[0])
        browser = ends.enter_context(chromium())
        tab = ends.enter_context(signed_in(browser, page.address, page.session)).new_page()

        def send() -> tuple[str, float]:
            ready = edge.batch(1)
            at = time.time()
            edge.send(link, ready)
            return ready.records[0].head.id, at

        tab.add_init_script(_NOTES)
        tab.goto(page.address)
        _warmed(send, tab)
        alone = _sent(send, words.shown, tab)
        with _watched(page.address, sessions) as others:
            before = _worked_s(page)
            among = _sent(send, words.shown, tab)
            after = _worked_s(page)
            held = page.held_mb()
        in_browser = _shown(tab)
    looks = len(among) + sum(one.looks for one in others)
    costs = _Costs(after[0] - before[0], after[1] - before[1], looks, held)
    return _figures(alone, among, [in_browser, *(one.seen for one in others)], costs)


@dataclass(frozen=True, slots=True)
class _Costs:
    """What page and server need while all watch."""

    page_s: float  # of a processor
    server_s: float
    looks: int
    held_mb: float

    @property
    def look_ms(self) -> float:
        return 1000 * (self.page_s + self.server_s) / self.looks

    def said(self) -> str:
        page, server = (1000 * one / self.looks for one in (self.page_s, self.server_s))
        said = f"of {self.looks} looks: the page {page:.1f} ms, server and keyholder {server:.1f}"
        return f"{said}; storing the events is in it"


def _worked_s(page: Standing) -> tuple[float, float]:
    """Return how long the page has worked so far, and server and keyholder."""
    return processor_s(family(page.process.pid)), processor_s(page.served.processes())


def _figures(
    alone: Sent, among: Sent, everybody: Sequence[Seen], costs: _Costs
) -> Sequence[Figure]:
    mine = late(alone, everybody[:1])
    all_of_them = late(among, everybody)
    there = [one for one in all_of_them if one < NEVER_S]
    said = f"{len(alone)} events, one every {EVERY_S:g} s, from sending to Chromium's document"
    watched = f"{len(among)} events, one every {EVERY_S:g} s; {len(everybody)} watch, one of them"
    watched += " in Chromium; a session each; gate, server, page and watchers on two cores"
    values = {
        "alone": (_p95(mine), said),
        "among": (_p95(all_of_them), watched),
        "last": (max(all_of_them), f"not later than the next event; {watched}"),
        "seen": (len(there) / len(all_of_them), watched),
        "cost": (costs.look_ms, costs.said()),
        "memory": (costs.held_mb, f"while {len(everybody)} watch"),
    }
    return [
        figure(GOALS[key][0], value, *GOALS[key][1:], how) for key, (value, how) in values.items()
    ]


def late(sent: Sent, everybody: Sequence[Seen]) -> list[float]:
    """Return how late each event was with each; what never came counts as `NEVER_S`."""
    return [
        max(0.0, seen[event] - at) if event in seen else NEVER_S
        for seen in everybody
        for event, at in sent.items()
    ]


def _warmed(send: Callable[[], tuple[str, float]], tab: Page) -> None:
    """Show one event, so that stream and index are there before anything is measured."""
    ends = time.monotonic() + READY_S
    while True:
        event, _ = send()
        tab.wait_for_timeout(1000 * EVERY_S)
        if event in _shown(tab):
            return
        if time.monotonic() > ends:
            raise Unreachable("no event came to the page", then="look at its stream")


def _sent(send: Callable[[], tuple[str, float]], events: int, tab: Page) -> Sent:
    found, last = {}, 0.0
    for _ in range(events):
        event, last = send()
        found[event] = last
        tab.wait_for_timeout(max(0.0, 1000 * (last + EVERY_S - time.time())))
    while time.time() < last + LAST_S and not found.keys() <= _shown(tab).keys():
        tab.wait_for_timeout(100)
    return found


def _shown(tab: Page) -> Seen:
    found: dict[str, float] = tab.evaluate("window.shown")
    return found


@contextmanager
def _watched(address: str, sessions: Sequence[str]) -> Iterator[Sequence[Watcher]]:
    """Let these watch while the block lasts, and a little longer: the last may be late."""
    watchers = [Watcher(address, session) for session in sessions]
    for one in watchers:
        one.start()
    try:
        for one in watchers:
            if not one.is_told.wait(READY_S):
                raise Unreachable("a watcher was not let in", then="look at the page's log")
        yield watchers
        time.sleep(EVERY_S)
    finally:
        for one in watchers:
            one.stop()


def _sessions(page: Standing, number: int) -> Sequence[str]:
    """Return so many sessions of one who stands at a gate."""
    with signed.console(page.served.vault.environment) as here:
        owner = here.caller(page.session)
        here.people.add(owner, New(_NAME, Role.ATTENDANT, (page.edges[0].lot,), _PASSWORD))
        attempt = Attempt(_NAME, _PASSWORD, None)
        return [here.door.sign_in(attempt, calls.Console()).token for _ in range(number)]


def _p95(times: Sequence[float]) -> float:
    return quantiles(times, n=20, method="inclusive")[-1]


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--events", type=int, default=EVENTS, metavar="N", help="in the index")
    parser.add_argument("--shown", type=int, default=SHOWN, metavar="N", help="2 at least")
    parser.add_argument("--watchers", type=int, default=WATCHERS, metavar="N", help="2 at least")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
