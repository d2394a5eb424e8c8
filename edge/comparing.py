"""What a new model or another setting changed: an old replay's events beside the new one's.

Two events are the same sighting if they are of one camera and overlap in time. Each has one
partner at most: that of its own id first, then of its plate, its kind, and the longest overlap.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, tzinfo
from pathlib import Path
from typing import Literal, get_args

from contract.event import Event
from lot.cells import plain
from lot.errors import WrongUsage
from lot.times import moment

COLUMNS = ("event_id", "kind", "plate", "confidence", "first_seen", "last_seen", "camera")
MOVED = 0.05  # what a live gate thinks worth a revision of its own
_ROUNDING = 1e-9

Change = Literal["gone", "new", "plate", "kind", "confidence"]
CHANGES: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True, slots=True)
class Row:
    """What is compared of an event."""

    event_id: str
    camera: str
    kind: str
    plate: str | None
    confidence: float | None
    first_seen: datetime
    last_seen: datetime


@dataclass(frozen=True, slots=True)
class Difference:
    """One sighting, as it was told and as it is told now; no changes: it is the same."""

    camera: str
    first_seen: datetime
    changes: tuple[Change, ...]
    was: Row | None
    now: Row | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences in the order of time, and how many events are told as before."""

    differences: tuple[Difference, ...]
    same: int

    def summary(self) -> dict[str, int]:
        """Return how often each change was met; an event may have several."""
        counts = Counter(change for one in self.differences for change in one.changes)
        return {"same": self.same, **{change: counts[change] for change in CHANGES}}


def compared(old: Sequence[Row], new: Sequence[Row]) -> Comparison:
    """Return what became of each event."""
    partners = _partners(old, new)
    met = set(partners.values())
    pairs: list[tuple[Row | None, Row | None]] = [
        *((row, new[partners[a]] if a in partners else None) for a, row in enumerate(old)),
        *((None, row) for b, row in enumerate(new) if b not in met),
    ]
    found = [
        Difference(one.camera, one.first_seen, _changes(was, now), was, now)
        for was, now in pairs
        if (one := now or was)
    ]
    differences = sorted((one for one in found if one.changes), key=_order)
    return Comparison(tuple(differences), len(found) - len(differences))


def row_of(event: Event) -> Row:
    """Return what is compared of an event."""
    return Row(
        event.id,
        event.camera,
        event.kind,
        event.plate,
        None if event.confidence is None else event.confidence / 1000,
        moment(event.first_seen),
        moment(event.last_seen),
    )


