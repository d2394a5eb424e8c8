"""Events of drawn scenes against their truth: by light, with the eyes and by the gate alone.

30 passages a light; --full draws 200. The clips are kept under .make/clips.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.clips import clips
from benchmarks.figure import Figure, figure, main
from benchmarks.ours import Lot, events, lot, recording
from benchmarks.true_passages import camera_of, events_by_truth
from contract.plates import normalise
from edge.gate.values import GateSettings
from models.drawing.scenes import Scene, passages_of, scene
from models.drawing.scenes.light import Condition

GOALS: dict[Condition, str] = {"day": ">= 0.98", "dusk": "", "night": ">= 0.95", "rain": ">= 0.95"}
FEW, MANY = 30, 200
# What the camera's second stream gives, and as many frames as the eyes look at: drawing, not
# replaying, is what takes long.
SIZE, RATE = (1280, 720), 10.0
GATE_RATE = 5.0  # the truth needs no more, and knowing it takes its time too
# Of another thousand than any that the networks were trained on.
SEED = 900
PATIENT = ("waits-two-minutes", "parks-in-view", "parked-throughout", "hidden-by-van")

Said = tuple[str, str | None]  # an event's kind and plate


@dataclass(frozen=True, slots=True)
class Held:
    """What was told of a scene, held against what is true of it."""

    name: str
    true: Counter[Said]
    told: Counter[Said]

    @property
    def right(self) -> int:
        return (self.true & self.told).total()

    @property
    def missed(self) -> Counter[Said]:
        return self.true - self.told

    @property
    def wrong(self) -> Counter[Said]:
        return self.told - self.true

    @property
    def false_exits(self) -> int:
        """How many exits nobody made; one told under another plate is misread, not false."""
        plates = {plate for _, plate in self.true}
        told = [plate for kind, plate in self.wrong.elements() if kind == "exit"]
        misread = sum(plate not in plates for plate in told)
        unexplained = sum(kind == "exit" for kind, _ in self.missed.elements())
        return len(told) - min(misread, unexplained)


def held(drawn: Scene, told: Iterable[Said]) -> Held:
    """Hold what was told against the scene's expected events, by kind and plate."""
    true = Counter((e.kind, normalise(e.plate) if e.plate else None) for e in drawn.expected)
    return Held(drawn.name, Counter[Said](true), Counter(told))


def seen(drawn: Sequence[Scene], films: Sequence[Path], eyes: Lot) -> list[Held]:
    """Replay a film of each scene's first camera, which is described as its owner would."""
    found = []
    for one, film in zip(drawn, films, strict=True):
        camera = camera_of(one.views[0])
        told = events(recording(film, eyes, camera.name), eyes, camera)
        found.append(held(one, [(event.kind, event.plate) for event in told]))
        _explain(found[-1])
    return found


def by_truth(drawn: Iterable[Scene], settings: GateSettings) -> list[Held]:
    """Let the gate rule on the truth itself."""
    return [
        held(one, [(verdict.kind, verdict.plate) for verdict in events_by_truth(one, settings)])
        for one in drawn
    ]


def precision(found: Sequence[Held]) -> float:
    return sum(one.right for one in found) / max(1, sum(one.told.total() for one in found))


def recall(found: Sequence[Held]) -> float:
    return sum(one.right for one in found) / sum(one.true.total() for one in found)


def measured(words: argparse.Namespace) -> list[Figure]:
    """Take every figure."""
    count: int = MANY if words.full else FEW
    eyes = lot()
    patient = [scene(name, "day", SEED, SIZE, RATE) for name in PATIENT]
    figures = gate_alone(count, eyes.gate())
    for light, goal in GOALS.items():
        drawn = passages_of(light, count, SEED, SIZE, RATE)
        figures += by_light(light, goal, seen(drawn, clips(drawn), eyes))
    return [*figures, false_exits(seen(patient, clips(patient), eyes))]


def gate_alone(count: int, settings: GateSettings) -> list[Figure]:
    """Return the gate's own figures; the passages of every light are the same."""
    passing = by_truth(passages_of("day", count, SEED, SIZE, GATE_RATE), settings)
    waiting = by_truth([scene(n, "day", SEED, SIZE, GATE_RATE) for n in PATIENT], settings)
    said = "the gate on the scenes' true passages, without eyes"
    false = sum(one.false_exits for one in waiting)
    return [
        figure("scenes: gate alone, precision", precision(passing), "", ">= 0.98", said),
        figure("scenes: gate alone, recall", recall(passing), "", ">= 0.98", said),
        figure("scenes: gate alone, false exits", false, "exits", "<= 0", said),
    ]


def by_light(light: Condition, goal: str, found: Sequence[Held]) -> list[Figure]:
    true, told = (sum(c.total() for c in (one.true for one in found)),
                  sum(c.total() for c in (one.told for one in found)))  # fmt: skip
    right = sum(one.right for one in found)
    said = f"{right} right of {told} told and {true} true; kind and plate; street and lot named"
    return [
        figure(f"scenes: {light}, precision", precision(found), "", goal, said),
        figure(f"scenes: {light}, recall", recall(found), "", goal, said),
    ]


def false_exits(found: Sequence[Held]) -> Figure:
    return figure(
        "scenes: false exits", sum(one.false_exits for one in found), "exits", "<= 0",
        f"exits that nobody made in {', '.join(one.name for one in found)}",
    )  # fmt: skip


def _explain(one: Held) -> None:
    """Say on standard error what was not as it should be: drawn plates are nobody's."""
    for what, which in (("not told", one.missed), ("not true", one.wrong)):
        for (kind, plate), times in which.items():
            print(f"{one.name}: {what}: {kind} {plate or '(unread)'} x{times}", file=sys.stderr)


def _words(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--full", action="store_true", help=f"{MANY} passages a light")


if __name__ == "__main__":
    sys.exit(main(measured, _words))
