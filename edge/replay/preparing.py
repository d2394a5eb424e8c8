"""What a replay needs before its first frame: words understood, files opened, copies left out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from contract.plates import Formats
from edge.cameras import NAME_MAX, Camera, is_name
from edge.comparing import Row as OldRow
from edge.comparing import old_rows
from edge.eyes import with_engines
from edge.replay.asked import OUTPUT, Asked
from edge.replay.deciding import chosen_formats
from edge.replay.scoring import Scoring
from edge.replay.telling import complain
from edge.settings import TREE, Settings
from edge.sources.choosing import Choice, Input, chosen
from edge.sources.files import digest
from edge.sources.spans import span
from edge.sources.starts import told
from lot.errors import Unreadable, WrongUsage
from lot.files import check_writable

CAMERA = "gate"  # the name of a camera that nobody named


@dataclass(frozen=True, slots=True)
class Work:
    """A replay that can begin: every word of it was understood, every file opened."""

    ask: Asked
    settings: Settings
    formats: Formats
    camera: Camera
    output: Path
    items: tuple[Input, ...]
    refused: tuple[Unreadable, ...]
    passed_over: int  # files in named folders that are neither video nor picture
    scoring: Scoring | None
    old: list[OldRow] | None


def prepared(ask: Asked, settings: Settings) -> Work:
    """Check all that can be checked before the first frame, and open what is to be read."""
    settings = with_engines(settings, ask.engines)
    camera = _camera(ask.camera, settings.cameras)
    output = ask.output or TREE / OUTPUT
    since = span(ask.since, ask.until)
    found = chosen(
        ask.paths,
        Choice(
            camera=camera.name,
            zone=settings.zone,
            told=told(ask.started_at, settings.zone) if ask.started_at else None,
            span=since,
            left_out=output,
        ),
    )
    reaching, short = _within(found.inputs, since.since)
    items, twins = _once(reaching)
    refused = (*found.refused, *short, *twins)
    if not items:
        raise _nothing_read(refused)
    if ask.keep_passages and sum(not item.start.known for item in found.inputs) > 1:
        raise WrongUsage(
            "passages of several recordings can be kept together only if each one's beginning "
            "is known",
            then="put the time into their names (20260501_070000.mp4)",
        )
    check_writable(output)
    return Work(
        ask,
        settings,
        chosen_formats(ask.region, settings),
        camera,
        output,
        items,
        refused,
        found.passed_over,
        Scoring(ask.truth, items) if ask.truth else None,
        old_rows(ask.compare) if ask.compare else None,
    )


def _once(inputs: Sequence[Input]) -> tuple[tuple[Input, ...], tuple[Unreadable, ...]]:
    """Part each recording from its copies: their events would be the same, with the same ids."""
    by_size: dict[int, list[Input]] = {}
    for item in inputs:
        by_size.setdefault(item.path.stat().st_size, []).append(item)
    twins = {}
    for alike in by_size.values():
        known: dict[bytes, Input] = {}
        for item in alike if len(alike) > 1 else ():
            first = known.setdefault(digest(item.path), item)
            if first is not item:
                twins[item] = first
    return tuple(i for i in inputs if i not in twins), tuple(
        Unreadable(f"{copy.path} is a copy of {one.path}", then="it was left out")
        for copy, one in twins.items()
    )


def _within(
    inputs: Sequence[Input], since: float
) -> tuple[tuple[Input, ...], tuple[Unreadable, ...]]:
    """Part those that reach to --from and those that end before."""
    short = {i for i in inputs if i.facts.seconds is not None and i.facts.seconds <= since > 0}
    return tuple(i for i in inputs if i not in short), tuple(
        Unreadable(
            f"{i.path} ends at second {i.facts.seconds or 0:.1f}", then="choose an earlier --from"
        )
        for i in inputs
        if i in short
    )


def _camera(name: str | None, cameras: Mapping[str, Camera]) -> Camera:
    if name is not None and not is_name(name):
        raise WrongUsage(
            f"--camera takes a name of 1 to {NAME_MAX} characters, none of them a control",
            then="write one as north",
        )
    if name is None:
        return next(iter(cameras.values())) if len(cameras) == 1 else Camera(CAMERA)
    if cameras and name not in cameras:
        raise WrongUsage(
            f"there is no camera {name!r}", then=f"the cameras file has {', '.join(cameras)}"
        )
    return cameras.get(name, Camera(name))


def _nothing_read(refused: Sequence[Unreadable]) -> Unreadable:
    if len(refused) == 1:
        return refused[0]
    for refusal in refused:
        complain(refusal)
    return Unreadable("none of the inputs can be read", then="see the lines above")
