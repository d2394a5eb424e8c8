"""The second pass: films and snapshots, when all that happened in a recording is known."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path

from edge.gate.values import Verdict
from edge.outputs.annotation import Trail
from edge.outputs.snapshots import crops, write_crops
from edge.outputs.tables import DetectionRow
from edge.replay.watching import Watched
from edge.sources.choosing import Input
from edge.values import Box
from lot.times import microseconds


def detection_rows(watched: Watched) -> Iterator[DetectionRow]:
    """Return every box of every frame that the detector looked at, in the order of time."""
    times = watched.times
    frame_at = {time: number for number, time in enumerate(times.micros, times.first_index)}
    marks = [
        (mark.time, trail.track, mark, trail) for trail in watched.trails for mark in trail.marks
    ]
    for time, number, mark, trail in sorted(marks, key=lambda one: one[:2]):
        plate = trail.plate
        yield DetectionRow(
            frame_at[microseconds(time)],
            time,
            number,
            trail.kind,
            mark.score,
            mark.box,
            None if plate is None else plate.text,
            None if plate is None else plate.confidence,
        )


def write_snapshots(
    folder: Path, item: Input, verdicts: Sequence[Verdict], trails: Sequence[Trail]
) -> int:
    """Write each event's plate and vehicle out of the frame that shows them best."""
    wanted: dict[int, list[Verdict]] = {}
    for one in verdicts:
        if one.frame is not None:
            wanted.setdefault(one.frame, []).append(one)
    written = 0
    for frame in item:
        for one in wanted.pop(frame.index, ()):
            plate = one.best.box if one.best is not None else None
            found = crops(frame.image, plate, _vehicle(trails, frame.time, plate))
            written += len(write_crops(folder, one.id, found))
        if not wanted:
            break
    return written


def _vehicle(trails: Iterable[Trail], time: datetime, plate: Box | None) -> Box | None:
    """Return the vehicle in view at that time: the smallest around the plate, else the largest."""
    boxes = [
        mark.box
        for trail in trails
        if trail.kind != "plate"
        for mark in trail.marks
        if mark.time == time
    ]
    if plate is None:
        return max(boxes, key=lambda box: box.area, default=None)
    around = [box for box in boxes if box.overlap(plate) > 0.5 * plate.area]
    return min(around, key=lambda box: box.area, default=None)
