"""Whether the gate keeps up and its memory stays flat: two cameras for an hour.

Two cameras of 1920 x 1080 on RTSP at ten pictures a second, each with cars for as long as without;
the gate's daemon, a served vault with TLS and MariaDB, all on two cores. What happens in the first
tenth is a start, and counts nowhere.

3 minutes; --full takes 60.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import monotonic, time

from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import create_engine

from benchmarks import vault as vaults
from benchmarks.clips import clips
from benchmarks.delivery import p95
from benchmarks.figure import Figure, a_folder, figure, main
from benchmarks.gates import (
    READY_S,
    Arrivals,
    Lot,
    Running,
    Shown,
    as_shown,
    coded_aside,
    gate_daemon,
    idling,
    sees,
    took,
    units,
)
from benchmarks.living import LivingCamera, living_camera
from benchmarks.mariadb import Mariadb
from benchmarks.scenes import RATE, SEED
from contract.event import Event
from edge.daemon.hatch import Hatch
from edge.delivery.identity import Places
from lot.errors import Unreachable, Unreadable
from models.drawing.scenes import Scene, passages, passages_of

CAMERAS = ("north", "south")
SIZE = (1920, 1080)
PASSAGES = 4  # of a film, over and over: no car is back within the 30-second rule
SHORT, LONG = 3.0, 60.0  # minutes
LOOKS_S = 2.0
START = 0.1  # of the time, which counts nowhere
NEVER_S = 60.0  # what a passage counts that was never stored
LAST_S = 10.0  # a passage that ended later is not waited for
GOALS = {
    "drift": ("soak: memory's drift, worst process", "share", "<= 0.05"),
    "memory": ("soak: memory of the gate", "MB", ""),
    "over": ("soak: pictures passed over", "share", "<= 0.05"),
    "age": ("soak: picture to looked at, p95", "s", "<= 1"),
    "stored": ("soak: legible to stored, p95", "s", "<= 1"),
    "work": ("soak: processor of the gate", "cores", ""),
    "picture": ("soak: processor a picture taken up", "ms", ""),
}


@dataclass(frozen=True, slots=True)
class Sample:
    """The gate at one moment, counted from its start."""

    at_s: float
    memory_mb: Mapping[int, float]  # of each of its processes
    worked_s: float
    shown: int
    came: float
    ages_s: tuple[float, ...]


def drift(samples: Sequence[Sample]) -> float:
    """Return by how much the worst process's memory has grown since it had started.

    Each end is the median of a tenth of the time: a moment's memory says more of the moment.
    """
    first, last = _tenth(samples, START), _tenth(samples, 1 - START)
    grown = [
        _memory(last, process) / _memory(first, process) - 1
        for process in first[0].memory_mb.keys() & last[-1].memory_mb.keys()
    ]
    return max(grown)


def passed_over(samples: Sequence[Sample]) -> float:
    """Return the share of the pictures shown after the start that the gate never took up."""
    first, last = _after_start(samples)[0], samples[-1]
    shown = last.shown - first.shown
    return max(0.0, 1 - (last.came - first.came) / shown)


def _after_start(samples: Sequence[Sample]) -> Sequence[Sample]:
    return [one for one in samples if one.at_s >= START * samples[-1].at_s]


def _tenth(samples: Sequence[Sample], begins: float) -> Sequence[Sample]:
    whole = samples[-1].at_s
    return [one for one in samples if begins * whole <= one.at_s <= (begins + 0.1) * whole]


def _memory(samples: Sequence[Sample], process: int) -> float:
    return median(one.memory_mb[process] for one in samples if process in one.memory_mb)


@dataclass(slots=True)
class Showing:
    """One camera, its film and the same time without a car, in turns."""

    name: str
    camera: LivingCamera
    scene: Scene
    film: Path
    idle: Sequence[bytes]
    pictures: int = 0
    passages: list[Shown] = field(default_factory=list)

    def until(self, stop: threading.Event) -> None:
        while not stop.is_set():
            began = self.pictures
            at = self._play(list(units(self.film.read_bytes())))
            self.passages += [as_shown(one, at) for one in passages(self.scene) if one.plate]
            ends = 2 * self.pictures - began
            while self.pictures < ends and not stop.is_set():
                self._play(self.idle)

    def _play(self, pictures: Sequence[bytes]) -> list[float]:
        at = []
        for one in pictures:
            at += self.camera.play([one])
            self.pictures += 1
        return at

    def ready(self, sees_it: Callable[[], bool], stop: threading.Event) -> None:
        ends = monotonic() + READY_S
        while not (sees_it() or stop.is_set()):
            self._play(self.idle)
            if monotonic() > ends:
                raise Unreachable("the gate saw no picture", then="look at its camera")


def measured(words: argparse.Namespace) -> Sequence[Figure]:
    """Measure where there are a MariaDB and GStreamer."""
    try:
        return _measured(words)
    except Unreadable as missing:
        return [figure(name, None, unit, goal, str(missing)) for name, unit, goal in GOALS.values()]


def _measured(words: argparse.Namespace) -> Sequence[Figure]:
    minutes = LONG if words.full else words.minutes
    seeds = range(SEED + 1, SEED + 1 + len(CAMERAS))
    scenes = [passages_of("day", PASSAGES, seed, SIZE, RATE)[0] for seed in seeds]
    films = clips(scenes)
    with ExitStack() as ends:
        temporary = tempfile.TemporaryDirectory(prefix="lot-", dir=words.folder)
        folder = Path(ends.enter_context(temporary))
        coded = [coded_aside(film, folder / f"{n}.h264s") for n, film in enumerate(films)]
        idle = [idling(one) for one in films]
        ends.enter_context(vaults.on_cores(sorted(os.sched_getaffinity(0))[:2]))
        mariadb = Mariadb(folder / "db")
        ends.callback(mariadb.stop)
        mariadb.install()
        vault = vaults.set_up(folder, mariadb)
        of = vault.enrolled("seeing", *CAMERAS)
        served = ends.enter_context(vaults.served(vault, folder / "log"))
        engine = create_engine(mariadb.url)
        ends.callback(engine.dispose)
        lot = Lot(folder, vault, served, engine)
        showing = [
            Showing(name, ends.enter_context(living_camera(RATE)), scene, film, still)
            for name, scene, film, still in zip(CAMERAS, scenes, coded, idle, strict=True)
        ]
        arrivals = ends.enter_context(Arrivals(engine, of.writer).watched())
        urls = {one.name: one.camera.url for one in showing}
        more = {"LOT_CLIPS": "1"} if words.clips else {}
        gate = ends.enter_context(gate_daemon(lot, of, urls, more))
        samples = _watched(gate, lot.places(of), showing, minutes * 60)
        return _figures(samples, _waits(showing, gate.told, arrivals), minutes, words)


def _watched(
    gate: Running, places: Places, showing: Sequence[Showing], seconds: float
) -> list[Sample]:
    stop, ready = threading.Event(), threading.Barrier(len(showing) + 1)

    def show(one: Showing) -> None:
        try:
            one.ready(lambda: sees(places, one.name), stop)
            ready.wait()
            one.until(stop)
        finally:
            ready.abort()  # who waits hears that this one never came

    threads = [threading.Thread(target=show, args=(one,), daemon=True) for one in showing]
    for thread in threads:
        thread.start()
    samples: list[Sample] = []
    pause = threading.Event()
    try:
        ready.wait()
        began = monotonic()
        while (at_s := monotonic() - began) < seconds:
            samples.append(_sample(at_s, gate, places, showing))
            _tell(samples)
            pause.wait(LOOKS_S)
    except threading.BrokenBarrierError:
        raise Unreachable("the gate saw no picture", then="look at its cameras") from None
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    return samples


def _sample(at_s: float, gate: Running, places: Places, showing: Sequence[Showing]) -> Sample:
    processes = vaults.family(gate.process)
    memory: dict[int, float] = {}
    for one in processes:
        with suppress(OSError):  # a camera's process ends and another begins
            memory[one] = vaults.pss_mb(one)
    shown = sum(one.pictures for one in showing)
    came, ages = 0.0, []
    text = Hatch(places.folder).figures().decode()
    for family in text_string_to_metric_families(text):
        for value in family.samples:
            if value.name == "lotkeeper_frames_total":
                came += value.value
            elif value.name == "lotkeeper_frame_age_seconds":
                ages.append(value.value)
    return Sample(at_s, memory, vaults.processor_s(processes), shown, came, tuple(ages))


def _tell(samples: Sequence[Sample]) -> None:
    """Say how far it is once a minute: who waits for an hour may want to end it sooner."""
    one = samples[-1]
    if len(samples) > 1 and one.at_s // 60 > samples[-2].at_s // 60:
        print(
            f"{one.at_s / 60:.0f} min: {sum(one.memory_mb.values()):.1f} MB "
            f"({', '.join(f'{mb:.1f}' for mb in one.memory_mb.values())}), {one.came:.0f} of "
            f"{one.shown} pictures, {one.worked_s:.0f} s worked",
            file=sys.stderr,
            flush=True,
        )


def _waits(showing: Sequence[Showing], told: Sequence[Event], arrivals: Arrivals) -> list[float]:
    over = time() - LAST_S
    waits = []
    for one in showing:
        of_it = [event for event in told if event.camera == one.name]
        for passage in one.passages:
            if passage.last < over:
                wait = took(passage, of_it, arrivals.of)
                waits.append(NEVER_S if wait is None else wait)
    return waits


def _figures(
    samples: Sequence[Sample], waits: Sequence[float], minutes: float, words: argparse.Namespace
) -> list[Figure]:
    counted = _after_start(samples)
    first, last = counted[0], counted[-1]
    said = (
        f"{minutes:.0f} minutes, {len(CAMERAS)} cameras of {SIZE[0]} x {SIZE[1]} at {RATE:.0f} a "
        f"second over RTSP, idle half of the time, {'with' if words.clips else 'without'} clips; "
        f"{len(last.memory_mb)} processes; cameras, gate, server and MariaDB on two cores, load "
        f"{os.getloadavg()[1]:.1f} at the end"
    )
    values = {
        "drift": drift(samples),
        "memory": sum(last.memory_mb.values()),
        "over": passed_over(samples),
        "age": p95([age for one in counted for age in one.ages_s]),
        "stored": p95(waits) if waits else None,
        "work": (last.worked_s - first.worked_s) / (last.at_s - first.at_s),
        "picture": 1000 * (last.worked_s - first.worked_s) / max(1, last.came - first.came),
    }
    found = []
    for key, (name, unit, goal) in GOALS.items():
        passing = f"{len(waits)} passages, one never stored counts {NEVER_S:.0f} s; "
        found.append(figure(name, values[key], unit, goal, passing * (key == "stored") + said))
    return found


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--minutes", type=float, default=SHORT, metavar="N")
    parser.add_argument("--full", action="store_true", help=f"{LONG:.0f} minutes")
    parser.add_argument("--clips", action="store_true", help="send a clip with each event")
    parser.add_argument("--folder", type=a_folder, metavar="FOLDER", help="on the disk to measure")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