def old_rows(path: Path) -> list[Row]:
    """Read the table of an older replay; WrongUsage names the line that cannot be compared."""
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            return list(_rows(path, csv.DictReader(file, strict=True)))
    except OSError as error:
        raise WrongUsage(
            f"cannot read {path}: {error.strerror or error}",
            then="name the CSV of an older replay with --compare",
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise WrongUsage(
            f"{path} is no CSV in UTF-8", then="name the CSV of an older replay with --compare"
        ) from error


def table(comparison: Comparison, zone: tzinfo) -> Iterator[str]:
    """Write a comparison for a terminal of 80 columns, times in the lot's zone."""
    yield _line("changed", "camera", "first seen", "was", "now")
    for one in comparison.differences:
        time = one.first_seen.astimezone(zone).strftime("%m-%d %H:%M:%S")
        first, *more = one.changes
        yield _line(first, one.camera, time, _told(one.was), _told(one.now))
        for change in more:
            yield _line(change, "", "", "", "")
    yield ", ".join(f"{count} {name}" for name, count in comparison.summary().items())


def _partners(old: Sequence[Row], new: Sequence[Row]) -> dict[int, int]:
    """Return each old event's new one: the best pairs first, each event once."""

    def likeness(pair: tuple[int, int]) -> tuple[object, ...]:
        was, now = old[pair[0]], new[pair[1]]
        overlap = min(was.last_seen, now.last_seen) - max(was.first_seen, now.first_seen)
        alike = (
            was.event_id == now.event_id,
            was.plate is not None and was.plate == now.plate,
            was.kind == now.kind,
        )
        return (*(not one for one in alike), -overlap, pair)

    partners: dict[int, int] = {}
    met: set[int] = set()
    for a, b in sorted(_overlapping(old, new), key=likeness):
        if a not in partners and b not in met:
            partners[a] = b
            met.add(b)
    return partners


def _overlapping(old: Sequence[Row], new: Sequence[Row]) -> Iterator[tuple[int, int]]:
    """Give the pairs of one camera that overlap in time, in one sweep through both."""
    sides = (old, new)
    starts = [(row.first_seen, side, i) for side in (0, 1) for i, row in enumerate(sides[side])]
    open_of: tuple[list[int], list[int]] = ([], [])
    for first, side, i in sorted(starts):
        other = 1 - side
        open_of[other][:] = [j for j in open_of[other] if sides[other][j].last_seen >= first]
        for j in open_of[other]:
            if sides[other][j].camera == sides[side][i].camera:
                yield (j, i) if side else (i, j)
        open_of[side].append(i)


def _changes(was: Row | None, now: Row | None) -> tuple[Change, ...]:
    if was is None:
        return ("new",)
    if now is None:
        return ("gone",)
    moved = abs((was.confidence or 0.0) - (now.confidence or 0.0)) >= MOVED - _ROUNDING
    checks: tuple[tuple[Change, bool], ...] = (
        ("plate", was.plate != now.plate),
        ("kind", was.kind != now.kind),
        ("confidence", moved),
    )
    return tuple(change for change, met in checks if met)


def _order(one: Difference) -> tuple[datetime, str, str]:
    row = one.now or one.was
    return one.first_seen, one.camera, row.event_id if row else ""


def _line(changed: str, camera: str, time: str, was: str, now: str) -> str:
    text = f"{changed:<10} {_cut(camera, 8):<8} {time:<14} {was:<22} {now}"
    return text.rstrip()


def _told(row: Row | None) -> str:
    if row is None:
        return "-"
    if row.plate is None:
        return f"{row.kind} unread"
    confidence = "" if row.confidence is None else f" {row.confidence:.2f}"
    return f"{row.kind} {_cut(row.plate, 11)}{confidence}"


def _cut(text: str, width: int) -> str:
    return text if len(text) <= width else text[: width - 1] + "…"


def _rows(path: Path, read: csv.DictReader[str]) -> Iterator[Row]:
    missing = [name for name in COLUMNS if name not in (read.fieldnames or ())]
    if missing:
        raise WrongUsage(
            f"{path} has no column {', '.join(missing)}",
            then="name the CSV of an older replay with --compare",
        )
    for cells in read:
        try:
            yield _row(cells)
        except ValueError as fault:
            raise WrongUsage(
                f"{path}, line {read.line_num}: {fault}",
                then="mend the line, or replay with the older model again",
            ) from None


def _row(cells: Mapping[str, str | None]) -> Row:
    event_id, kind, plate, confidence, first, last, camera = (cells[n] or "" for n in COLUMNS)
    row = Row(
        event_id,
        plain(camera),
        kind,
        plain(plate) or None,
        _chance(confidence) if confidence else None,
        _time(first, "first_seen"),
        _time(last, "last_seen"),
    )
    if row.last_seen < row.first_seen:
        raise ValueError("last_seen is before first_seen")
    return row


def _chance(cell: str) -> float:
    try:
        chance = float(cell)
    except ValueError:
        chance = -1.0
    if not 0.0 <= chance <= 1.0:
        raise ValueError("confidence is not from 0 to 1")
    return chance


def _time(cell: str, name: str) -> datetime:
    try:
        time = datetime.fromisoformat(cell)
    except ValueError:
        raise ValueError(f"{name} is no time as 2026-03-01T12:00:00.000-06:00") from None
    if time.tzinfo is None:
        raise ValueError(f"{name} has no zone")
    return time
