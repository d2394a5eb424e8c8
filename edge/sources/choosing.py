"""From what an operator names (files, folders, globs) to recordings in the order of their times.

Each bad file is refused by itself and named, so that one among a hundred does not stop the
night's work. All are of one camera: those with a known beginning are one run of it, which
must not overlap, since no camera sees one moment twice.
"""

from __future__ import annotations

import glob
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from edge.sources.files import Recording, open_recording
from edge.sources.spans import WHOLE, Span
from edge.sources.stills import Still, open_still
from lot.errors import Unreadable, WrongUsage

Input = Recording | Still

PICTURES = frozenset({".jpg", ".jpeg", ".png", ".webp", ".bmp"})
_CONTAINERS = "3gp asf avi dav flv m2ts m4v mkv mov mp4 mpeg mpg mts mxf ogv ts webm wmv"
_BARE_STREAMS = "h264 264 hevc 265 mjpeg mjpg"
VIDEOS = frozenset(f".{suffix}" for suffix in f"{_CONTAINERS} {_BARE_STREAMS}".split())
# Recorders name files by whole seconds and begin the next a moment before the last has ended.
_NAME_SHOWN = 60  # characters of a name that nobody can have meant
_OVERLAP_ALLOWED = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Choice:
    """How the named files are to be taken."""

    camera: str
    zone: tzinfo
    told: datetime | None = None  # --started-at
    span: Span = WHOLE
    threads: int = 2
    left_out: Path | None = None  # the folder of our own results is no footage


@dataclass(frozen=True, slots=True)
class Chosen:
    """What can be read, in the order of its times, and what cannot."""

    inputs: tuple[Input, ...]
    refused: tuple[Unreadable, ...]
    passed_over: int  # files in named folders that are neither video nor picture


def chosen(names: Sequence[str], choice: Choice) -> Chosen:
    """Open all that is named; WrongUsage if they cannot be one camera's recordings."""
    refused: list[Unreadable] = []
    files, passed_over = _files(names, choice, refused)
    if choice.told is not None and len(files) > 1:
        raise WrongUsage(
            f"--started-at tells when one recording began, and there are {len(files)}",
            then="name one file, or put each one's time into its name (20240501_134500.mp4)",
        )
    inputs: list[Input] = []
    for path in files:
        try:
            inputs.append(_opened(path, choice))
        except Unreadable as error:
            refused.append(error)
    return Chosen(tuple(_in_order(inputs)), tuple(refused), passed_over)


def _files(
    names: Iterable[str], choice: Choice, refused: list[Unreadable]
) -> tuple[list[Path], int]:
    """Return each named file once, and how many others the named folders hold."""
    files: dict[Path, Path] = {}
    passed_over = 0
    for name in names:
        try:
            for path in _named(name):
                if path.is_dir():
                    found, others = _in_folder(path, choice.left_out)
                    passed_over += others
                else:
                    found = [path]
                for file in found:
                    files.setdefault(file.resolve(), file)
        except Unreadable as error:
            refused.append(error)
        except OSError as error:  # a name too long, a folder that may not be looked into
            shown = name if len(name) <= _NAME_SHOWN else f"{name[:_NAME_SHOWN]}…"
            refused.append(
                Unreadable(f"cannot read {shown}: {error.strerror}", then="check the name")
            )
    return list(files.values()), passed_over


def _named(name: str) -> Iterator[Path]:
    """Take a name as it stands; one that is no file may be a glob that no shell resolved."""
    if Path(name).exists() or not glob.has_magic(name):
        yield Path(name)
        return
    found = sorted(glob.glob(name, recursive=True), key=_natural)  # noqa: PTH207  # absolute ones too
    if not found:
        raise Unreadable(f"no file matches {name}", then="check the pattern and the folder")
    yield from map(Path, found)


def _in_folder(folder: Path, left_out: Path | None) -> tuple[list[Path], int]:
    found: list[Path] = []
    others = 0
    for path in sorted(folder.rglob("*"), key=lambda p: _natural(str(p))):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        ours = left_out is not None and path.resolve().is_relative_to(left_out.resolve())
        if hidden or ours or not path.is_file():
            continue
        if path.suffix.lower() in PICTURES | VIDEOS:
            found.append(path)
        else:
            others += 1
    if not found:
        raise Unreadable(f"{folder} holds no video and no picture", then="name another folder")
    return found, others


def _opened(path: Path, choice: Choice) -> Input:
    if path.suffix.lower() in PICTURES:
        return open_still(path, camera=choice.camera, zone=choice.zone, told=choice.told)
    return open_recording(
        path,
        camera=choice.camera,
        zone=choice.zone,
        told=choice.told,
        span=choice.span,
        threads=choice.threads,
    )


def _in_order(inputs: Iterable[Input]) -> list[Input]:
    """Sort those with a known beginning, refuse an overlap; the others stand behind, as named."""
    everything = list(inputs)
    run: list[Input] = []
    for item in sorted((i for i in everything if i.start.known), key=lambda i: i.start.at):
        run.append(item if isinstance(item, Still) else _after(run, item))
    run.sort(key=lambda i: i.start.at)
    return run + [item for item in everything if not item.start.known]


def _after(run: Sequence[Input], item: Recording) -> Recording:
    """Let `item` begin when the recording before it has ended, at the earliest."""
    before = next((r for r in reversed(run) if isinstance(r, Recording)), None)
    if before is None or before.end is None or item.start.at >= before.end:
        return item
    if before.end - item.start.at <= _OVERLAP_ALLOWED:
        return replace(item, start=replace(item.start, at=before.end))
    later = item.start.or_at
    if later is not None and later >= before.end:  # the second of the night's two such hours
        return replace(item, start=replace(item.start, at=later, or_at=None))
    raise WrongUsage(
        f"{before.path} and {item.path} overlap in time: the first ends"
        f" {(before.end - item.start.at).total_seconds():.0f} s after the second begins",
        then="replay those of two cameras apart, or correct the times in their names",
    )


def _natural(name: str) -> list[tuple[int, str]]:
    """Sort clip2 before clip10."""
    return [(int(p), "") if p.isdecimal() else (-1, p) for p in re.split(r"(\d+)", name)]
