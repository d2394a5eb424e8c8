"""The walk is served: the set-up alone on loopback, the owner's page before it, both until it ends.

The page is a process of its own, as ever. Beyond this machine it shows a certificate made for the
walk: there is no root yet, so its fingerprint is printed to be compared.
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

from lot.addresses import Address
from lot.errors import Unreachable
from lot.files import write_private
from server.first_run.passing import Passing
from server.first_run.walk import Walk
from server.running import child
from server.settings import ServerSettings

_PAGES_USER = "lot-gui"  # as the units have it
_LOOKS_S = 1.0
_LAST_PAGE_S = 5.0  # its picture and letters are fetched after it


@contextmanager
def page(
    settings: ServerSettings,
    env: Mapping[str, str],
    where: Address,
    shows: Passing | None,
    answers: Flask,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the page before what answers while the block lasts, showing its passing certificate."""
    with _folder() as folder, _set_up(answers) as url:
        mine = {name: value for name, value in env.items() if not name.startswith("LOT_")}
        mine |= {"LOT_GUI_SERVER": url, "LOT_TIMEZONE": str(settings.zone)}
        if shows is not None:
            for name, content in (("CERTIFICATE", shows.chain), ("KEY", shows.key)):
                path = folder / name.lower()
                write_private(path, content)
                mine[f"LOT_GUI_{name}"] = str(path)
        user = _pages_user(folder)
        words = [sys.executable, "-m", "gui", "--bind", str(where)]
        process = subprocess.Popen(words, env=mine, cwd=folder, user=user, group=user)
        with child.needed(process):
            yield process


def wait(process: subprocess.Popen[bytes], walk: Walk) -> None:
    """Wait until the server is set up and its last page was shown."""
    while not walk.done.wait(_LOOKS_S):
        if process.poll() is not None:
            raise Unreachable("the page has ended", then="read what it said above, and try again")
    threading.Event().wait(_LAST_PAGE_S)


class _Silent(WSGIRequestHandler):
    """The page alone asks here; what it asks is in the app's own lines."""

    protocol_version = "HTTP/1.1"

    def log(self, type: str, message: str, *args: object) -> None:  # noqa: A002 - werkzeug's word
        pass


@contextmanager
def _set_up(answers: Flask) -> Iterator[str]:
    """Answer on loopback, in this process: the open vault must not leave it."""
    listens = make_server("127.0.0.1", 0, answers, threaded=True, request_handler=_Silent)
    thread = threading.Thread(target=listens.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listens.server_port}"
    finally:
        listens.shutdown()
        thread.join()
        listens.server_close()


@contextmanager
def _folder() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="lotkeeper-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _pages_user(folder: Path) -> int | None:
    """Return the user that the page runs as where root sets up an installed machine."""
    try:
        user = pwd.getpwnam(_PAGES_USER).pw_uid if os.geteuid() == 0 else None
    except KeyError:
        return None
    if user is not None:
        for path in (folder, *folder.iterdir()):
            os.chown(path, user, user)
    return user
