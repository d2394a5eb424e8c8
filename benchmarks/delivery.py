"""How long from the picture in which a plate becomes legible until the server has stored it.

A camera on RTSP shows drawn scenes, the gate's daemon sees and seals them, a served vault with TLS
and MariaDB stores them, all on two cores. Then a backlog of sealed events with pictures drains
from the same edge's outbox, while live events still arrive first.

6 passages and 300 events; --full takes 200 and 6,000, as after three days without a server.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from datetime import timezone
from pathlib import Path
from statistics import median
from time import monotonic, time

from sqlalchemy import create_engine

from benchmarks import vault as vaults
from benchmarks.clips import clips
from benchmarks.events import PLATE, an_event
from benchmarks.figure import Figure, a_folder, figure, main
from benchmarks.gates import (
    IDLE_S,
    READY_S,
    Arrivals,
    Lot,
    as_shown,
    coded_aside,
    gate_daemon,
    idling,
    sees,
    took,
    units,
)
from benchmarks.living import living_camera
from benchmarks.mariadb import Mariadb
from benchmarks.scenes import RATE, SEED, SIZE
from benchmarks.vault import Enrolled
from contract.digest import H
from edge.delivery.delivering import Asked, Delivery
from edge.delivery.identity import identity_in
from lot.addresses import Address
from lot.clock import now_us
from lot.errors import Unreachable, Unreadable
from models.drawing.scenes import Scene, passages, passages_of

CAMERA = "gate"
FEW, MANY = 6, 200  # passages
SHORT, LONG = 300, 6_000  # events that wait
LIVE_EVERY_S = 0.5
LATE_LOOK_S = 0.2  # until what was stored last has been looked at
FRAME_BYTES, PLATE_BYTES = 50_000, 10_000
LAST_S = 10  # after the last car, until what is not stored counts as never stored
NEVER_S = 60.0  # what a passage counts that was never stored
DRAIN_S = 3_600.0
GOALS = {
    "legible": ("delivery: legible to stored, p95", "s", "<= 1"),
    "usual": ("delivery: legible to stored, median", "s", ""),
    "stored": ("delivery: legible plates stored", "share", ""),
    "drained": ("delivery: backlog, events a second", "1/s", ">= 50"),
    "first": ("delivery: live before the backlog", "share", ">= 1"),
    "live": ("delivery: live over a backlog, p95", "s", ""),
}


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Measure where there are a MariaDB and GStreamer."""
    try:
        return _measured(words)
    except Unreadable as missing:
        return [figure(name, None, unit, goal, str(missing)) for name, unit, goal in GOALS.values()]


def _measured(words: argparse.Namespace) -> Sequence[Figure]:
    scenes = passages_of("day", MANY if words.full else words.passages, SEED, SIZE, RATE)
    films = clips(scenes)
    backlog = LONG if words.full else words.events
    cores = sorted(os.sched_getaffinity(0))[:2]
    with ExitStack() as ends:
        folder = Path(
            ends.enter_context(tempfile.TemporaryDirectory(prefix="lot-", dir=words.folder))
        )
        shown_by = [coded_aside(film, folder / f"{n}.h264s") for n, film in enumerate(films)]
        idle = idling(films[0])
        ends.enter_context(vaults.on_cores(cores))
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.stop)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb)
        seeing, waiting = (vault.enrolled(name, CAMERA) for name in ("seeing", "waiting"))
        served = ends.enter_context(vaults.served(vault, folder / "log"))
        engine = create_engine(mariadb.url)
        ends.callback(engine.dispose)
        lot = Lot(folder, vault, served, engine)
        return [*_legible(lot, seeing, scenes, shown_by, idle), *_drained(lot, waiting, backlog)]


