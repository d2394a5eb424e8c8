"""How a replay did against what a person saw in the recording.

A truth file names each plate that can be read and between which pictures of which video it is
in view. A row whose plate is `?` is a vehicle that is seen but not to be read: whatever is said
of it there is not held against the replay.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath

from contract.plates import normalise
from lot.errors import WrongUsage

COLUMNS = ("video", "plate", "first_frame", "last_frame")
NOT_TO_BE_READ = "?"
_DIGITS_MAX = 9  # of a frame's number: a year of video has fewer


@dataclass(frozen=True, slots=True)
class Row:
    """A plate that a person saw, normalised; None where it is not to be read."""

    video: str
    plate: str | None
    first_frame: int
    last_frame: int


@dataclass(frozen=True, slots=True)
class Claim:
    """What a final event says, as far as it can be scored."""

    event_id: str
    videos: frozenset[str]  # in which it was seen
    plate: str | None
    first_seen: int  # microseconds
    last_seen: int


@dataclass(frozen=True, slots=True)
class Score:
    """Found and missed rows are all that are to be read; the misread are some of the missed."""

    found: tuple[Row, ...]
    missed: tuple[Row, ...]
    misread: tuple[Row, ...]
    false: tuple[Claim, ...]

    def summary(self) -> dict[str, int]:
        """Return the counts, under the names that a replay's summary gives them."""
        return {
            "found": len(self.found),
            "missed": len(self.missed),
            "misread": len(self.misread),
            "false": len(self.false),
        }


TimeOf = Callable[[str, int], int]  # when a picture of a video was taken, in microseconds


def score(rows: Iterable[Row], told: Iterable[Claim], time_of: TimeOf) -> Score:
    """Hold what was told against what a person saw.

    A row is found if an event of its video with its plate overlaps it in time; each such event
    explains it. Events with a plate that explain no row, and lie over none that is not to be
    read, are false.
    """
    events = list(told)
    found, missed, misread = [], [], []
    explained: set[str] = set()
    for row in rows:
        over = over_row(row, events, time_of)
        right = [event for event in over if row.plate in (None, event.plate)]
        explained.update(event.event_id for event in right)
        if row.plate is None:
            continue
        if right:
            found.append(row)
        else:
            missed.append(row)
            if over:
                misread.append(row)
    false = (e for e in events if e.plate is not None and e.event_id not in explained)
    return Score(tuple(found), tuple(missed), tuple(misread), tuple(false))


def over_row(row: Row, events: Iterable[Claim], time_of: TimeOf) -> list[Claim]:
    """Return the events of a row's video that share a moment with it, whatever their plate."""
    first, last = time_of(row.video, row.first_frame), time_of(row.video, row.last_frame)
    return [
        event
        for event in events
        if row.video in event.videos and event.first_seen <= last and first <= event.last_seen
    ]


def truth_rows(path: Path) -> list[Row]:
    """Read a truth file; WrongUsage names the line that is not as it must be, and why."""
    rows = []
    for number, cells in truth_lines(path, COLUMNS):
        try:
            rows.append(_row(cells))
        except ValueError as fault:
            raise WrongUsage(
                f"{path}, line {number}: {fault}",
                then="a row is a video, a plate or ?, and its first and last frame from 0",
            ) from None
    return rows


def truth_lines(path: Path, columns: Sequence[str]) -> list[tuple[int, dict[str, str]]]:
    """Return the lines of a truth file that must have these columns, with their numbers.

    Cells are stripped, and those that a line is too short for are empty.
    """
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            table = csv.DictReader(file, strict=True)
            _check_columns(path, columns, table.fieldnames or ())
            lines = [(table.line_num, _stripped(cells)) for cells in table]
    except OSError as error:
        raise WrongUsage(
            f"cannot read {path}: {error.strerror or error}", then="name a truth file"
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUsage(
            f"{path} is no CSV in UTF-8", then=f"write it with the columns {','.join(columns)}"
        ) from error
    if not lines:
        raise WrongUsage(f"{path} has no row", then="write a row for each plate in view")
    return lines


def of_inputs(
    rows: Iterable[Row], inputs: Sequence[Path]
) -> tuple[dict[Path, list[Row]], tuple[str, ...]]:
    """Return the rows of each input, and the videos that the truth names but nobody replays.

    A video is named by the end of its path: `day/gate.mp4` or only `gate.mp4`.
    """
    found: dict[Path, list[Row]] = {path: [] for path in inputs}
    absent: dict[str, None] = {}
    for row in rows:
        named = PurePath(row.video).parts
        of_its = [path for path in inputs if path.absolute().parts[-len(named) :] == named]
        if len(of_its) > 1:
            raise WrongUsage(
                f"the truth's {row.video} may be {of_its[0]} or {of_its[1]}",
                then="name the folder before it too",
            )
        if of_its:
            found[of_its[0]].append(row)
        else:
            absent[row.video] = None
    if not any(found.values()):
        raise WrongUsage(
            "no video of the truth is replayed", then="name the videos as the truth file does"
        )
    return found, tuple(absent)


def _check_columns(path: Path, wanted: Sequence[str], found: Sequence[str]) -> None:
    if missing := [name for name in wanted if name not in found]:
        raise WrongUsage(
            f"{path} has no column {', '.join(missing)}",
            then=f"its first line must be {','.join(wanted)}",
        )


def _stripped(cells: Mapping[str | None, str | list[str] | None]) -> dict[str, str]:
    # What a line has too much of lies under None, as a list.
    return {
        name: (cell.strip() if isinstance(cell, str) else "")
        for name, cell in cells.items()
        if name is not None
    }


def _row(cells: Mapping[str, str]) -> Row:
    video, plate, first, last = (cells[name] for name in COLUMNS)
    if not video:
        raise ValueError("no video is named")
    spelled = None if plate == NOT_TO_BE_READ else normalise(plate)
    if spelled == "":
        raise ValueError("no plate is named")
    first_frame, last_frame = _frame(first, "first_frame"), _frame(last, "last_frame")
    if last_frame < first_frame:
        raise ValueError("last_frame is before first_frame")
    return Row(video, spelled, first_frame, last_frame)


def _frame(cell: str, name: str) -> int:
    if not (cell.isascii() and cell.isdecimal()) or len(cell) > _DIGITS_MAX:
        raise ValueError(f"{name} is no number of a frame")
    return int(cell)
