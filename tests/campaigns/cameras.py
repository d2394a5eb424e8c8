"""Cameras unplugged, frozen and black: back within 30 s of their return, and no false event.

python -m tests.campaigns.cameras [--trials 30] [--seed N]

Three living cameras over RTSP at one gate's daemon, one a fault. In each trial a car drives
in; by turns it stands in view while the camera is blind, or is gone before that. It is one entry
either way.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Literal

import numpy as np

from benchmarks.living import LivingCamera, coded, living_camera
from contract import event
from contract.event import Event
from edge.daemon.hatch import Hatch
from edge.values import Image
from tests.edge.toys import PLATES, ToyCar, picture

TRIALS = 30
BACK_S = 30.0
Fault = Literal["unplugged", "frozen", "black"]
FAULTS: tuple[Fault, ...] = ("unplugged", "frozen", "black")
_ROOT = Path(__file__).parents[2]
_RATE = 10
_WINDOW_S = 3
# Widths a second: cut by the border for a second, a car is seen there by a starved gate too.
_SPEED = 0.25
_STANDS_AT_S = 2.2  # the car then stands in the middle
_STANDS_S = 3  # that it stands in view on either side of the blindness
_GONE_S = 4.5  # after which it has left the picture for more than a second
_PATIENCE_S = 240.0  # with a neighbour on the cores; what a trial proves is timed by itself
_BLIND_MAX_S = 4.0  # beyond what it takes to be noticed


@dataclass(frozen=True, slots=True)
class Film:
    """What one camera can show; each picture can follow any other, since all are key pictures."""

    comes: list[bytes]
    stands: list[bytes]
    goes: list[bytes]
    nothing: list[bytes]
    black: list[bytes]


@dataclass(slots=True)
class Told:
    """What the daemon has said so far, as its lines come."""

    events: list[Event] = field(default_factory=list)
    blind: dict[str, list[str]] = field(default_factory=dict)  # of a camera, why, each time
    seeing: dict[str, list[float]] = field(default_factory=dict)  # when it saw again

    def finals(self, camera: str) -> list[Event]:
        return [
            one for one in self.events if one.camera == camera and one.final and one.kind != "void"
        ]

    def take(self, line: str) -> None:
        # The first word stands behind level and part: WARNING:lotkeeper.gate:camera=north.
        said = line.rpartition(":")[2]
        words = dict(word.split("=", 1) for word in said.split() if "=" in word)
        camera = words.get("camera", "")
        if "blind" in words:
            self.blind.setdefault(camera, []).append(words["blind"])
        if "sees_again" in words:
            self.seeing.setdefault(camera, []).append(time.monotonic())


@dataclass(slots=True)
class Line:
    """One camera with its fault, and what was seen of its trials."""

    fault: Fault
    camera: LivingCamera
    film: Film
    told: Told
    hatch: Hatch
    random: Random
    back_s: list[float] = field(default_factory=list)

    def ready(self) -> None:
        """Show an empty gate until the daemon looks at it: a first car comes before nobody."""
        seen = f'lotkeeper_frames_total{{camera="{self.fault}"}}'
        self._show(self.film.nothing, until=lambda: seen in self.hatch.figures().decode())

    def trial(self, *, stands: bool) -> None:
        """Let a car come and the camera fail; wait for the camera's return and the last word."""
        finals = len(self.told.finals(self.fault))
        self.camera.play(self.film.comes)
        if stands:
            self._for(self.film.stands, _STANDS_S)
        else:
            self.camera.play(self.film.goes)
        shown = self.film.stands if stands else self.film.nothing
        self._fails(shown[0])
        self._returns(shown)
        if stands:
            self._for(self.film.stands, _STANDS_S)
            self.camera.play(self.film.goes)
        self._show(self.film.nothing, until=lambda: len(self.told.finals(self.fault)) > finals)

    def check(self) -> None:
        """Each trial was one entry of the one car, and each return was noticed in time."""
        wrong = wrongly_told(self.told.finals(self.fault), self._plate(), len(self.back_s))
        assert not wrong, f"{self.fault}: {'; '.join(wrong)}"
        assert max(self.back_s) <= BACK_S, f"{self.fault}: back after {max(self.back_s):.1f} s"

    def _fails(self, last: bytes) -> None:
        before = len(self.told.blind.get(self.fault, ()))
        if self.fault == "unplugged":
            self.camera.unplug()
        shown = self.film.black if self.fault == "black" else [last]
        self._show(shown, until=lambda: len(self.told.blind.get(self.fault, ())) > before)
        self._for(shown, self.random.uniform(0, _BLIND_MAX_S))

    def _returns(self, shown: Sequence[bytes]) -> None:
        before = len(self.told.seeing.get(self.fault, ()))
        if self.fault == "unplugged":
            self.camera.plug_in()
        at = time.monotonic()
        self._show(shown, until=lambda: len(self.told.seeing.get(self.fault, ())) > before)
        self.back_s.append(self.told.seeing[self.fault][before] - at)

    def _for(self, shown: Sequence[bytes], seconds: float) -> None:
        ends = time.monotonic() + seconds
        self._show(shown, until=lambda: time.monotonic() >= ends)

    def _show(self, shown: Sequence[bytes], *, until: Callable[[], bool]) -> None:
        ends = time.monotonic() + _PATIENCE_S
        number = 0
        while not until():
            assert time.monotonic() < ends, self._in_vain()
            self.camera.play([shown[number % len(shown)]])
            number += 1

    def _in_vain(self) -> str:
        lately = [one for one in self.told.events if one.camera == self.fault][-3:]
        told = [f"{one.kind} {one.plate} r{one.revision} final={one.final}" for one in lately]
        return f"{self.fault}: it did not happen; told last: {told}"

    def _plate(self) -> str:
        return PLATES[FAULTS.index(self.fault)]


