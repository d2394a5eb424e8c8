"""How long from the picture in which a plate becomes legible until the server has stored it.

A camera on RTSP shows drawn scenes, the gate's daemon sees and seals them, a served vault with TLS
and MariaDB stores them, all on two cores. Then a backlog of sealed events with pictures drains
from the same edge's outbox, while live events still arrive first.

6 passages and 300 events; --full takes 200 and 6,000, as after three days without a server.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, replace
from datetime import timezone
from pathlib import Path
from statistics import median
from time import monotonic, time

import numpy as np
from sqlalchemy import Engine, create_engine, select

from benchmarks import TREE
from benchmarks import vault as vaults
from benchmarks.clips import clips
from benchmarks.events import PLATE, an_event
from benchmarks.figure import Figure, figure, main
from benchmarks.living import coded, film_of, living_camera
from benchmarks.mariadb import Mariadb
from benchmarks.scenes import RATE, SEED, SIZE
from benchmarks.vault import Enrolled, Served, Vault
from contract import canonical, event, trust
from contract.digest import H
from contract.event import Event
from edge.delivery.delivering import Asked, Delivery
from edge.delivery.identity import Places, identity_in, keep_enrolled
from lot.addresses import Address
from lot.clock import now_us
from lot.errors import Unreachable, Unreadable
from lot.files import write_private
from models.drawing.scenes import PassageTruth, Scene, passages, passages_of
from server.store import writers
from server.store.database import Database
from server.store.tables import records

CAMERA = "gate"
FEW, MANY = 6, 200  # passages
SHORT, LONG = 300, 6_000  # events that wait
KEY_EVERY = int(RATE)  # a key picture a second, as cameras are set
LIVE_EVERY_S = 0.5
FRAME_BYTES, PLATE_BYTES = 50_000, 10_000
LOOKS_S = 0.02  # between two looks at what is stored: a figure is that much too long at most
IDLE_S = 2  # of pictures without a car, over and over
LAST_S = 10  # after the last car, until what is not stored counts as never stored
NEVER_S = 60.0  # what a passage counts that was never stored
READY_S = 240.0
DRAIN_S = 3_600.0
GOALS = {
    "legible": ("delivery: legible to stored, p95", "s", "<= 1"),
    "usual": ("delivery: legible to stored, median", "s", ""),
    "stored": ("delivery: legible plates stored", "share", ""),
    "drained": ("delivery: backlog, events a second", "1/s", ">= 50"),
    "first": ("delivery: live before the backlog", "share", ">= 1"),
    "live": ("delivery: live over a backlog, p95", "s", ""),
}


Stored = Callable[[str, int], float | None]  # when the store had this revision of an event


@dataclass(frozen=True, slots=True)
class Shown:
    """A passage as the camera showed it, by the wall's clock."""

    plate: str
    first: float
    legible: float
    last: float


class Arrivals:
    """When the store had each revision of an edge's, seen from beside it."""

    def __init__(self, engine: Engine, writer: bytes) -> None:
        self._engine = engine
        self._writer = writer
        self._low = 0  # all up to it are there
        self._there: set[int] = set()
        self._at: dict[tuple[str, int], float] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._look_on, daemon=True)

    def of(self, event_id: str, revision: int = 1) -> float | None:
        return self._at.get((event_id, revision))

    @contextmanager
    def watched(self) -> Iterator[Arrivals]:
        self._thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            self._thread.join()

    def _look_on(self) -> None:
        while not self._stop.wait(LOOKS_S):
            self._look()

    def _look(self) -> None:
        wanted = select(records.c.sequence, records.c.id, records.c.revision).where(
            records.c.writer == self._writer, records.c.sequence > self._low
        )
        with self._engine.connect() as read:
            rows = read.execute(wanted).all()
        now = time()
        for sequence, event_id, revision in rows:
            self._there.add(sequence)
            self._at.setdefault((event_id, revision), now)
        while self._low + 1 in self._there:
            self._low += 1
            self._there.remove(self._low)


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
        shown_by = [_coded_aside(film, folder / f"{n}.h264s") for n, film in enumerate(films)]
        idle = _idle(films[0])
        ends.enter_context(vaults.on_cores(cores))
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.stop)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb)
        seeing, waiting = (vault.enrolled(name, CAMERA) for name in ("seeing", "waiting"))
        served = ends.enter_context(vaults.served(vault, folder / "log"))
        engine = create_engine(mariadb.url)
        ends.callback(engine.dispose)
        lot = _Lot(folder, vault, served, engine)
        return [*_legible(lot, seeing, scenes, shown_by, idle), *_drained(lot, waiting, backlog)]


@dataclass(frozen=True, slots=True)
class _Lot:
    folder: Path
    vault: Vault
    served: Served
    engine: Engine

    def places(self, of: Enrolled) -> Places:
        """Lay out an edge's folder as enrolment does."""
        places = Places(self.folder / of.writer.hex())
        if places.enrolled.exists():
            return places
        with closing(Database.open(self.vault.settings.database)) as store, store.read() as read:
            row = writers.found(read, of.writer)
        assert row is not None
        pack = trust.pack_own(self.vault.settings.places.trust_pack.read_bytes())
        places.folder.mkdir(mode=0o700)
        write_private(places.signing_key, of.key.private_bytes_raw())
        write_private(places.pack, self.vault.settings.places.trust_pack.read_bytes())
        keep_enrolled(
            places,
            name=row.name,
            root=pack.root,
            vault_sign=pack.vault_sign,
            server=pack.server,
            certificate=canonical.decoded(row.certificate, bytes_max=trust.CERTIFICATE_BYTES_MAX),
        )
        return places


