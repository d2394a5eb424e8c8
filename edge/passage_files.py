"""Passages kept in a file, so that the gate can be run again without eyes.

A month then passes in seconds under other settings, and what the gate misses is known apart
from what the eyes miss. What a line holds is said in `edge.passage_lines`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from contract.canonical import Malformed
from edge.cameras import Camera
from edge.gate.values import Blind
from edge.passage_lines import line, value
from edge.values import Passage
from lot.errors import Damaged, Unreadable
from lot.files import written_aside

LINE_MAX = 1 << 20  # a passage of ten readings has some 6,000 characters


@dataclass(frozen=True, slots=True)
class Kept:
    """All that the gate needs of a time: what the cameras are, what they saw and did not see."""

    cameras: Mapping[str, Camera]
    blind: tuple[Blind, ...]
    passages: tuple[Passage, ...]


def keep_passages(path: Path, kept: Kept) -> None:
    """Write the file whole: cameras, then blind times, then passages, each in the order given."""
    everything: Iterator[Camera | Blind | Passage] = chain(
        kept.cameras.values(), kept.blind, kept.passages
    )
    with written_aside(path) as aside, aside.open("w", encoding="utf-8") as file:
        for one in everything:
            file.write(line(one) + "\n")


def kept_passages(path: Path) -> Kept:
    """Read a file of passages. Damaged names the line that is not as it must be, and why.

    A camera of which no line tells is one of which nothing is known but its name.
    """
    try:
        with path.open("rb") as file:
            kept = _collected(path, iter(lambda: file.readline(LINE_MAX + 1), b""))
    except OSError as error:
        raise Unreadable(
            f"cannot read {path}: {error.strerror or error}",
            then="name a file that --keep-passages wrote",
        ) from error
    if not kept.passages:
        raise Unreadable(f"{path} has no passage in it", then="name one that --keep-passages wrote")
    return kept


def _collected(path: Path, lines: Iterable[bytes]) -> Kept:
    cameras: dict[str, Camera] = {}
    blind: list[Blind] = []
    passages: dict[tuple[str, str], Passage] = {}
    for number, one in _values(path, lines):
        if isinstance(one, Camera):
            again = cameras.setdefault(one.name, one) is not one
        elif isinstance(one, Passage):
            again = passages.setdefault((one.camera, one.id), one) is not one
        else:
            blind.append(one)
            again = False
        if again:
            raise _damaged(path, number, "its camera or passage stands in an earlier line too")
    for name in sorted({p.camera for p in passages.values()} | {b.camera for b in blind}):
        cameras.setdefault(name, Camera(name))
    return Kept(cameras, tuple(blind), tuple(passages.values()))


def _values(path: Path, lines: Iterable[bytes]) -> Iterator[tuple[int, Camera | Blind | Passage]]:
    for number, data in enumerate(lines, start=1):
        if len(data) > LINE_MAX:
            raise _damaged(path, number, f"it has more than {LINE_MAX} bytes")
        if not data.strip():
            continue
        try:
            yield number, value(data.decode())
        except UnicodeDecodeError:
            raise _damaged(path, number, "it is not UTF-8") from None
        except Malformed as fault:
            raise _damaged(path, number, str(fault)) from None


def _damaged(path: Path, number: int, fault: str) -> Damaged:
    return Damaged(
        f"{path}, line {number}: {fault}",
        then="mend the line, or let --keep-passages write the file anew",
    )
