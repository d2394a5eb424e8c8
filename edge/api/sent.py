"""Cars in pictures that were sent pass the gate's own rules, and become events as a gate's do.

It is a gate of its own beside the cameras': its cars turn in and out among what was sent, unless
the camera that a picture names has a role. The server joins both.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from threading import Event as Flag
from threading import Lock, Thread

from contract.plates import formats
from contract.wire import Ack
from edge.api.reading import Read
from edge.api.settings import ApiSettings
from edge.cameras import Camera
from edge.daemon.clock import SteadyClock
from edge.daemon.gallery import Gallery
from edge.daemon.gatehouse import Bearing, Gatehouse, Keeping, Showing
from edge.daemon.state_file import Kept, StateFile
from edge.eyes import Eyes
from edge.photos import PhotoPlate
from edge.replay.deciding import gate_settings
from edge.values import Passage, Vehicle
from lot.errors import Damaged, LotError

_log = logging.getLogger("lotkeeper.api")
_STEP_S = 1.0  # an event may have become final while nothing is sent
_NOBODY = bytes(16)  # the edge of a trial


@dataclass(frozen=True, slots=True)
class Ground:
    """What the gate of sent pictures stands on."""

    settings: ApiSettings
    eyes: Eyes
    keeping: Keeping
    clock: SteadyClock


class Sent:
    """Takes what was read, and keeps what the gate says of it."""

    def __init__(self, ground: Ground) -> None:
        settings, identity = ground.settings, ground.settings.identity
        self._edge = identity.edge if identity else _NOBODY
        self._clock = ground.clock
        self._gallery = Gallery()
        self._cameras = _cameras(settings)
        self._house = Gatehouse(
            self._cameras,
            gate_settings(settings.edge, formats(settings.edge.plate_formats)),
            Bearing(self._edge, ground.eyes.models, ground.clock.bears, ground.clock.jumped_since),
            ground.keeping,
            Showing(self._gallery),
            _told,
        )
        self._state = StateFile(settings.places.folder / "sent.state") if identity else None
        self._key: bytes | None = None
        self._lock = Lock()
        self._start = f"{time.time_ns() // 1_000_000:x}"
        self._stop = Flag()
        self._thread = Thread(target=self._run, name="sent", daemon=True)
        if identity:
            self._house.seal(self._now())

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """Stop; what is not final is so after the next start."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()
        with self._lock:
            self._write()

    def camera(self, name: str | None, default: str) -> str:
        """Return the camera that a picture is of: the one that it names, if there is one."""
        return name if name is not None and name in self._cameras else default

    def unsealed(self, state_key: bytes) -> None:
        """Take the state key: who was inside before a restart is known again."""
        with self._lock:
            self._key = state_key
            if self._house.is_sealed:
                self._house.unseal(self._now(), self._read(state_key))

    def settled(self, ack: Ack) -> None:
        """Hear what people said of cars; it comes with every answer of the server."""
        with self._lock:
            self._house.step(self._now(), settled=ack.settled)

    def take(self, read: Read) -> None:
        """Let the cars of a picture pass; what they come to is kept when this returns."""
        passages = list(self._passages(read))
        if not passages:
            return
        with self._lock:
            vehicles = [one.box for one in read.photo.vehicles]
            self._gallery.keep(read.frame.camera, read.frame.index, read.frame.image, vehicles)
            self._house.step(self._now(), passages)

    def _passages(self, read: Read) -> Iterable[Passage]:
        for number, plate in enumerate(_carried(read.plates)):
            yield Passage(
                id=f"{self._start}-{read.frame.index}-{number}",
                camera=read.frame.camera,
                first_seen=read.frame.time,
                last_seen=read.frame.time,
                came_by=None,
                left_by=None,
                stood_first=None,
                stood_last=None,
                moved=True,  # why else was the picture taken?
                went_length=False,
                lane=None,
                vehicle=_vehicle(plate),
                looks=plate.looks,
                no_plate=None,
                legible=True,
                others=(),
                best_frame=read.frame.index,
                ended=True,
            )

    def _run(self) -> None:
        while not self._stop.wait(_STEP_S):
            try:
                with self._lock:
                    self._house.step(self._now())
                    self._write()
            except LotError as error:
                _log.error('gate=waits why="%s"', error)

    def _now(self) -> datetime:
        steady = time.monotonic()
        self._clock.follow(steady, in_view=False)
        return self._clock.at(steady)

    def _write(self) -> None:
        if self._state is None or self._key is None:
            return
        kept = self._house.state()
        if kept is not None:
            self._state.write(kept, self._key, self._edge)

    def _read(self, key: bytes) -> Kept:
        assert self._state is not None, "only an enrolled edge is given a key"
        try:
            return self._state.read(key, self._edge)
        except Damaged as error:
            _log.error("state=unsound said=%r aside=%s", str(error), self._state.put_aside())
            return Kept()


def _cameras(settings: ApiSettings) -> Mapping[str, Camera]:
    names = {settings.camera, *settings.edge.cameras}
    if settings.identity:
        # Of another camera the server takes nothing until its certificate names it.
        names &= {settings.camera, *settings.identity.certificate.cameras}
    return {name: settings.edge.cameras.get(name) or Camera(name) for name in sorted(names)}


def _carried(plates: Iterable[PhotoPlate]) -> Iterable[PhotoPlate]:
    """Give one plate a vehicle, the most prominent, and each that is on none."""
    vehicles = []
    for one in plates:
        if one.vehicle is not None:
            if one.vehicle in vehicles:
                continue
            vehicles.append(one.vehicle)
        yield one


def _vehicle(plate: PhotoPlate) -> Vehicle | None:
    if plate.vehicle is None or plate.vehicle.kind == "plate":
        return None
    return plate.vehicle.kind


def _told(_: object) -> None:
    """Be told of an event: whoever wants to know reads the journal."""