def _legible(
    lot: _Lot, of: Enrolled, scenes: Sequence[Scene], films: Sequence[Path], idle: Sequence[bytes]
) -> list[Figure]:
    arrivals = Arrivals(lot.engine, of.writer)
    shown = []
    with (
        living_camera(RATE) as camera,
        arrivals.watched(),
        _daemon(lot, of, camera.url) as told,
    ):
        ends = monotonic() + READY_S
        while not _sees(lot.places(of)):
            camera.play(idle)
            if monotonic() > ends:
                raise Unreachable("the gate saw no picture", then="look at its camera")
        for scene, film in zip(scenes, films, strict=True):
            at = camera.play(_units(film.read_bytes()))
            shown += [_shown(one, at) for one in passages(scene) if one.plate is not None]
        for _ in range(LAST_S // IDLE_S):
            camera.play(idle)
    waits = [took(one, told, arrivals.of) for one in shown]
    there = [one for one in waits if one is not None]
    counted = [NEVER_S if one is None else one for one in waits]
    said = (
        f"{len(waits)} passages by day, {SIZE[0]} x {SIZE[1]} at {RATE:.0f} a second over RTSP; "
        f"from the first picture with the whole plate at 70 pixels to the first revision with a "
        f"plate, 0 where it was there already; never stored counts {NEVER_S:.0f} s; camera, gate, "
        f"server and MariaDB on two cores"
    )
    return [
        _figure("legible", _p95(counted), said),
        _figure("usual", median(counted), said),
        _figure("stored", len(there) / len(waits), "of the passages, under whatever plate"),
    ]


def _sees(places: Places) -> bool:
    heartbeat = places.folder / "heartbeat.json"
    return heartbeat.exists() and f'"{CAMERA}"' in heartbeat.read_text(encoding="utf-8")


def took(one: Shown, told: Sequence[Event], stored: Stored) -> float | None:
    """Return how long a passage's plate took into the store; None where it never came there."""
    of_it = [
        event
        for event in told
        if event.plate is not None
        and event.first_seen <= one.last * 1e6
        and event.last_seen >= one.first * 1e6
    ]
    # Two cars may be in view at once: whose plate is the truth's goes before.
    same = [event for event in of_it if event.plate == one.plate] or of_it
    at = [stored(event.id, event.revision) for event in same]
    there = [when for when in at if when is not None]
    return max(0.0, min(there) - one.legible) if there else None


def _shown(one: PassageTruth, at: Sequence[float]) -> Shown:
    assert one.plate is not None
    assert one.first_legible_frame is not None
    frames = (one.first_frame, one.first_legible_frame, one.last_frame)
    return Shown(one.plate, *(at[min(frame, len(at) - 1)] for frame in frames))


@contextmanager
def _daemon(lot: _Lot, of: Enrolled, url: str) -> Iterator[list[Event]]:
    """Run the gate while the block lasts; give what it tells, as it comes."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    values = {
        "LOT_EDGE_FOLDER": str(lot.places(of).folder),
        "LOT_SERVER": f"127.0.0.1:{lot.served.port}",
        "LOT_SERVER_TOKEN": of.token.text,
        "LOT_TIMEZONE": "UTC",
    }
    words = [sys.executable, "-m", "edge.camerainfr", url, "--camera", CAMERA, "--json"]
    told: list[Event] = []
    with (lot.folder / "gate.log").open("wb") as log:
        process = subprocess.Popen(
            words, cwd=TREE, env={**mine, **values}, stdout=subprocess.PIPE, stderr=log
        )
    assert process.stdout is not None
    out = process.stdout

    def listen() -> None:
        for line in out:
            told.append(event.decoded(line.strip()))

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield told
    finally:
        process.terminate()
        process.wait(READY_S)
        listening.join()
        out.close()


def _drained(lot: _Lot, of: Enrolled, events: int) -> list[Figure]:
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
        pause.wait(10 * LOOKS_S)
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
        _figure("live", _p95(waited), f"from put to stored; {said}"),
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


def _coded_aside(clip: Path, path: Path) -> Path:
    """Code a clip as a camera does, so that nothing is coded while the clock runs."""
    units = coded(film_of(clip), RATE, KEY_EVERY)
    path.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in units))
    return path


def _units(data: bytes) -> Iterator[bytes]:
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def _idle(clip: Path) -> list[bytes]:
    """Return the gate without a car, with a sensor's noise: stillness would count as frozen."""
    empty = next(film_of(clip))
    noise = np.random.default_rng(0)
    still = [
        np.clip(empty + noise.normal(0, 2, empty.shape), 0, 255).astype(np.uint8)
        for _ in range(round(IDLE_S * RATE))
    ]
    return coded(still, RATE, KEY_EVERY)


def _p95(values: Sequence[float]) -> float:
    return sorted(values)[max(0, -(-95 * len(values) // 100) - 1)]


def _figure(key: str, value: float, baseline: str) -> Figure:
    name, unit, goal = GOALS[key]
    return figure(name, value, unit, goal, baseline)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--passages", type=int, default=FEW, metavar="N")
    parser.add_argument("--events", type=int, default=SHORT, metavar="N", help="that wait")
    parser.add_argument("--full", action="store_true", help=f"{MANY} passages, {LONG} events")
    parser.add_argument("--folder", type=Path, metavar="FOLDER", help="on the disk to measure")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
