"""The report: one HTML file with its pictures in it, the worst first, for whoever mends the eyes.

It needs nothing but a browser: no script, no font, no host. What comes from outside (names of
files, texts) is escaped, and the page forbids itself to load or run anything.
It shows plates in clear.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path

import cv2
import numpy as np

from edge.outputs.snapshots import jpeg
from edge.reading.crops import cut
from edge.sources.stills import picture_bytes, picture_in
from edge.values import Box, Image
from lot.errors import Unreadable
from lot.files import written_aside
from models.evaluate.figures import Bin, Figures, Rate, Share, worst_first
from models.evaluate.looking import Looked
from models.evaluate.outcomes import KINDS, Found, Result
from models.evaluate.truth import shown

PICTURES_MOST = 200  # some 10 MB: what a browser opens at once and a person can look through
_WIDTH = 480  # pixels of a picture in the page: a plate of a tenth of it is seen
_PLATE_WIDTH = 240
_MARGIN = 0.15
_TRUE, _FOUND = (80, 200, 80), (40, 120, 255)  # blue green red
_DOUBTED = 0.9  # a character below it is marked

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy"
 content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<meta name="viewport" content="width=device-width"><title>Lotkeeper: evaluation</title>
<style>
body { font: 15px/1.45 sans-serif; max-width: 62em; margin: 2em auto; padding: 0 1em; color: #222 }
table { border-collapse: collapse; margin: 0.5em 0 1.5em }
th, td { text-align: left; padding: 0.15em 1em 0.15em 0; border-bottom: 1px solid #ddd }
td.number { text-align: right; font-variant-numeric: tabular-nums }
article { display: flex; flex-wrap: wrap; gap: 1em; border-top: 1px solid #bbb; padding: 1em 0 }
article img { display: block; max-width: 100%; margin-bottom: 0.4em }
article > div { flex: 1 1 18em; overflow-wrap: anywhere }
.text { font: 20px monospace; letter-spacing: 0.1em }
.text small { display: inline-block; text-align: center; font-size: 11px; letter-spacing: 0 }
.text .doubted { color: #a00 }
</style></head><body>
"""


@dataclass(frozen=True, slots=True)
class Run:
    """What a report is of."""

    truth: Path
    engines: str  # detector and reader, as they were chosen
    figures: Figures
    refused: int


def write_report(path: Path, run: Run, pictures: Iterable[Looked]) -> None:
    """Write the report, whole or not at all."""
    ranked = sorted(
        (p for p in pictures if p.outcome.results),
        key=lambda p: (min(map(worst_first, p.outcome.results)), -p.outcome.false),
    )
    with written_aside(path) as aside, aside.open("w", encoding="utf-8") as page:
        page.write(_HEAD)
        for part in _summary(run):
            page.write(part)
        page.write(f"<h2>Pictures, the worst first ({min(len(ranked), PICTURES_MOST)}")
        page.write(f" of {len(ranked)})</h2>\n<p>Green: given by the truth. Orange: found.</p>\n")
        for picture in ranked[:PICTURES_MOST]:
            page.write(_article(picture))
        page.write("</body></html>\n")


def _summary(run: Run) -> Iterator[str]:
    found = run.figures
    yield f"<h1>Evaluation of {escaped(run.engines)}</h1>\n"
    yield f"<p>{escaped(str(run.truth))}: {found.pictures} pictures, {found.exact.whole} plates"
    yield f" to be read; {run.refused} lines refused.</p>\n"
    yield "<table><tr><th></th><th>share</th><th>95 %</th><th>count</th></tr>\n"
    for name, of in found.shares():
        yield _share(name, of)
    yield _rate("false plates a picture", found.false_plates)
    for name, of in found.by_width:
        yield _share(f"right (0 = O, 1 = I), {name}", of)
    yield "</table>\n"
    cost = found.cost
    if cost.ms_median is not None:
        yield f"<p>Processor time a picture: median {cost.ms_median:.0f} ms, 95 % below"
        yield f" {cost.ms_p95 or 0:.0f} ms; memory at most {cost.peak_mb or 0:.0f} MB.</p>\n"
    yield "<h2>What the plates came to</h2>\n<table>\n"
    for kind, words in KINDS.items():
        if found.kinds[kind]:
            yield f"<tr><td>{words}</td><td class=number>{found.kinds[kind]}</td></tr>\n"
    yield "</table>\n"
    yield _reliability("a character", found.characters)
    yield _reliability("a plate", found.plates)


