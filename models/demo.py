"""`make demo`: the whole chain on a short clip, so that a stranger sees it before reading on.

A gate scene is drawn (a car comes, and leaves again), then replayed by the command an operator
uses. Then a lot is set up by the commands of a real one: vault, page, owner, and the gate, which
plays the clip as a camera would and delivers what it saw, sealed. Nothing is taken from anywhere:
the scene, the networks and the answer are ours.
"""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from lot.errors import DONE, Refused, WrongUsage
from lot.mains import status_of
from lot.times import system_zone
from models.demonstration.attending import Attending
from models.demonstration.processes import ENDINGS
from models.demonstration.standing import Edge, standing
from models.drawing.scenes.catalogue import scene
from models.drawing.scenes.clips import film_name, truth_table, write_films
from models.drawing.scenes.values import Actor, Scene

TREE = Path(__file__).resolve().parent.parent
FOLDER = TREE / "output" / "demo"
SHOWN = Path("output", "demo")
# By then the gate has its memory back from the vault, and a person has looked at the page.
LEAD_S = 5.0


def later(made: Scene, seconds: float) -> Scene:
    """Return the scene with nothing to see for so long before it begins."""

    def put_off(actor: Actor) -> Actor:
        knots = tuple((at + seconds, metres) for at, metres in actor.drive.knots)
        return replace(actor, drive=replace(actor.drive, knots=knots))

    return replace(
        made, seconds=made.seconds + seconds, actors=tuple(put_off(one) for one in made.actors)
    )


SCENE = later(scene("entry-and-exit", fps=10.0), LEAD_S)
VIEW = SCENE.views[0]
BOX = Edge(
    gate=(str(TREE / "edge" / "camerainfr.py"),),
    reader=("-m", "edge.api", "--bind"),
    lot=VIEW.lot,
)


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Draw, replay, and keep a lot standing until told to stop; return the exit status."""
    return status_of("demo", lambda: _demo(words, env))


def _demo(words: Sequence[str], env: Mapping[str, str]) -> int:
    if words or env.get("DEMO", "") not in ("", "once"):
        raise WrongUsage("the demo takes no words", then="make demo, or make demo DEMO=once")
    with _alone():
        clip = _drawn()
        if status := _replayed(clip):
            return status
        return shown(clip, FOLDER / "lot", BOX, env)


def shown(clip: Path, folder: Path, box: Edge, env: Mapping[str, str]) -> int:
    """Let the clip pass through a lot of its own; one at a terminal ends that by Ctrl-C."""
    sits_there = sys.stdin.isatty() and sys.stdout.isatty() and env.get("DEMO") != "once"
    keyboard = sys.stdin.fileno() if sits_there else None
    for ending in ENDINGS:
        signal.signal(ending, signal.default_int_handler)
    print("3. Setting up a lot: vault, owner, page, and the gate enrolled …", flush=True)
    try:
        with standing(folder, box, env) as lot:
            status = Attending(lot, system_zone(), clip, keyboard).run()
    except KeyboardInterrupt:
        if keyboard is None:
            raise
        print()  # the terminal has written ^C
        status = DONE
    here = Path(os.path.relpath(folder))
    print(
        f"6. All is ended, the vault locked. What it kept lies sealed in {here}/\n"
        f"   (grep -ra PLATE {here} finds none) until the next demo or make clean.\n"
        f"Next: your own recording, python edge/local.py FILE (docs/operator.md)\n"
        f"      your own lot (docs/owner.md, docs/jetson.md)"
    )
    return status


@contextmanager
def _alone() -> Iterator[None]:
    """Refuse a second demo: it would take the folder away from under the first."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    with (FOLDER / ".running").open("wb") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise Refused("a demo is running here already", then="end that one first") from None
        yield


def _drawn() -> Path:
    clip, truth = FOLDER / film_name(SCENE, VIEW.name), FOLDER / "truth.csv"
    # The truth is written after the film: where it is this scene's, so is the film, and whole.
    if truth.is_file() and truth.read_text(encoding="utf-8") == truth_table([SCENE]):
        print(f"1. The clip was drawn before: {SHOWN / clip.name}", flush=True)
        return clip
    print("1. Drawing a minute at a gate: a car comes, parks out of view, and leaves …", flush=True)
    write_films([SCENE], FOLDER)
    return clip


def _replayed(clip: Path) -> int:
    print(f"2. Replaying it: python edge/local.py {SHOWN / clip.name} --output {SHOWN}", flush=True)
    replay = [sys.executable, "edge/local.py", str(clip), "--output", str(FOLDER), "--snapshots"]
    done = subprocess.run(replay, cwd=TREE, check=False)
    if done.returncode == DONE:
        print(
            f"   {SHOWN}/detected_vehicles_and_plates.mp4   the film, boxes, plates, events\n"
            f"   {SHOWN}/detected_vehicles_and_plates.csv   a row an event\n"
            f"   {SHOWN}/snapshots/                         plate and car of each event",
            flush=True,
        )
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
