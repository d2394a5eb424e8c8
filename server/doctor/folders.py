"""Who else can read what is ours: modes and owners of folders and files."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from pathlib import Path

from server.doctor.ailment import Ailment

_OTHERS = stat.S_IRWXG | stat.S_IRWXO
# The keyholder's socket is the one thing that two users share.
_SHARED = frozenset({"run"})
_PASSING = stat.S_IXGRP | stat.S_IXOTH  # through a folder, without seeing what is in it
_MANY = frozenset({"pictures"})  # a million files, each of them in a folder that is looked at


def folders(tops: Iterable[Path]) -> Iterator[Ailment]:
    """Look at each folder and what lies in it; one that is not there yet is no ailment."""
    for top in tops:
        if top.is_dir():
            yield from _looked_at(top)


def secret_file(path: Path) -> Iterator[Ailment]:
    """Look at one file that nobody else may read, as `.env`."""
    if path.exists():
        yield from _open_to_others(path)


def _looked_at(top: Path) -> Iterator[Ailment]:
    is_on_the_way = any((top / name).is_dir() for name in _SHARED)
    yield from _open_to_others(top, passing=_PASSING if is_on_the_way else 0)
    yield from _of_another(top)
    for folder, inner, files in os.walk(top):
        inner[:] = [name for name in inner if name not in _SHARED]
        here = Path(folder)
        is_many = bool(_MANY & set(here.relative_to(top).parts))
        for name in [*inner, *([] if is_many else files)]:
            yield from _open_to_others(here / name)


def _open_to_others(path: Path, passing: int = 0) -> Iterator[Ailment]:
    mode = _mode(path)
    if mode is not None and mode & _OTHERS & ~passing and not stat.S_ISLNK(mode):
        right = f"{stat.S_IRWXU | passing:o}" if stat.S_ISDIR(mode) else "600"
        yield Ailment(
            f"{path} can be read by others (mode {stat.S_IMODE(mode):o})", f"chmod {right} {path}"
        )


def _of_another(path: Path) -> Iterator[Ailment]:
    owner, us = path.stat().st_uid, os.geteuid()
    if us not in (0, owner):
        yield Ailment(
            f"{path} belongs to user {owner}, not to us ({us})", f"sudo chown {us} {path}"
        )


def _mode(path: Path) -> int | None:
    try:
        return path.lstat().st_mode
    except OSError:  # gone meanwhile
        return None