def _share(name: str, of: Share) -> str:
    if of.value is None:
        return f"<tr><td>{name}</td><td class=number>-</td><td></td><td></td></tr>\n"
    low, high = of.interval
    return (
        f"<tr><td>{name}</td><td class=number>{100 * of.value:.1f} %</td>"
        f"<td class=number>{100 * low:.1f} to {100 * high:.1f}</td>"
        f"<td class=number>{of.part}/{of.whole}</td></tr>\n"
    )


def _rate(name: str, of: Rate) -> str:
    low, high = of.interval
    return (
        f"<tr><td>{name}</td><td class=number>{of.value or 0:.3f}</td>"
        f"<td class=number>{low:.3f} to {high:.3f}</td>"
        f"<td class=number>{of.count}/{of.pictures}</td></tr>\n"
    )


def _reliability(of: str, bins: Sequence[Bin]) -> str:
    rows = "".join(
        f"<tr><td>{one.low:g} to {one.high:g}</td><td class=number>{one.confidence:.3f}</td>"
        f"<td class=number>{one.right.value or 0:.3f}</td>"
        f"<td class=number>{one.right.part}/{one.right.whole}</td></tr>\n"
        for one in bins
    )
    head = "<tr><th>confidence</th><th>mean</th><th>right</th><th>count</th></tr>\n"
    return f"<h2>How far the confidence of {of} holds</h2>\n<table>{head}{rows}</table>\n"


def _article(looked: Looked) -> str:
    try:
        image = picture_in(picture_bytes(looked.picture.path), str(looked.picture.path))
    except Unreadable:  # it was readable a moment ago; its figures stand all the same
        image = None
    left = _embedded(_thumbnail(image, looked)) if image is not None else "gone since"
    right = "".join(_result(result, image) for result in looked.outcome.results)
    name = escaped(looked.picture.name)
    false = f"<p>{looked.outcome.false} false plates</p>" if looked.outcome.false else ""
    return (
        f"<article><div>{left}{name}</div>"
        f"<div>{right}{false}{looked.milliseconds:.0f} ms</div></article>\n"
    )


def _result(result: Result, image: Image | None) -> str:
    if result.wanted.text is None or result.kind is None:
        return ""
    parts = [f"<p><b>{KINDS[result.kind]}</b></p>"]
    answer = result.answer
    if answer is not None and image is not None:
        parts.append(_embedded(_plate(image, answer.box)))
    parts.append(f"<p>truth <span class=text>{escaped(result.wanted.text)}</span></p>")
    if answer is not None:
        parts.append(f"<p>read, sure to {answer.confidence:.3f}: {_characters(answer)}</p>")
    if result.given is not None and (answer is None or result.given.text != answer.text):
        parts.append(f"<p>read in the given box: {_characters(result.given)}</p>")
    return "".join(parts)


def _characters(found: Found) -> str:
    if not found.text:
        return "nothing"
    pairs = zip(found.text, found.characters, strict=True)
    return (
        "<span class=text>"
        + "".join(
            f"<small{' class=doubted' if sure < _DOUBTED else ''}>"
            f"<b style='font-size:20px'>{escaped(c)}</b><br>{100 * sure:.0f}</small> "
            for c, sure in pairs
        )
        + "</span>"
    )


def _thumbnail(image: Image, looked: Looked) -> Image:
    scale = min(1.0, _WIDTH / image.shape[1])
    size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
    small = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    boxes = [(found.box, _FOUND) for found in looked.found]
    boxes += [(r.wanted.box, _TRUE) for r in looked.outcome.results if r.wanted.box is not None]
    for box, colour in boxes:
        corners = [(box.left, box.top), (box.right, box.bottom)]
        low, high = ((round(x * size[0]), round(y * size[1])) for x, y in corners)
        cv2.rectangle(small, low, high, colour, 2)
    return small


def _plate(image: Image, box: Box) -> Image:
    crop = cut(image, box, _MARGIN)
    if not crop.size:
        return np.zeros((1, 1, 3), np.uint8)
    height = max(1, round(_PLATE_WIDTH * crop.shape[0] / crop.shape[1]))
    large = cv2.resize(crop, (_PLATE_WIDTH, height), interpolation=cv2.INTER_LINEAR)
    return np.asarray(large, np.uint8)


def _embedded(image: Image) -> str:
    coded = base64.b64encode(jpeg(image)).decode()
    return f'<img alt="" src="data:image/jpeg;base64,{coded}">'


def escaped(text: str) -> str:
    """Return a text that a page shows and never obeys."""
    return escape(shown(text), quote=True)
