"""The gate put together from its settings, and run until it is told to stop."""

from __future__ import annotations

import logging
import signal
import sys
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from contract import blind
from contract.event import Event, encoded
from contract.plates import formats
from edge.daemon.aiming import Aiming
from edge.daemon.asked import Asked
from edge.daemon.clips import Clips
from edge.daemon.clock import SteadyClock
from edge.daemon.figures import GateFigures
from edge.daemon.filming import Filming
from edge.daemon.gallery import Gallery
from edge.daemon.gatehouse import Bearing, Gatehouse, Keeping, Showing
from edge.daemon.hatchway import Hatchway
from edge.daemon.lookout import Lookout
from edge.daemon.loop import Disk, Heard, Loop, Seen, Several
from edge.daemon.notify import Notify
from edge.daemon.showing import Onlookers, Recorder
from edge.daemon.state_file import Heartbeat, StateFile
from edge.daemon.turns import Turns
from edge.delivery.delivering import Delivery
from edge.delivery.identity import Identity, Places, identity_in
from edge.delivery.journal import Journal, keeps_from
from edge.delivery.outbox import Newest
from edge.delivery.settings import asked_from, places_from
from edge.eyes import Eyes, opened, several
from edge.outputs.overlaying import Overlaying
from edge.outputs.window import Window
from edge.replay.deciding import gate_settings
from edge.road import Pace, Road
from edge.settings import Settings
from edge.sources.live.kept import KeptCamera
from edge.telling.running import telling_from
from lot.clock import WallClock, now_us
from lot.errors import DONE, STOPPED_BY_HAND
from lot.files import check_writable

_log = logging.getLogger("lotkeeper.gate")
_NOBODY = bytes(16)  # the edge of a trial
_REMEMBERED = 10_000  # events of a trial whose revisions are known


class Stop:
    """Told to stop by systemd or by hand."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.by_hand = False

    def listen(self) -> None:
        signal.signal(signal.SIGTERM, lambda *_: self.asked.set())
        signal.signal(signal.SIGINT, lambda *_: self._by_hand())

    def _by_hand(self) -> None:
        if self.asked.is_set():
            raise KeyboardInterrupt  # asked twice: at once
        self.by_hand = True
        self.asked.set()


class Unkept:
    """Where a trial's events go: into the journal, if there is one, which forgets them."""

    def __init__(self, journal: Journal | None = None) -> None:
        self._journal = journal
        self._newest: OrderedDict[str, Newest] = OrderedDict()
        self._count = 0

    def put(self, said: Event, pictures: Mapping[str, bytes]) -> int:
        if self._journal is not None:
            self._journal.put(said, pictures, now_us())
        self._newest[said.id] = Newest(said.revision, said.final)
        if len(self._newest) > _REMEMBERED:
            self._newest.popitem(last=False)
        self._count += 1
        return self._count

    def put_blind(self, said: blind.Blind) -> int:
        del said
        self._count += 1
        return self._count

    def newest_of(self, event_id: str) -> Newest | None:
        return self._newest.get(event_id)

    def still_known(self, event_id: str, pictures: Mapping[str, str]) -> Mapping[str, str]:
        del event_id
        return pictures


