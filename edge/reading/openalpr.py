"""OpenALPR as a reader: its library in a child that may die, given crops with surroundings.

OpenALPR finds plates in whole pictures by itself, and cannot be told where one is. So a crop
comes with half a plate on each side, in which its detector finds the plate again: what its
detector misses there is not read, and finding takes most of its time. Of several plates the one
nearest to the crop's middle is the one that was asked about.

Its library ends the process on some pictures, reads freed memory on others, and then answers
with numbers that were never set. So it runs in `openalpr_child`, it is only sent pictures that
we encoded, and an answer counts only if it names the size of the picture that was sent.

Its confidence is one number a candidate, calibrated by nobody. A character has the share of the
candidates that agree on it, times that confidence; the candidate that OpenALPR chose weighs as
much as the others together, since it knows the templates of the region and we see only the
outcome.
"""

from __future__ import annotations

import json
import logging
import shutil
import sys
import sysconfig
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Protocol

import cv2
import numpy as np

from contract.plates import normalise
from edge.reading.asked import OpenAlprAsked
from edge.reading.mortal import Died, MortalChild
from edge.reading.texts import Runners, nothing, reading
from edge.values import Image, Reading
from lot.errors import Unreachable, WrongUsage

ENGINE = "openalpr"
LIBRARIES = ("libopenalprpy.so.2", "libopenalprpy.so")
TOP_N = 5  # with fewer, the candidate that matches the region is often not among them
MARGIN = 0.5
START_SECONDS, ANSWER_SECONDS = 20.0, 10.0  # measured elsewhere: 0.2 s and up to 2.3 s
TRIES = 2  # a picture that killed it twice would kill it again
DEATHS_MAX = 6  # without one answer in between: three pictures in a row, so it is not the picture
GIVEN_UP_MAX = 256
# Its makers: it reads from 75 pixels of a plate's width on (Europe 90), and nothing is gained
# beyond 250. The time grows with the area.
PLATE_WIDTH_LEAST, PLATE_WIDTH_MOST = 120.0, 250.0
SIDE_MAX = 1000
RUNNERS_MAX = 3

INSTALL = "install it by https://github.com/openalpr/openalpr, or choose LOT_READER=crnn"

_log = logging.getLogger(__name__)


class Child(Protocol):
    """What is asked: a process that may die."""

    @property
    def alive(self) -> bool:
        """Whether it runs, as far as is known."""

    def start(self) -> bytes:
        """Start it anew and return its first message."""

    def ask(self, question: bytes) -> bytes:
        """Return its answer."""


class OpenAlprReader:
    """Reads crops with OpenALPR, whatever becomes of it meanwhile."""

    def __init__(self, child: Child, asked: OpenAlprAsked) -> None:
        self._child = child
        self._asked = asked
        self._deaths = 0  # since the last answer
        self._given_up: dict[bytes, None] = {}
        try:
            self._start()
        except Died as death:
            raise WrongUsage(f"OpenALPR {death} while it loaded", then=INSTALL) from death

    @property
    def margin(self) -> float:
        """How much around the plate it wants to see, in parts of the plate's width and height."""
        return MARGIN

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        """Return one reading a crop, in the same order."""
        return [self._read(crop) if crop.size else nothing(ENGINE) for crop in crops]

    def _read(self, crop: Image) -> Reading:
        picture = fitted(crop)
        name = sha256(picture.tobytes()).digest()
        if name in self._given_up:
            return nothing(ENGINE)
        height, width = picture.shape[:2]
        encoded = cv2.imencode(".bmp", picture)[1].tobytes()
        last = ""
        for _ in range(TRIES):
            try:
                if not self._child.alive:
                    self._start()
                found = answer(self._child.ask(encoded), width, height)
            except Died as death:
                last = str(death)
                self._mourn(last)
            else:
                self._deaths = 0
                return found
        self._give_up(name, width, height, last)
        return nothing(ENGINE)

    def _start(self) -> None:
        first = _object(self._child.start())
        if first.get("ready") is not True:
            raise self._refusal(str(first.get("wrong")), str(first.get("said", "")))

    def _mourn(self, how: str) -> None:
        self._deaths += 1
        if self._deaths >= DEATHS_MAX:
            raise Unreachable(
                f"OpenALPR failed {self._deaths} times in a row, at last it {how}",
                then="try `alpr -j` on a picture, or choose LOT_READER=crnn",
            )

    def _give_up(self, name: bytes, width: int, height: int, how: str) -> None:
        self._given_up[name] = None
        if len(self._given_up) > GIVEN_UP_MAX:
            del self._given_up[next(iter(self._given_up))]
        _log.warning(
            "reader=openalpr gave_up=crop size=%dx%d sha256=%s tries=%d it=%r",
            width, height, name.hex()[:12], TRIES, how,
        )  # fmt: skip

    def _refusal(self, wrong: str, said: str) -> WrongUsage:
        asked, hint = self._asked, _first_line(said)
        if wrong == "no library":
            where = asked.library or " or ".join(LIBRARIES)
            return WrongUsage(f"OpenALPR's library {where} cannot be loaded", then=INSTALL)
        if wrong == "no configuration":
            return WrongUsage(
                f"OpenALPR lacks its configuration ({hint})",
                then="put back where it was installed, or name one with LOT_OPENALPR_CONFIG",
            )
        if "Country config file" in said or not said:
            return WrongUsage(
                f"OpenALPR does not know the country {asked.country!r}{hint and f' ({hint})'}",
                then="name one of its config/*.conf with LOT_OPENALPR_COUNTRY, as us, eu or br",
            )
        return WrongUsage(
            f"OpenALPR does not load ({hint})",
            then="name its data with LOT_OPENALPR_RUNTIME, or install it again",
        )