def wrongly_told(finals: Sequence[Event], plate: str, cars: int) -> list[str]:
    """Return what is wrong with the final events of so many cars that came in."""
    wrong = [f"{one.kind} {one.plate} of revision {one.revision}" for one in finals
             if (one.kind, one.plate) != ("entry", plate)]  # fmt: skip
    if len(finals) != cars:
        wrong.append(f"{cars} cars came, and {len(finals)} events are final")
    return wrong


@contextmanager
def lines(folder: Path, seed: int) -> Iterator[list[Line]]:
    """Keep a daemon and its three cameras running, each already seen."""
    with ExitStack() as ends:
        cameras = [ends.enter_context(living_camera(_RATE)) for _ in FAULTS]
        told = ends.enter_context(_daemon(folder, cameras))
        hatch = Hatch(folder / "edge")
        found = [
            Line(fault, camera, _film(number, seed), told, hatch, Random(seed + number))  # noqa: S311 - a campaign repeats
            for number, (fault, camera) in enumerate(zip(FAULTS, cameras, strict=True))
        ]
        _at_once(found, Line.ready)
        yield found


def tried(found: Sequence[Line], trials: int) -> None:
    """Let every camera fail so often, all at once, and hold what was told against what was."""

    def all_of(one: Line) -> None:
        for number in range(trials):
            one.trial(stands=number % 2 == 0)
            sys.stderr.write(f"{one.fault}: {number + 1} of {trials}\n")

    _at_once(found, all_of)
    for one in found:
        one.check()


def _at_once(found: Sequence[Line], what: Callable[[Line], None]) -> None:
    with ThreadPoolExecutor(len(found)) as threads:
        for done in [threads.submit(what, one) for one in found]:
            done.result()


@contextmanager
def _daemon(folder: Path, cameras: Sequence[LivingCamera]) -> Iterator[Told]:
    tables = [
        f'[{fault}]\nsource = "{camera.url}"\nstreet = ["left"]\n'
        for fault, camera in zip(FAULTS, cameras, strict=True)
    ]
    described = folder / "cameras.toml"
    described.write_text("".join(tables), encoding="utf-8")
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    values = {
        "LOT_EDGE_FOLDER": str(folder / "edge"),
        "LOT_CAMERAS_FILE": str(described),
        "LOT_WINDOW_SECONDS": str(_WINDOW_S),
        "LOT_TIMEZONE": "UTC",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.edge.daemon.toy_gate", "--json"],
        cwd=_ROOT,
        env={**mine, **values},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    told = Told()
    assert process.stdout is not None
    assert process.stderr is not None
    out, log = process.stdout, process.stderr

    def hear_events() -> None:
        for line in out:
            told.events.append(event.decoded(line.strip()))

    def hear_log() -> None:
        for line in log:
            told.take(line.decode(errors="replace"))

    hearing = [threading.Thread(target=one, daemon=True) for one in (hear_events, hear_log)]
    for one in hearing:
        one.start()
    try:
        yield told
    finally:
        process.terminate()
        process.wait(_PATIENCE_S)
        for one in hearing:
            one.join()
        out.close()
        log.close()


def _film(plate: int, seed: int) -> Film:
    noise = np.random.default_rng([seed, plate])
    car = ToyCar(plate, 0.0, speed=_SPEED, stands=(_STANDS_AT_S, 60.0))
    driving = ToyCar(plate, 0.0, speed=_SPEED)

    def taken(shown: Callable[[float], Image], began: float, seconds: float) -> list[bytes]:
        times = began + np.arange(round(seconds * _RATE)) / _RATE
        pictures = [shown(float(at)).astype(np.int16) for at in times]
        grainy = [
            np.clip(one + noise.normal(0, 2, one.shape), 0, 255).astype(np.uint8)
            for one in pictures
        ]
        return coded(grainy, _RATE, key_every=1)

    return Film(
        comes=taken(lambda at: picture([driving], at), 0.0, _STANDS_AT_S),
        stands=taken(lambda at: picture([car], at), 10.0, 2.0),
        goes=taken(lambda at: picture([driving], at), _STANDS_AT_S, _GONE_S),
        nothing=taken(lambda at: picture([], at), 0.0, 2.0),
        black=coded([np.zeros_like(picture([], 0.0))] * 2, _RATE, key_every=1),
    )


def main(trials: int, seed: int) -> int:
    with tempfile.TemporaryDirectory() as folder, lines(Path(folder), seed) as found:
        tried(found, trials)
    for one in found:
        said = {"name": f"cameras {one.fault}", "trials": trials, "seed": seed}
        back = {"back_s": round(max(one.back_s), 1), "events": trials, "holds": True}
        sys.stdout.write(f"{json.dumps({**said, **back})}\n")
    return 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS, help="of each fault")
    parser.add_argument("--seed", type=int, default=time.time_ns() % 1_000_000)
    asked = parser.parse_args()
    sys.stderr.write(f"seed {asked.seed}\n")
    sys.exit(main(asked.trials, asked.seed))
