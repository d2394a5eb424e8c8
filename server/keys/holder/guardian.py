"""The guardian: holds the socket, and starts a fresh keyholder whenever one has ended.

It never has a secret. The socket is its own, so a question that comes between two keyholders
waits for the next and is not refused.
"""

from __future__ import annotations

import contextlib
import gc
import os
import signal
import socket
import time
import traceback
from pathlib import Path
from types import FrameType

from lot.errors import Unwritable, WrongUsage
from server.keys.folder import KeysFolder
from server.keys.holder import process
from server.keys.holder.process import Terms
from server.settings import ServerSettings

_PATH_BYTES_MAX = 107
_QUEUE_MAX = 64
_CALM_S = 1.0  # between two starts, where a keyholder ends at once


def main(settings: ServerSettings, beside: int | None) -> int:
    """Guard a keyholder until a signal ends it, or the process that it was started beside."""
    if beside is not None:
        process.die_with_parent(signal.SIGTERM)
        if os.getppid() != beside:  # it ended before the kernel was told
            return 0
    terms = Terms(
        folder=KeysFolder(settings.places.keys),
        zone=settings.zone,
        idle_s=settings.idle_lock_minutes * 60,
        uids=_web_user(settings.places.state),
    )
    return guarded(settings.places.socket, terms)


def guarded(path: Path, terms: Terms) -> int:
    """Hold the socket and keep one keyholder behind it."""
    listener = _bound(path)
    ending: list[int] = []
    child = 0

    def stop(number: int, _: FrameType | None) -> None:
        ending.append(number)
        if child:
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    gc.freeze()  # else a keyholder's collections write to every page that it shares with us
    try:
        while not ending:
            started_at_s = time.monotonic()
            child = _started(listener, terms)
            if ending:  # the signal came before the child had a number
                os.kill(child, signal.SIGKILL)
            _, status = os.waitpid(child, 0)
            child = 0
            if status and not ending and time.monotonic() - started_at_s < _CALM_S:
                time.sleep(_CALM_S)  # one that cannot start must not be started in a whirl
        return 0
    finally:
        listener.close()
        path.unlink(missing_ok=True)


def _started(listener: socket.socket, terms: Terms) -> int:
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, signal.SIG_DFL)
        process.die_with_parent()
        process.served(listener, terms)
        status = 0
    except Exception:  # the outermost place of this process: who reads the log must learn why
        traceback.print_exc()
    finally:
        os._exit(status)


def _bound(path: Path) -> socket.socket:
    if len(os.fsencode(path)) > _PATH_BYTES_MAX:
        raise WrongUsage(
            f"the path {path} is too long for a socket",
            then="set LOT_KEYS_FOLDER to a shorter one",
        )
    try:
        _make_folder(path.parent)
        _check_alone(path)
        path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        mask = os.umask(0o117)
        try:
            listener.bind(str(path))
        finally:
            os.umask(mask)
        listener.listen(_QUEUE_MAX)
    except OSError as error:
        raise Unwritable(
            f"cannot listen at {path}: {error.strerror or error}",
            then="give the folder to the keyholder's user",
        ) from error
    return listener


def _make_folder(folder: Path) -> None:
    """Make the socket's folder, which others may enter; those above it, where missing, are ours."""
    for missing in reversed([one for one in folder.parents if not one.exists()]):
        missing.mkdir(mode=0o700, exist_ok=True)
    folder.mkdir(mode=0o750, exist_ok=True)


def _check_alone(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as other:
        if other.connect_ex(str(path)) == 0:
            raise WrongUsage(
                f"a keyholder listens at {path} already", then="use that one, or stop it first"
            )


def _web_user(state: Path) -> frozenset[int]:
    """Return the user of the web process: whoever the state folder belongs to."""
    try:
        return frozenset({state.stat().st_uid})
    except OSError:
        return frozenset()
