"""The recognition API as a real process, and pictures to send it."""

from __future__ import annotations

import os
import signal
import socket
import struct
import subprocess
import sys
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import cv2
import httpx
import numpy as np

from contract import grant
from edge.values import Image
from tests.edge.delivery.serving import ROOT, until
from tests.edge.toys import PLATES, ToyCar, picture

TOKEN = "a-token-of-the-tests-that-is-long"  # noqa: S105 - the tests' own


def jpeg(image: Image) -> bytes:
    done, coded = cv2.imencode(".jpg", np.ascontiguousarray(image))
    assert done
    return coded.tobytes()


def car(plate: int) -> bytes:
    """Return a photo of the car with that plate of `PLATES`."""
    return jpeg(picture([ToyCar(plate, 0.0)], 2.0))


EMPTY = jpeg(picture([], 0.0))
PLATE = PLATES[1]
PHOTO = car(1)


def bomb(width: int, height: int) -> bytes:
    """Return a PNG of few bytes that announces so many pixels."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)

    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    rows = zlib.compress(bytes(1 << 20))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(
    folder: Path, more: Mapping[str, str] | None = None, *, live_s: float = grant.LIVE_S
) -> Iterator[httpx.Client]:
    """Run it with toy eyes; give a client that knows the token."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    env |= {
        "LOT_EDGE_FOLDER": str(folder / "edge"),
        "LOT_API_TOKEN": TOKEN,
        "LOT_TIMEZONE": "America/Chicago",
        **(more or {}),
    }
    port = free_port()
    words = [sys.executable, "-m", "tests.edge.api.toy_api", f"127.0.0.1:{port}", str(live_s)]
    with (folder / "api.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stderr=log, start_new_session=True)
    client = httpx.Client(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Token {TOKEN}"},
        trust_env=False,
        timeout=30,
    )
    try:
        with client:
            until(lambda: _answers(client), seconds=60)
            yield client
    finally:
        process.terminate()
        try:
            process.wait(timeout=15)
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)


def _answers(client: httpx.Client) -> bool:
    try:
        return client.get("/api/v1/health").status_code == 200
    except httpx.HTTPError:
        return False