def run(ask: Asked, stop: Stop, open_eyes: Callable[[Settings], Eyes] = opened) -> int:
    """Run the gate; return the exit status."""
    figures = GateFigures()
    eyes = [figures.eyes(one) for one in several(ask.settings, len(ask.cameras), open_eyes)]
    heard = Heard()
    places = places_from(ask.values)
    # Who aims drives up and down before the camera: that is nobody's visit.
    identity = identity_in(places) if places.enrolled.exists() and not ask.aim else None
    heartbeat = Heartbeat(places.folder / "heartbeat.json") if identity else None
    wall = WallClock()
    clock = SteadyClock(wall, time.monotonic(), heartbeat.newest if heartbeat else None)
    with ExitStack() as stack:
        journal = None if ask.aim else _journal(ask, places, identity, stack)
        keeping = _keeping(ask, identity, heard, journal, stack)
        cameras = _started(ask, clock, stack)
        gallery = Gallery()
        lookouts = _lookouts(ask, eyes, clock, gallery, cameras, heartbeat)
        clips = _clips(ask)
        showing = Showing(gallery) if clips is None else _showing(gallery, clips, figures, stack)
        gatehouse = _gatehouse(ask, eyes[0], clock, showing, keeping, identity, heartbeat)
        disk = _disk(places, identity, heartbeat)
        if isinstance(keeping, Delivery):
            gatehouse.seal(clock.at(time.monotonic()))
            keeping.blind_from(lambda: [one.name for one in lookouts if one.blind])
            keeping.start()
            figures.outbox_from(keeping.counts)
        figures.uncounted_from(lambda: gatehouse.uncounted)
        if journal is not None and (
            telling := telling_from(ask.values, journal, places, ask.settings.zone)
        ):
            telling.start()
            figures.also(telling.figures)
            stack.callback(telling.close)
        aiming = Aiming(_line) if ask.aim else None
        seen: list[Seen] = [figures] if clips is None else [figures, clips]
        if aiming is not None:
            seen.append(aiming)
        else:
            seen.append(_hatchway(ask, places, figures, stack))
            seen += [_onlookers(ask, stop, stack)] if ask.show or ask.record else []
        turns = Turns(lookouts, eyes=len(eyes))
        stack.callback(turns.close)
        loop = Loop(turns, gatehouse, clock, disk, heard, Notify(), stop.asked, Several(seen))
        loop.run()
    for verdict in aiming.verdicts() if aiming else ():
        _line(verdict)
    return STOPPED_BY_HAND if stop.by_hand else DONE


def _journal(
    ask: Asked, places: Places, identity: Identity | None, stack: ExitStack
) -> Journal | None:
    """Return where what is said is noted, for who asks after a plate and for who is told."""
    keeps = keeps_from(ask.values)
    if identity is not None:
        journal = Journal(places.outbox, identity.edge, keeps)
    else:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="lotkeeper-"))
        journal = Journal(Path(folder) / "journal.sqlite3", _NOBODY, keeps)
    stack.callback(journal.close)
    return journal


def _hatchway(ask: Asked, places: Places, figures: GateFigures, stack: ExitStack) -> Hatchway:
    chosen, zone = formats(ask.settings.plate_formats), ask.settings.zone
    overlaying = {name: Overlaying(chosen, zone) for name in ask.cameras}
    hatchway = Hatchway(places.folder, overlaying, figures.text)
    hatchway.start()
    stack.callback(hatchway.close)
    return hatchway


def _keeping(
    ask: Asked,
    identity: Identity | None,
    heard: Heard,
    journal: Journal | None,
    stack: ExitStack,
) -> Keeping:
    if ask.aim:
        return Unkept()
    if identity is None:
        _log.warning(
            "enrolled=0 said='events are shown here and kept nowhere: python -m edge enrol'"
        )
        return Unkept(journal)
    delivery = Delivery(
        asked_from(ask.values, identity),
        identity,
        started=heard.started.put,
        acknowledged=heard.acks.put,
        journal=journal,
    )
    stack.callback(delivery.close)
    return delivery


def _started(ask: Asked, clock: SteadyClock, stack: ExitStack) -> list[KeptCamera]:
    cameras = [KeptCamera(name, ask.orders[name], at=clock.at) for name in ask.cameras]
    for camera in cameras:
        camera.start()
        stack.callback(camera.close)
    return cameras


