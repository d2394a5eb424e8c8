"""The replay in this process, watched frame by frame: eyes and gate, without films and tables."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from contract.event import Event
from contract.plates import formats
from edge.cameras import Camera
from edge.eyes import Eyes, opened
from edge.gate.values import GateSettings
from edge.replay.deciding import Deciding, gate_settings
from edge.replay.origins import Origins
from edge.replay.preparing import CAMERA
from edge.replay.stopping import Stop
from edge.replay.watchers import OnePair
from edge.replay.watching import Plan
from edge.road import Pace
from edge.settings import Settings, settings_from
from edge.sources.files import Recording, open_recording
from edge.stamping import replay_ids, replayed

FOOTAGE = "LOT_FOOTAGE"  # says where a benchmark's clips lie, and is no setting of the edge


@dataclass(frozen=True, slots=True)
class Lot:
    """Eyes and settings, opened once for all clips of a benchmark."""

    settings: Settings
    eyes: Eyes

    def plan(self, camera: Camera) -> Plan:
        chosen = formats(self.settings.plate_formats)
        pace = Pace(self.settings.analysed_per_second, self.settings.legible_pixels)
        return Plan(camera, chosen, pace)

    def gate(self) -> GateSettings:
        return gate_settings(self.settings, formats(self.settings.plate_formats))


def edge_environment() -> dict[str, str]:
    """Return this process's environment as the edge may see it: it refuses names it cannot know."""
    return {name: value for name, value in os.environ.items() if name != FOOTAGE}


def lot(open_eyes: Callable[[Settings], Eyes] = opened) -> Lot:
    """Open the eyes that this machine's settings choose, and let them see one picture.

    What a runtime does once, at its first picture, is no part of any clip's time.
    """
    settings = settings_from(edge_environment())
    eyes = open_eyes(settings)
    eyes.detector.detect([np.zeros((1080, 1920, 3), np.uint8)])
    eyes.reader.read([np.zeros((40, 120, 3), np.uint8)])
    return Lot(settings, eyes)


def recording(clip: Path, lot: Lot, camera: str = CAMERA) -> Recording:
    """Open a clip as the replay does."""
    return open_recording(clip, camera=camera, zone=lot.settings.zone)


def nothing() -> None:
    """Do nothing at a frame."""


def events(
    clip: Recording,
    lot: Lot,
    camera: Camera | None = None,
    *,
    at_frame: Callable[[], None] = nothing,
) -> list[Event]:
    """Replay a clip and return its final events; `at_frame` is called after each frame."""
    plan = lot.plan(camera or Camera(clip.camera))
    watchers = OnePair((clip,), plan, lot.eyes, Stop(), lambda *_: at_frame())
    origins = Origins((clip,), watchers)
    deciding = Deciding(
        {plan.camera.name: plan.camera}, lot.gate(), replay_ids(origins.of), watchers, _unheard
    )
    verdicts = deciding.verdicts((clip,), plan.camera.name, origins.enter, Stop())
    return list(replayed(verdicts, origins.of, lot.eyes.models))


def _unheard(_: Iterable[object]) -> None:
    """Take revisions that nobody looks at."""
