"""The second pass: films and snapshots, when all that happened in a recording is known."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Container, Iterator, Sequence
from pathlib import Path

from edge.gate.values import Verdict
from edge.outputs.snapshots import crops, vehicle_of, write_crops
from edge.outputs.tables import DetectionRow
from edge.outputs.trails import Trails
from edge.replay.watching import Watched
from edge.sources.choosing import Input
from edge.values import Box
from lot.files import unwritable
from lot.times import microseconds


def detection_rows(watched: Watched) -> Iterator[DetectionRow]:
    """Return every box of every frame that the detector looked at, in the order of time."""
    times = watched.times
    for mark in watched.trails.marks():
        trail = watched.trails.tracks[mark.track]
        plate = trail.plate
        yield DetectionRow(
            times.first_index + bisect_left(times.micros, microseconds(mark.time)),
            mark.time,
            mark.track,
            trail.kind,
            mark.score,
            mark.box,
            None if plate is None else plate.text,
            None if plate is None else plate.confidence,
        )


def write_snapshots(folder: Path, item: Input, verdicts: Sequence[Verdict], seen: Watched) -> int:
    """Write each event's plate and vehicle out of the frame that shows them best."""
    wanted: dict[int, list[Verdict]] = {}
    for one in verdicts:
        if one.frame is not None:
            wanted.setdefault(one.frame, []).append(one)
    try:
        vehicles = _vehicles(seen.trails, {seen.times.of(frame) for frame in wanted})
    except OSError as error:
        raise unwritable(folder, error) from error
    written = 0
    for frame in item:
        for one in wanted.pop(frame.index, ()):
            plate = one.best.box if one.best is not None else None
            boxes = vehicles.get(microseconds(frame.time), [])
            found = crops(frame.image, plate, vehicle_of(boxes, plate))
            written += len(write_crops(folder, one.id, found))
        if not wanted:
            break
    return written


def _vehicles(trails: Trails, times: Container[int | None]) -> dict[int, list[Box]]:
    """Return where the vehicles were at these times."""
    found: dict[int, list[Box]] = {}
    for mark in trails.marks():
        time = microseconds(mark.time)
        if time in times and trails.tracks[mark.track].kind != "plate":
            found.setdefault(time, []).append(mark.box)
    return found
