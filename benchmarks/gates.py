"""A gate that sees: its daemon before cameras on RTSP, its events on their way into a vault.

What was shown is held against what the gate told and the server stored, by the wall's clock.
"""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import time

import numpy as np
from sqlalchemy import Engine, select

from benchmarks import TREE
from benchmarks.living import coded, film_of
from benchmarks.scenes import RATE
from benchmarks.vault import Enrolled, Served, Vault
from contract import canonical, event, trust
from contract.event import Event
from edge.delivery.identity import Places, keep_enrolled
from lot.files import write_private
from models.drawing.scenes import PassageTruth
from server.store import writers
from server.store.database import Database
from server.store.tables import records

IDLE_S = 2  # of pictures without a car, over and over
READY_S = 240.0
KEY_EVERY = int(RATE)  # a key picture a second, as cameras are set
_LOOKS_S = 0.02  # between two looks at what is stored: a figure is that much too long at most

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
        while not self._stop.wait(_LOOKS_S):
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


@dataclass(frozen=True, slots=True)
class Lot:
    """A served vault, and where the folders of its edges lie."""

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


def sees(places: Places, camera: str) -> bool:
    """Say whether the gate has had a picture of this camera."""
    heartbeat = places.folder / "heartbeat.json"
    return heartbeat.exists() and f'"{camera}"' in heartbeat.read_text(encoding="utf-8")


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


def as_shown(one: PassageTruth, at: Sequence[float]) -> Shown:
    """Return a passage at the times at which its pictures were shown."""
    assert one.plate is not None
    assert one.first_legible_frame is not None
    frames = (one.first_frame, one.first_legible_frame, one.last_frame)
    return Shown(one.plate, *(at[min(frame, len(at) - 1)] for frame in frames))


@dataclass(frozen=True, slots=True)
class Running:
    """A gate that runs, and what it has told so far."""

    process: int
    told: Sequence[Event]


@contextmanager
def gate_daemon(
    lot: Lot, of: Enrolled, urls: Mapping[str, str], more: Mapping[str, str] | None = None
) -> Iterator[Running]:
    """Run the gate before these cameras while the block lasts; `more` is of its settings."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    places, cameras = lot.places(of), lot.folder / "cameras.toml"
    cameras.write_text("".join(f'[{name}]\nsource = "{url}"\n' for name, url in urls.items()))
    values = {
        "LOT_EDGE_FOLDER": str(places.folder),
        "LOT_SERVER": f"127.0.0.1:{lot.served.port}",
        "LOT_SERVER_TOKEN": of.token.text,
        "LOT_TIMEZONE": "UTC",
        "LOT_CAMERAS_FILE": str(cameras),
    }
    words = [sys.executable, "-m", "edge.camerainfr", "--json"]
    told: list[Event] = []
    with (lot.folder / "gate.log").open("wb") as log:
        process = subprocess.Popen(
            words,
            cwd=TREE,
            env={**mine, **values, **(more or {})},
            stdout=subprocess.PIPE,
            stderr=log,
        )
    assert process.stdout is not None
    out = process.stdout

    def listen() -> None:
        for line in out:
            told.append(event.decoded(line.strip()))

    listening = threading.Thread(target=listen, daemon=True)
    listening.start()
    try:
        yield Running(process.pid, told)
    finally:
        process.terminate()
        process.wait(READY_S)
        listening.join()
        out.close()


def coded_aside(clip: Path, path: Path) -> Path:
    """Code a clip as a camera does, so that nothing is coded while the clock runs."""
    units = coded(film_of(clip), RATE, KEY_EVERY)
    path.write_bytes(b"".join(len(one).to_bytes(4, "big") + one for one in units))
    return path


def units(data: bytes) -> Iterator[bytes]:
    """Give the coded pictures of a film that was coded aside."""
    at = 0
    while at < len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 4 + length]
        at += 4 + length


def idling(clip: Path) -> list[bytes]:
    """Return the gate without a car, with a sensor's noise: stillness would count as frozen."""
    empty = next(film_of(clip))
    noise = np.random.default_rng(0)
    still = [
        np.clip(empty + noise.normal(0, 2, empty.shape), 0, 255).astype(np.uint8)
        for _ in range(round(IDLE_S * RATE))
    ]
    return coded(still, RATE, KEY_EVERY)