def _legible(
    lot: Lot, of: Enrolled, scenes: Sequence[Scene], films: Sequence[Path], idle: Sequence[bytes]
) -> list[Figure]:
    arrivals = Arrivals(lot.engine, of.writer)
    shown = []
    with (
        living_camera(RATE) as camera,
        arrivals.watched(),
        gate_daemon(lot, of, {CAMERA: camera.url}) as gate,
    ):
        ends = monotonic() + READY_S
        while not sees(lot.places(of), CAMERA):
            camera.play(idle)
            if monotonic() > ends:
                raise Unreachable("the gate saw no picture", then="look at its camera")
        for scene, film in zip(scenes, films, strict=True):
            at = camera.play(units(film.read_bytes()))
            shown += [as_shown(one, at) for one in passages(scene) if one.plate is not None]
        for _ in range(LAST_S // IDLE_S):
            camera.play(idle)
    waits = [took(one, gate.told, arrivals.of) for one in shown]
    there = [one for one in waits if one is not None]
    counted = [NEVER_S if one is None else one for one in waits]
    said = (
        f"{len(waits)} passages by day, {SIZE[0]} x {SIZE[1]} at {RATE:.0f} a second over RTSP; "
        f"from the first picture with the whole plate at 70 pixels to the first revision with a "
        f"plate, 0 where it was there already; never stored counts {NEVER_S:.0f} s; camera, gate, "
        f"server and MariaDB on two cores"
    )
    return [
        _figure("legible", p95(counted), said),
        _figure("usual", median(counted), said),
        _figure("stored", len(there) / len(waits), "of the passages, under whatever plate"),
    ]


def _drained(lot: Lot, of: Enrolled, events: int) -> list[Figure]:
    places = lot.places(of)
    asked = Asked(places, Address("127.0.0.1", lot.served.port), of.token, 1 << 40, timezone.utc)
    with closing(Delivery(asked, identity_in(places))) as away:  # which is never started
        for number in range(1, events + 1):
            _put(away, number)
    arrivals, live = Arrivals(lot.engine, of.writer), dict[str, float]()
    with arrivals.watched(), closing(Delivery(asked, identity_in(places))) as delivery:
        began = monotonic()
        delivery.start()
        number, pause = events, threading.Event()
        while not _all_there(delivery, began):
            number += 1
            put_at = time()
            live[_put(delivery, number)] = put_at
            pause.wait(LIVE_EVERY_S)
        took_s = monotonic() - began
        over = time()
        pause.wait(LATE_LOOK_S)
    waited = []
    for event_id, put_at in live.items():
        at = arrivals.of(event_id)
        waited.append((over if at is None else at) - put_at)
    before = sum(arrivals.of(one) is not None for one in live)
    said = (
        f"{events} events with {FRAME_BYTES + PLATE_BYTES} bytes of pictures waiting, a live one "
        f"every {LIVE_EVERY_S} s; edge, server and MariaDB on two cores"
    )
    return [
        _figure("drained", number / took_s, said),
        _figure("first", before / len(live), f"of {len(live)} live ones, stored while it drains"),
        _figure("live", p95(waited), f"from put to stored; {said}"),
    ]


def _all_there(delivery: Delivery, began: float) -> bool:
    counts = delivery.counts()
    if monotonic() - began > DRAIN_S or not delivery.is_sending:
        alarms = "; ".join(one.says for one in delivery.alarms())
        raise Unreachable("the backlog did not drain", then=alarms or "look at the server's log")
    return not (counts.waiting or counts.pictures_waiting)


def _put(delivery: Delivery, number: int) -> str:
    pictures = {"frame": os.urandom(FRAME_BYTES), "plate": os.urandom(PLATE_BYTES)}
    hashes = {name: H(data).hex() for name, data in pictures.items()}
    said = replace(an_event(number, PLATE, now_us()), camera=CAMERA, pictures=hashes)
    delivery.put(said, pictures)
    return said.id


def p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def _figure(key: str, value: float, baseline: str) -> Figure:
    name, unit, goal = GOALS[key]
    return figure(name, value, unit, goal, baseline)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passages", type=int, default=FEW, metavar="N")
    parser.add_argument("--events", type=int, default=SHORT, metavar="N", help="that wait")
    parser.add_argument("--full", action="store_true", help=f"{MANY} passages, {LONG} events")
    parser.add_argument("--folder", type=a_folder, metavar="FOLDER", help="on the disk to measure")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
