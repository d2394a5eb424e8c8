"""The replay against the plain way, against decoding alone, and against the clock.

The clips are drawn once and kept under .make/clips.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from benchmarks import stock
from benchmarks.clips import clips
from benchmarks.errand import Errand, errand
from benchmarks.figure import Figure, figure, main
from benchmarks.ours import Lot, edge_environment, events, lot, recording
from benchmarks.plain import Decoding, Plain
from benchmarks.race import Race, Rival, raced
from benchmarks.stages import BGR, DECODING, NETWORK, Stages, watched
from benchmarks.true_passages import camera_of
from contract.event import Event, encoded
from contract.plates import normalise
from lot.times import microseconds
from models.drawing.scenes import Scene, passages, scene

SIZE, RATE = (1920, 1080), 30.0
# Half a second a turn, so that a neighbour's load meets all alike; a sixth of the turns for
# the plain ways, which take a minute a clip's minute each on a good day.
TURN, EVERY = 15, 6
PLAIN, STOCK, DECODED = "plain", "stock", "decoding"
_NEAR = 2_000_000  # microseconds: a car begins to be told when it is seen, some moments late
_SURELY = 2  # frames: a text that one frame gave is a slip
_STARTS = 5

_SAMPLE = (
    "1080p30, busy one fifth; every sixth half second of the plain way, spread evenly, in turns "
    "with ours, which takes every frame; decoding is in both"
)


@dataclass(frozen=True, slots=True)
class Films:
    """The clips that are measured on."""

    fifth: Path
    idle: Path
    busy: Path


def measured(_: argparse.Namespace) -> list[Figure]:
    """Take every figure."""
    fifth, idle, busy = (scene(n, size=SIZE, fps=RATE) for n in ("gate-fifth", "idle", "busy"))
    films = Films(*clips((fifth, idle, busy)))
    eyes = lot()
    return [
        *against_plain(films.fifth, fifth, eyes),
        against_decoding(films.idle, eyes),
        networks_share(films.busy, eyes),
        *with_film(films, (fifth.seconds, busy.seconds)),
        *starting(films.busy),
    ]


def against_plain(clip: Path, drawn: Scene, eyes: Lot) -> list[Figure]:
    """Walk a clip beside the plain way, and beside the stock library's where there is one."""
    told: list[Event] = []
    camera = camera_of(drawn.views[0])  # as its owner would describe it: kinds are compared
    plain = Plain(recording(clip, eyes), eyes.eyes.detector, eyes.eyes.reader)
    rivals: dict[str, Rival] = {PLAIN: plain}
    with ExitStack() as stack:
        if stock.PYTHON.exists():
            weights = eyes.settings.detector_weights, eyes.settings.reader_weights
            rivals[STOCK] = stack.enter_context(stock.walking(clip, *weights))

        def ours(at_frame: Callable[[], None]) -> None:
            named = recording(clip, eyes, camera.name)
            told.extend(events(named, eyes, camera, at_frame=at_frame))

        began = recording(clip, eyes).start.at
        race = raced(ours, rivals, turn=TURN, every=EVERY)
    missing = lost(plain.read, told, drawn, began)
    return [*faster(race), figure(
        "replay: events lost to the plain way", len(missing), "events", "<= 0",
        "true events whose plate the plain way reads in two frames of their time, and that we do "
        f"not tell by plate, kind and time; of {len(drawn.expected)} true and {len(told)} told"
        + "".join(f"; not told: {kind} {plate}" for kind, plate in missing),
    )]  # fmt: skip


def faster(race: Race) -> list[Figure]:
    """Return the figures of a race through a clip that is busy one fifth."""
    rates = ", ".join(f"{name} {tally.rate:.1f}" for name, tally in race.rivals.items())
    said = (
        f"{_SAMPLE}; frames a second: ours {race.ours.rate:.1f}, {rates}; "
        f"by processor time {race.lighter_than(PLAIN):.2f} times"
    )
    there = STOCK in race.rivals
    return [
        figure("replay: times the plain way", race.faster_than(PLAIN), "times", ">= 5", said),
        figure(
            "replay: times the stock library",
            race.faster_than(STOCK) if there else None,
            "times",
            ">= 10",
            "the plain way with YOLO(...).predict on the same weights; as above; "
            f"by processor time {race.lighter_than(STOCK):.2f} times"
            if there
            else "not run: no .venv-train here (make test TRAINING=auto builds it)",
        ),
    ]


def lost(
    plain: Mapping[str, Sequence[int]], told: Sequence[Event], drawn: Scene, began: datetime
) -> list[tuple[str, str]]:
    """Return kind and plate of the true events that the plain way has the reading for, and we not.

    `plain` says in which frames it read each text. One event of ours stands for one true event.
    """
    left = list(told)
    missing: list[tuple[str, str]] = []
    for event in drawn.expected:
        plate = normalise(event.plate or "")
        stays = [
            one for one in passages(drawn) if (one.actor, one.view) == (event.actor, event.view)
        ]
        stay = stays[-1 if event.kind == "exit" else 0]
        frames = [at for at in plain.get(plate, ()) if stay.first_frame <= at <= stay.last_frame]
        if len(frames) < _SURELY:
            continue
        first, last = (
            microseconds(began + timedelta(seconds=seconds))
            for seconds in (stay.first_seconds, stay.last_seconds)
        )
        ours = (
            one
            for one in left
            if (one.kind, one.plate) == (event.kind, plate)
            and one.first_seen <= last + _NEAR
            and one.last_seen >= first - _NEAR
        )
        if found := next(ours, None):
            left.remove(found)
        else:
            missing.append((event.kind, plate))
    return missing


