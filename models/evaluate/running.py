"""One evaluation from end to end: everything is checked before the first picture is looked at."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from contract.plates import formats
from edge.eyes import Eyes, opened
from edge.outputs.progress import Progress, Task
from edge.settings import Settings
from lot.errors import Unreadable
from lot.files import check_writable
from models.evaluate import answers, footage, report, table
from models.evaluate.answers import Answer
from models.evaluate.asked import Asked, with_engines
from models.evaluate.figures import cost, figures
from models.evaluate.looking import Looked, looked, peak_mb
from models.evaluate.truth import pictures_in

_SHOWN = 8  # characters of a SHA-256: enough to tell two files apart


@dataclass(frozen=True, slots=True)
class Done:
    """What an evaluation came to."""

    keys: dict[str, float | None]
    lines: list[str]
    refused: int


class Refusals:
    """Names what cannot be used as it is met, and counts it."""

    def __init__(self, tell: Callable[[Unreadable], None], progress: Progress) -> None:
        self.count = 0
        self._tell = tell
        self._progress = progress

    def __call__(self, refusal: Unreadable) -> None:
        self.count += 1
        self._progress.clear()
        self._tell(refusal)


def run(
    ask: Asked,
    settings: Settings,
    progress: Progress,
    tell: Callable[[Unreadable], None],
    open_eyes: Callable[[Settings], Eyes] = opened,
) -> Done:
    """Evaluate; a LotError where nothing can be."""
    settings = with_engines(settings, ask.detector, ask.reader)
    other = answers.saved(ask.against) if ask.against else None
    for path in (ask.save, ask.report):
        if path is not None:
            check_writable(path.parent)
    refuse = Refusals(tell, progress)
    work = _pictures if ask.what == "pictures" else _footage
    keys, lines, given = work(ask, settings, progress, refuse, open_eyes)
    if other is not None:
        lines += table.comparison(answers.compared(given, other))
    if ask.save is not None:
        answers.save(ask.save, given)
    return Done(keys, lines, refuse.count)


_Given = tuple[dict[str, float | None], list[str], Sequence[Answer]]


def _pictures(
    ask: Asked,
    settings: Settings,
    progress: Progress,
    refuse: Refusals,
    open_eyes: Callable[[Settings], Eyes],
) -> _Given:
    chosen = formats(settings.plate_formats)
    truth = pictures_in(ask.truth)
    eyes = open_eyes(settings)
    for refusal in truth.refused:
        refuse(refusal)
    every: list[Looked] = []
    with progress.of(Task("pictures", len(truth.pictures))) as tick:
        for one in looked(truth, eyes, chosen, refuse):
            every.append(one)
            tick(len(every))
    if not every:
        raise Unreadable(f"no picture of {ask.truth} can be used", then="see the lines above")
    found = figures(
        [one.outcome for one in every], cost([one.milliseconds for one in every], peak_mb())
    )
    engines = _engines(settings, eyes)
    if ask.report is not None:
        of = report.Run(ask.truth, engines, found, refuse.count)
        report.write_report(ask.report, of, every)
    return found.keys(), [engines, *table.lines(found)], _answers(every)


def _footage(
    ask: Asked,
    settings: Settings,
    progress: Progress,
    refuse: Refusals,
    open_eyes: Callable[[Settings], Eyes],
) -> _Given:
    rows = footage.rows_by_video(ask.truth)
    eyes = open_eyes(settings)
    timed = footage.TimedEyes(eyes)
    every: list[footage.Watched] = []
    with progress.of(Task("videos", len(rows))) as tick:
        for one in footage.watched(ask.truth, rows, settings, timed.eyes, refuse):
            every.append(one)
            tick(len(every))
    if not every:
        raise Unreadable(f"no video of {ask.truth} can be used", then="see the lines above")
    found = footage.figures(every, cost(timed.milliseconds, peak_mb()))
    given = [answer for one in every for answer in one.answers]
    return found.keys(), [_engines(settings, eyes), *found.lines()], given


def _engines(settings: Settings, eyes: Eyes) -> str:
    weights = ", ".join(f"{name} {sha[:_SHOWN]}" for name, sha in eyes.models.items())
    return f"detector {settings.detector}, reader {settings.reader}; {weights}"


def _answers(every: Sequence[Looked]) -> list[Answer]:
    return [
        Answer(
            one.picture.name,
            result.wanted.text,
            result.answer.text if result.answer else None,
            round(result.answer.confidence, 4) if result.answer else None,
            result.kind,
        )
        for one in every
        for result in one.outcome.results
        if result.wanted.text is not None
    ]
