"""The two things that the recognition API's main does: serve, or read a folder and end."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from datetime import datetime, timezone
from functools import partial
from multiprocessing.util import Finalize
from pathlib import Path

from flask import Flask

from edge.api.assembling import Served
from edge.api.pictures import BYTES_MAX, Decoding
from edge.api.reading import Readings
from edge.api.readings_room import said
from edge.api.settings import ApiSettings, api_settings, certificate_of
from edge.eyes import Eyes, model_hashes, opened
from edge.self_signed import self_signed
from edge.settings import Settings, settings_from
from lot.errors import DONE, NOTHING_READ, SOME_REFUSED, LotError, Unreadable
from lot.files import write_private
from lot.serving import Tls, check_free, serve
from lot.web.problems import Problem

_PICTURES = (".jpg", ".jpeg", ".png", ".webp", ".bmp")


def served(
    values: Mapping[str, str],
    bind: str | None,
    open_eyes: Callable[[Settings], Eyes] = opened,
) -> int:
    """Serve until stopped; what keeps it from starting is one line."""
    settings = api_settings(values, bind)
    model_hashes(settings.edge)  # what is missing is told here: the worker is a process of its own
    tls = _tls(settings)
    check_free(settings.bind)
    serve("edge.api", settings.bind, tls, partial(_made, values, bind, open_eyes))
    return DONE


def tabled(
    values: Mapping[str, str],
    paths: Sequence[Path],
    open_eyes: Callable[[Settings], Eyes] = opened,
) -> int:
    """Read pictures and print a line of JSON each; nothing is kept of them."""
    settings = settings_from(values)
    chosen = list(_pictures(paths))
    with closing(Decoding()) as decoding:
        readings = Readings(
            open_eyes(settings),
            decoding,
            settings.plate_formats,
            lambda: datetime.now(timezone.utc),
        )
        refused = sum(not _line(readings, path) for path in chosen)
    if refused == len(chosen):
        return NOTHING_READ
    return SOME_REFUSED if refused else DONE


def _made(
    values: Mapping[str, str], bind: str | None, open_eyes: Callable[[Settings], Eyes]
) -> Flask:
    """Return the app in the worker, which reads its own keys: they go through no pipe."""
    made = Served(api_settings(values, bind), open_eyes)
    # The worker ends as multiprocessing's processes do, which pass `atexit` over.
    Finalize(None, made.close, exitpriority=1)
    return made.app()


def _line(readings: Readings, path: Path) -> bool:
    try:
        read = readings.read(_bytes(path), "desk")
    except LotError as error:
        what = error.detail if isinstance(error, Problem) else error.what
        sys.stderr.write(f"edge.api: {path}: {what}\n")
        return False
    sys.stdout.write(json.dumps({"file": str(path), **said(read)}, ensure_ascii=False) + "\n")
    sys.stdout.flush()
    return True


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            data = file.read(BYTES_MAX + 1)
    except OSError as error:
        raise Unreadable(f"cannot read it: {error.strerror}", then="check its name") from error
    if len(data) > BYTES_MAX:
        raise Problem("too_large", f"a picture has at most {BYTES_MAX >> 20} MB")
    return data


def _pictures(paths: Iterable[Path]) -> Iterator[Path]:
    for path in paths:
        if path.is_dir():
            inside = (one for one in path.rglob("*") if one.suffix.lower() in _PICTURES)
            yield from sorted(inside)
        else:
            yield path


def _tls(settings: ApiSettings) -> Tls | None:
    """Speak TLS off this machine, by the certificate that the server learned at enrolment."""
    if settings.plain or settings.bind.is_loopback:
        return None
    path = certificate_of(settings.places)
    if not path.exists():
        write_private(path, self_signed("lotkeeper-edge"))
    return Tls(path, path)
