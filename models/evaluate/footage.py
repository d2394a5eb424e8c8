"""Recordings go through the whole road to the gate's events, scored as a replay scores them.

A row of the truth (`video,plate,first_frame,last_frame`) is a vehicle in view: it is exact if a
final event of its video with its plate overlaps it in time. Each video is watched by itself, so
those of several cameras may stand in one table.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from edge.eyes import Eyes
from edge.outputs.progress import Progress
from edge.replay.asked import asked
from edge.replay.preparing import prepared
from edge.replay.running import Judged, judged
from edge.replay.stopping import Stop
from edge.scoring import Claim, Row, Score, over_row, score, truth_rows
from edge.settings import Settings
from edge.values import Detection, Image, Reading
from lot.errors import Unreadable
from models.evaluate.answers import Answer
from models.evaluate.figures import Cost, Rate, Share
from models.evaluate.looking import processor_ms
from models.evaluate.outcomes import folded
from models.evaluate.table import HEAD, costs, rate, share
from models.reader.measure import distance


@dataclass(frozen=True, slots=True)
class Watched:
    """One video's rows, held against what the gate said of it."""

    score: Score
    folded: Score
    answers: tuple[Answer, ...]


@dataclass(frozen=True, slots=True)
class FootageFigures:
    """The figures of one run over recordings; a row takes the place of a picture."""

    exact: Share
    exact_folded: Share
    within_one: Share
    no_answer: Share
    misread: int  # rows that were missed, but over which an event lies
    false_plates: Rate  # events with a plate that explain no row, by rows
    cost: Cost

    def keys(self) -> dict[str, float | None]:
        """Return what `--json` prints: the names that pictures have, and a replay's own four."""
        return {
            "pictures": self.exact.whole,
            "exact": self.exact.value,
            "exact_folded": self.exact_folded.value,
            "within_one": self.within_one.value,
            "given_box_exact": None,
            "recall_50": None,
            "recall_30": None,
            "false_plates_per_picture": self.false_plates.value,
            "ms_median": self.cost.ms_median,
            "ms_p95": self.cost.ms_p95,
            "peak_mb": self.cost.peak_mb,
            "found": self.exact.part,
            "missed": self.exact.whole - self.exact.part,
            "misread": self.misread,
            "false": self.false_plates.count,
        }

    def lines(self) -> list[str]:
        """Return the figures for people."""
        return [
            f"{self.exact.whole} vehicles to be read",
            "",
            HEAD,
            share("exact, as the gate says it", self.exact),
            share("  with 0 = O and 1 = I", self.exact_folded),
            share("  within one character", self.within_one),
            share("  no answer", self.no_answer),
            rate("false plates a vehicle", self.false_plates),
            f"missed, but an event lies there    {self.misread:>7}",
            "",
            *costs(self.cost),
        ]


class TimedEyes:
    """Counts what each picture costs that the eyes look at: finding, and the reading after it."""

    def __init__(self, eyes: Eyes) -> None:
        self.milliseconds: list[float] = []
        self.eyes = replace(
            eyes, detector=_Detector(eyes, self.milliseconds), reader=_Reader(eyes, self)
        )


class _Detector:
    def __init__(self, eyes: Eyes, milliseconds: list[float]) -> None:
        self._detector = eyes.detector
        self._milliseconds = milliseconds

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        began = processor_ms()
        found = self._detector.detect(images)
        self._milliseconds.append(processor_ms() - began)
        return found


class _Reader:
    def __init__(self, eyes: Eyes, timed: TimedEyes) -> None:
        self._reader = eyes.reader
        self._timed = timed

    @property
    def margin(self) -> float:
        return self._reader.margin

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        began = processor_ms()
        found = self._reader.read(crops)
        self._timed.milliseconds[-1] += processor_ms() - began
        return found


def rows_by_video(truth: Path) -> dict[str, list[Row]]:
    """Read a truth file; the rows of each video, as the file names it."""
    found: dict[str, list[Row]] = {}
    for row in truth_rows(truth):
        found.setdefault(row.video, []).append(row)
    return found


def watched(
    truth: Path,
    of_video: Mapping[str, Sequence[Row]],
    settings: Settings,
    eyes: Eyes,
    refuse: Callable[[Unreadable], None],
) -> Iterator[Watched]:
    """Watch each video; what cannot be read is refused, and the next one taken."""
    for video, rows in of_video.items():
        path = (truth.parent / video).absolute()
        try:
            found = _judged(path, settings, eyes)
        except Unreadable as error:
            refuse(error)
            continue
        for complaint in found.broke_off:
            refuse(complaint)
        yield scored(rows, found, str(path))


def scored(rows: Sequence[Row], found: Judged, path: str) -> Watched:
    """Hold one video's rows against what was said of it."""
    here = [replace(row, video=path) for row in rows]
    plain = [replace(row, plate=_folded(row.plate)) for row in here]
    claims = [replace(claim, plate=_folded(claim.plate)) for claim in found.claims]
    answers = tuple(
        _answer(row.video, plate, over_row(there, found.claims, found.time_of))
        for row, there in zip(rows, here, strict=True)
        if (plate := row.plate) is not None
    )
    return Watched(
        score(here, found.claims, found.time_of), score(plain, claims, found.time_of), answers
    )


def figures(every: Sequence[Watched], cost: Cost) -> FootageFigures:
    """Sum up videos."""
    answers = [answer for one in every for answer in one.answers]
    rows = len(answers)
    return FootageFigures(
        exact=Share(sum(len(one.score.found) for one in every), rows),
        exact_folded=Share(sum(len(one.folded.found) for one in every), rows),
        within_one=Share(sum(_within_one(answer) for answer in answers), rows),
        no_answer=Share(sum(answer.read is None for answer in answers), rows),
        misread=sum(len(one.score.misread) for one in every),
        false_plates=Rate(sum(len(one.score.false) for one in every), rows),
        cost=cost,
    )


def _judged(path: Path, settings: Settings, eyes: Eyes) -> Judged:
    if path.is_dir():  # all that lies in it would be watched
        raise Unreadable(f"{path} is a folder", then="name the video in it")
    words = [str(path), "--no-video", "--quiet"]
    with tempfile.TemporaryDirectory() as nothing_is_written_to:
        work = prepared(asked([*words, "--output", nothing_is_written_to]), settings)
        return judged(work, Stop(), Progress(sys.stderr, quiet=True), lambda _: eyes)


def _answer(video: str, plate: str, over: Iterable[Claim]) -> Answer:
    read = [claim.plate for claim in over if claim.plate is not None]
    nearest = min(read, key=lambda text: (distance(text, plate), text), default=None)
    return Answer(video, plate, nearest)


def _within_one(answer: Answer) -> bool:
    return answer.read is not None and distance(answer.read, answer.plate) <= 1


def _folded(plate: str | None) -> str | None:
    return None if plate is None else folded(plate)
