"""What the edge is told at its start, read once and passed on as plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta, tzinfo
from pathlib import Path

from edge.camera_files import cameras_in
from edge.cameras import Camera
from edge.reading.asked import Asked, OpenAlprAsked, place
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
    asked: Asked  # of the readers besides our own
    analysed_per_second: float
    threads: int | None  # None: as many as the machine has cores, four at most


def settings_from(values: Mapping[str, str]) -> Settings:
    """Read the edge's settings; all that is wrong is raised at once as WrongSettings."""
    read = Variables(values, "edge")
    plate_formats = _words(read, "LOT_PLATE_FORMATS")
    settings = Settings(
        zone=_zone(read),
        window=timedelta(seconds=read.number("LOT_WINDOW_SECONDS")),
        longest_stay=timedelta(hours=read.number("LOT_LONGEST_STAY_HOURS")),
        sure=read.number("LOT_SURE"),
        legible_pixels=read.whole("LOT_LEGIBLE_PIXELS"),
        plate_formats=plate_formats,
        cameras=_cameras(read),
        detector=read.text("LOT_DETECTOR"),
        reader=read.text("LOT_READER"),
        detector_weights=read.path("LOT_DETECTOR_WEIGHTS", TREE),
        reader_weights=read.path("LOT_READER_WEIGHTS", TREE),
        asked=Asked(_words(read, "LOT_ENSEMBLE"), _openalpr(read, plate_formats)),
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


def _words(read: Variables, name: str) -> tuple[str, ...]:
    return tuple(word.strip() for word in read.text(name).split(",") if word.strip())


def _openalpr(read: Variables, plate_formats: Sequence[str]) -> OpenAlprAsked:
    country, region = place(plate_formats)
    own = read.text("LOT_OPENALPR_COUNTRY")
    return OpenAlprAsked(
        country=own or country,
        region=read.text("LOT_OPENALPR_REGION") or ("" if own else region),
        library=_file(read, "LOT_OPENALPR_LIBRARY"),
        config=_file(read, "LOT_OPENALPR_CONFIG"),
        runtime=_file(read, "LOT_OPENALPR_RUNTIME"),
    )


def _file(read: Variables, name: str) -> Path | None:
    named = read.text(name)
    return Path(named) if named else None


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
