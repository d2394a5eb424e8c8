"""The page as it is served: its own process, before a vault that a test runs."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from tests.server.serving import free_port

_READY_S = 30.0


@contextmanager
def page(server: str, log: Path, **more: str) -> Iterator[str]:
    """Run `python -m gui` while the block lasts, with more settings; give its address."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    env = {**mine, "LOT_GUI_SERVER": server, "LOT_TIMEZONE": "America/Chicago", **more}
    port = free_port()
    command = [sys.executable, "-m", "gui", "--bind", f"127.0.0.1:{port}"]
    with log.open("wb") as said:
        process = subprocess.Popen(command, env=env, stderr=said)
    try:
        transport = httpx.HTTPTransport(retries=8)
        with httpx.Client(transport=transport, trust_env=False, timeout=_READY_S) as client:
            assert client.get(f"http://127.0.0.1:{port}/sign-in").status_code == 302
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=60)