def against_decoding(clip: Path, eyes: Lot) -> Figure:
    """Walk a clip on which nothing happens beside mere decoding."""
    race = raced(
        lambda at_frame: events(recording(clip, eyes), eyes, at_frame=at_frame),
        {DECODED: Decoding(recording(clip, eyes))},
        turn=TURN,
    )
    return figure(
        "replay: idle against decoding", 1 / race.faster_than(DECODED), "times", "<= 1.3",
        "1080p30, nothing moves but noise and leaves; the same file decoded to BGR, in turns; "
        f"ms a frame: ours {1000 / race.ours.rate:.2f}, "
        f"decoding {1000 / race.rivals[DECODED].rate:.2f}; "
        f"by processor time {1 / race.lighter_than(DECODED):.2f} times",
    )  # fmt: skip


def networks_share(clip: Path, eyes: Lot) -> Figure:
    """Say what a busy clip's time goes into, beyond decoding."""
    with watched() as stages:
        told = events(recording(clip, eyes), eyes)
        with stages.stage("telling"):
            for event in told:
                encoded(event)
    return figure(
        "replay: network's share when busy", stages.share(NETWORK), "share", ">= 0.7",
        f"1080p30, never empty, no film; of the time beyond decoding; {elsewhere(stages)}",
    )  # fmt: skip


def elsewhere(stages: Stages) -> str:
    """Say where the rest of the time goes, the most first."""
    others = sorted(
        set(stages.seconds) - {DECODING, BGR, NETWORK}, key=lambda n: -stages.seconds[n]
    )
    return "the rest goes to " + ", ".join(
        f"{name} {100 * stages.share(name):.1f} %" for name in others
    )


def with_film(films: Films, seconds: tuple[float, float]) -> list[Figure]:
    """Replay from the command line, the annotated film written."""
    with tempfile.TemporaryDirectory() as folder:
        fifth = replayed(films.fifth, Path(folder))
        busy = replayed(films.busy, Path(folder))
    return [
        figure(
            "replay: 1080p30 with its film", seconds[0] / fifth.seconds, "x real", ">= 1",
            f"python edge/local.py, busy one fifth, start to end, the annotated MP4 written; "
            f"{fifth.processor / seconds[0]:.2f} s of processor time a second",
        ),
        figure(
            "replay: the same, fully busy", seconds[1] / busy.seconds, "x real", "",
            f"python edge/local.py, never empty, start to end, the annotated MP4 written; "
            f"{busy.processor / seconds[1]:.2f} s of processor time a second",
        ),
        figure(
            "replay: peak memory", max(fifth.peak_mb, busy.peak_mb), "MB", "<= 600",
            "resident, the process's greatest of these two replays",
        ),
    ]  # fmt: skip


def starting(clip: Path) -> list[Figure]:
    """Time how long it takes to begin."""
    alone, whole = imported("edge.local"), imported("edge.local", *_WHOLE_RUN)
    begin = best([replayed(clip, None, "--to", "0.1") for _ in range(_STARTS)])
    return [
        figure(
            "replay: import edge.local", alone.seconds, "s", "<= 0.5",
            f"in a fresh interpreter, its own start left out; {_best(alone)}",
        ),
        figure(
            "replay: import of a whole run", whole.seconds, "s", "",
            "with decoder, networks' runtime and all else that a replay loads, also in a fresh "
            f"interpreter; {_best(whole)}",
        ),
        figure(
            "replay: start to first frame", begin.seconds, "s", "<= 2",
            "the whole process of a replay of the first 0.1 s of 1080p30, from its start to its "
            f"end; {_best(begin)}",
        ),
    ]  # fmt: skip


_WHOLE_RUN = (
    "edge.replay.running",
    "edge.detection.network",
    "edge.runtimes.onnx",
    "edge.reading.crnn",
)


def imported(*modules: str) -> Errand:
    """Import in a fresh interpreter, and return what that took beyond an empty one's start."""
    empty, full = (
        best([errand([sys.executable, "-c", code], edge_environment()) for _ in range(_STARTS)])
        for code in ("", f"import {', '.join(modules)}")
    )
    return Errand(full.seconds - empty.seconds, full.processor - empty.processor, full.peak_mb)


def best(runs: Sequence[Errand]) -> Errand:
    """Return the shortest: neighbours only add."""
    return min(runs, key=lambda run: run.seconds)


def _best(run: Errand) -> str:
    return f"best of {_STARTS}; {run.processor:.2f} s of processor time"


def replayed(clip: Path, film_in: Path | None, *words: str) -> Errand:
    """Replay from the command line; the film goes into the folder given, else there is none."""
    with tempfile.TemporaryDirectory() as folder:
        output = ["--output", str(film_in or folder)]
        video = [] if film_in else ["--no-video"]
        local = [sys.executable, "edge/local.py", str(clip), "--json", "--quiet"]
        return errand([*local, *output, *video, *words], edge_environment())


if __name__ == "__main__":
    sys.exit(main(measured))