def openalpr_reader(asked: OpenAlprAsked) -> OpenAlprReader:
    """Start OpenALPR, or refuse in one line."""
    for name, path in (
        ("LOT_OPENALPR_LIBRARY", asked.library),
        ("LOT_OPENALPR_CONFIG", asked.config),  # a missing one is no error to the library
        ("LOT_OPENALPR_RUNTIME", asked.runtime),
    ):
        if path is not None and not path.exists():
            raise WrongUsage(f"{name}: there is no {path}", then="name one that exists")
    orders = {
        "libraries": [str(asked.library)] if asked.library else libraries(),
        "country": asked.country,
        "region": asked.region,
        "config": str(asked.config or ""),
        "runtime": str(asked.runtime or ""),
        "top_n": TOP_N,
    }
    program = Path(__file__).with_name("openalpr_child.py")
    child = MortalChild(
        [sys.executable, "-I", str(program), json.dumps(orders)],
        start_seconds=START_SECONDS,
        answer_seconds=ANSWER_SECONDS,
    )
    return OpenAlprReader(child, asked)


def libraries() -> list[str]:
    """Return what to try: the loader's path, beside the program, then the usual folders."""
    folders = [Path("/usr/local/lib"), Path("/usr/lib")]
    program = shutil.which("alpr")
    if program is not None:
        folders.insert(0, Path(program).resolve().parent.parent / "lib")
    triplet = str(sysconfig.get_config_var("MULTIARCH") or "")
    places = [spot for folder in folders for spot in (folder, folder / triplet)]
    files = [str(spot / name) for spot in places for name in LIBRARIES if (spot / name).is_file()]
    return [*LIBRARIES, *files]


def fitted(crop: Image) -> Image:
    """Return the crop at a size at which its plate is neither too small nor needlessly large."""
    height, width = crop.shape[:2]
    plate = width / (1 + 2 * MARGIN)
    scale = min(max(1.0, PLATE_WIDTH_LEAST / plate), PLATE_WIDTH_MOST / plate)
    scale = min(scale, SIDE_MAX / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    if size == (width, height):
        return np.ascontiguousarray(crop)
    how = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(crop, size, interpolation=how), np.uint8)


@dataclass(frozen=True, slots=True)
class _Candidate:
    text: str
    confidence: float  # 0 to 1


def answer(said: bytes, width: int, height: int) -> Reading:
    """Return what OpenALPR read on a picture of this size; Died if that is no answer at all."""
    whole = _object(said)
    if (whole.get("img_width"), whole.get("img_height")) != (width, height):
        return nothing(ENGINE)  # it failed on this picture, and the numbers were never set
    plates = [plate for plate in _objects(whole, "results") if isinstance(plate.get("plate"), str)]
    if not plates:
        return nothing(ENGINE)
    plate = min(plates, key=lambda one: _from_middle(one, width, height))
    candidates = [_candidate(one) for one in _objects(plate, "candidates")[:TOP_N]]
    return _reading(_candidate(plate), candidates)


def _reading(chosen: _Candidate, candidates: Sequence[_Candidate]) -> Reading:
    others = [
        one
        for one in candidates
        if one.text != chosen.text and len(one.text) == len(chosen.text) and one.confidence > 0
    ]
    beside = sum(one.confidence for one in others)
    chances: list[float] = []
    runners: list[Runners] = []
    for place, character in enumerate(chosen.text):
        against: dict[str, float] = {}
        for one in others:
            if one.text[place] != character:
                sign = one.text[place]
                against[sign] = against.get(sign, 0.0) + one.confidence / beside / 2
        chances.append(chosen.confidence * (1 - sum(against.values())))
        ranked = sorted(against.items(), key=lambda item: (-item[1], item[0]))[:RUNNERS_MAX]
        runners.append(tuple((sign, chosen.confidence * share) for sign, share in ranked))
    return reading(ENGINE, chosen.text, chances, runners)


def _candidate(said: dict[str, object]) -> _Candidate:
    text, confidence = said.get("plate"), said.get("confidence")
    if not isinstance(text, str) or not isinstance(confidence, int | float):
        raise Died("answered a candidate without plate or confidence")
    return _Candidate(normalise(text), min(1.0, max(0.0, confidence / 100)))


def _from_middle(plate: dict[str, object], width: int, height: int) -> float:
    corners = [
        (x, y)
        for corner in _objects(plate, "coordinates")
        if isinstance(x := corner.get("x"), int) and isinstance(y := corner.get("y"), int)
    ]
    if not corners:
        return float(width + height)
    across = sum(x for x, _ in corners) / len(corners) - width / 2
    down = sum(y for _, y in corners) / len(corners) - height / 2
    return abs(across) + abs(down)


def _object(said: bytes) -> dict[str, object]:
    try:
        found: object = json.loads(said)
    except ValueError:
        raise Died("answered what is no JSON") from None
    if not isinstance(found, dict):
        raise Died("answered what is no JSON object")
    return found


def _objects(whole: dict[str, object], name: str) -> list[dict[str, object]]:
    found = whole.get(name)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Died(f"answered without a list of {name}")
    return found


def _first_line(said: str) -> str:
    return next((" ".join(line.split())[:200] for line in said.splitlines() if line.strip()), "")
