"""What the edge is told at its start, read once and passed on as plain values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path

from edge.camera_files import cameras_in
from edge.cameras import Camera
from lot.errors import LotError, WrongSettings
from lot.settings import Variables
from lot.times import system_zone, zone

TREE = Path(__file__).resolve().parent.parent  # weights and output lie in it


@dataclass(frozen=True, slots=True)
class Settings:
    """The edge's settings, whole and in range."""

    zone: tzinfo
    window: timedelta
    longest_stay: timedelta
    sure: float
    legible_pixels: int
    plate_formats: tuple[str, ...]
    cameras: Mapping[str, Camera]  # empty: one camera, of which nothing is said
    detector: str
    reader: str
    detector_weights: Path
    reader_weights: Path
    analysed_per_second: float
    threads: int | None  # None: as many as the machine has cores, four at most


def settings_from(values: Mapping[str, str]) -> Settings:
    """Read the edge's settings; all that is wrong is raised at once as WrongSettings."""
    read = Variables(values, "edge")
    settings = Settings(
        zone=_zone(read),
        window=timedelta(seconds=read.number("LOT_WINDOW_SECONDS")),
        longest_stay=timedelta(hours=read.number("LOT_LONGEST_STAY_HOURS")),
        sure=read.number("LOT_SURE"),
        legible_pixels=read.whole("LOT_LEGIBLE_PIXELS"),
        plate_formats=tuple(
            name.strip() for name in read.text("LOT_PLATE_FORMATS").split(",") if name.strip()
        ),
        cameras=_cameras(read),
        detector=read.text("LOT_DETECTOR"),
        reader=read.text("LOT_READER"),
        detector_weights=read.path("LOT_DETECTOR_WEIGHTS", TREE),
        reader_weights=read.path("LOT_READER_WEIGHTS", TREE),
        analysed_per_second=read.number("LOT_ANALYSED_PER_SECOND"),
        threads=read.whole("LOT_THREADS") or None,
    )
    read.done()
    return settings


def _zone(read: Variables) -> tzinfo:
    name = read.text("LOT_TIMEZONE")
    if not name:
        return system_zone()
    try:
        return zone(name)
    except LotError as error:
        read.refuse(str(error))
        return system_zone()


def _cameras(read: Variables) -> Mapping[str, Camera]:
    name = read.text("LOT_CAMERAS_FILE")
    if not name:
        return {}
    try:
        return cameras_in(Path(name))
    except WrongSettings as error:
        for problem in error.problems:
            read.refuse(problem)
        return {}