def _lookouts(
    ask: Asked,
    eyes: Sequence[Eyes],
    clock: SteadyClock,
    gallery: Gallery,
    cameras: list[KeptCamera],
    heartbeat: Heartbeat | None,
) -> list[Lookout]:
    pace = Pace(ask.settings.analysed_per_second, ask.settings.legible_pixels)
    chosen = formats(ask.settings.plate_formats)
    # A passage's id is its own over every start: the time of this one tells them apart.
    start = f"{int(clock.at(time.monotonic()).timestamp() * 1000):x}"

    def looked_after(camera: KeptCamera, own: Eyes) -> Lookout:
        def road(number: int) -> Road:
            prefix = f"{start}-{number}-"
            return Road(ask.cameras[camera.name], own, chosen, pace, prefix=prefix)

        since = heartbeat.seen(camera.name) if heartbeat else None
        return Lookout(camera, road, gallery, blind_since=since)

    return [looked_after(one, eyes[at % len(eyes)]) for at, one in enumerate(cameras)]


def _gatehouse(
    ask: Asked,
    eyes: Eyes,
    clock: SteadyClock,
    showing: Showing,
    keeping: Keeping,
    identity: Identity | None,
    heartbeat: Heartbeat | None,
) -> Gatehouse:
    settings = gate_settings(ask.settings, formats(ask.settings.plate_formats))
    if heartbeat is not None:
        first = heartbeat.begun(clock.at(time.monotonic()))
        settings = replace(settings, first_start=first)
    bearing = Bearing(
        identity.edge if identity else _NOBODY, eyes.models, clock.bears, clock.jumped_since
    )
    told = _printed if ask.as_json or identity is None else _logged(log_plates=ask.log_plates)
    if ask.aim:
        told = _unsaid
    return Gatehouse(ask.cameras, settings, bearing, keeping, showing, told)


def _clips(ask: Asked) -> Clips | None:
    if ask.aim or not ask.clips:
        return None
    chosen, zone = formats(ask.settings.plate_formats), ask.settings.zone
    return Clips({name: Overlaying(chosen, zone) for name in ask.cameras}, zone)


def _showing(gallery: Gallery, clips: Clips, figures: GateFigures, stack: ExitStack) -> Showing:
    filming = Filming(clips)
    filming.start()
    stack.callback(filming.close)
    figures.clips_from(lambda: filming.left_out)
    return Showing(gallery, filming)


def _onlookers(ask: Asked, stop: Stop, stack: ExitStack) -> Onlookers:
    chosen, zone = formats(ask.settings.plate_formats), ask.settings.zone
    windows = {}
    if ask.show:
        for name in ask.cameras:
            windows[name] = stack.enter_context(Window(f"Lotkeeper {name}"))
    overlaying = {name: Overlaying(chosen, zone) for name in ask.cameras}
    return Onlookers(overlaying, windows, _recorder(ask, stack), stop.asked.set)


def _recorder(ask: Asked, stack: ExitStack) -> Recorder | None:
    if ask.record is None:
        return None
    check_writable(ask.record)
    _log.warning("record=%s said='plates and pictures lie there in clear'", ask.record)
    recorder = Recorder(ask.record, ask.settings.analysed_per_second, ask.settings.zone)
    stack.callback(recorder.close)
    return recorder


def _disk(places: Places, identity: Identity | None, heartbeat: Heartbeat | None) -> Disk | None:
    if identity is None or heartbeat is None:
        return None
    return Disk(StateFile(places.folder / "gate.state"), heartbeat, identity.edge)


def _line(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _unsaid(_: Event) -> None:
    """Who aims wants to hear of plates, not of entries."""


def _printed(event: Event) -> None:
    _line(encoded(event).decode())


def _logged(*, log_plates: bool) -> Callable[[Event], None]:
    def told(event: Event) -> None:
        plate = f" plate={event.plate}" if log_plates else ""
        _log.info(
            "event=%s kind=%s camera=%s revision=%d final=%d read=%d%s",
            event.id,
            event.kind,
            event.camera,
            event.revision,
            event.final,
            event.plate is not None,
            plate,
        )

    return told
