"""Starts the RTSP server above, on a port of its own."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

_PYTHON = "/usr/bin/python3"  # gi comes with the system's Python and with no other
_SERVER = Path(__file__).parent / "rtsp_server.py"
_ASKS = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
)


@dataclass(slots=True)
class Served:
    """A running server; `process` is there to be killed, stopped and continued."""

    port: int
    process: subprocess.Popen[str]

    def url(self, path: str) -> str:
        return f"rtsp://127.0.0.1:{self.port}/{path}"


@cache
def _there() -> bool:
    try:
        return (
            subprocess.run([_PYTHON, "-c", _ASKS], capture_output=True, check=False).returncode == 0
        )
    except OSError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def rtsp_server(port: int | None = None, *, login: bool = False) -> Iterator[Served]:
    """Serve until the block ends."""
    if not _there():
        pytest.skip("GStreamer's RTSP server is not installed (gir1.2-gst-rtsp-server-1.0)")
    port = port or free_port()
    words = [_PYTHON, str(_SERVER), str(port), *(["--login"] if login else [])]
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stdout is not None
        try:
            assert process.stdout.readline() == "ready\n"
            yield Served(port, process)
        finally:
            process.kill()
