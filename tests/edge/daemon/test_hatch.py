"""Whoever looks in sees what the gate sees, drawn over, and its figures; the gate never waits."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

import cv2
import httpx
import numpy as np
import pytest

from edge.api.gate_room import MJPEG
from edge.daemon.hatch import Hatch
from lot.web.problems import Problem
from tests.edge.api.serving import served
from tests.edge.api.test_grants import granted
from tests.edge.delivery import lot
from tests.edge.delivery.serving import ROOT, serving, until
from tests.edge.toys import PLATES, SIZE, ToyCar, record_gate

SECONDS = 60  # longer than the tests look; the gate is stopped before


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    cars = [ToyCar(number % 4, 5.0 * number + 1) for number in range(SECONDS // 5)]
    return record_gate(tmp_path_factory.mktemp("film") / "gate.mp4", SECONDS, cars)


@contextmanager
def gate(
    folder: Path, film: Path, camera: str = "north", more: Mapping[str, str] | None = None
) -> Iterator[Hatch]:
    """Run a gate with toy eyes in a folder whose name is longer than a socket's may be."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("LOT_")}
    env |= {"LOT_EDGE_FOLDER": str(folder / "edge"), **(more or {})}
    words = [sys.executable, "-m", "tests.edge.daemon.toy_gate", str(film), "--camera", camera]
    with (folder / "gate.log").open("wb") as log:
        process = subprocess.Popen(words, cwd=ROOT, env=env, stdout=log, stderr=log)
    hatch = Hatch(folder / "edge")
    try:
        until(lambda: _cameras(hatch) == [camera], seconds=60)
        yield hatch
    finally:
        process.terminate()
        process.wait(timeout=30)


def _cameras(hatch: Hatch) -> list[str]:
    with suppress(Problem):
        return hatch.cameras()
    return []


def test_a_camera_is_seen_live_with_its_figures_beside(tmp_path: Path, film: Path) -> None:
    folder = tmp_path / ("long" * 25)
    folder.mkdir()
    with gate(folder, film) as hatch:
        with hatch.watch("north") as watching:
            pictures = iter(watching)
            drawn = [next(pictures) for _ in range(3)]
        for one in drawn:
            image = cv2.imdecode(np.frombuffer(one, np.uint8), cv2.IMREAD_COLOR)
            assert image.shape[1] == SIZE[0]
            assert image.shape[0] > SIZE[1]  # the strip of events lies below the picture
        until(lambda: b'lotkeeper_frames_looked_total{camera="north"}' in hatch.figures())
        figures = hatch.figures().decode()
        for name in ("frames_total", "stage_seconds_bucket", "camera_blind", "frame_age_seconds"):
            assert f"lotkeeper_{name}" in figures
        with pytest.raises(Problem) as refused:
            hatch.watch("south")
        assert refused.value.code == "not_found"
    with pytest.raises(Problem) as away:
        hatch.cameras()
    assert away.value.code == "gate_away"


def test_the_recognition_api_shows_it_as_mjpeg(tmp_path: Path, film: Path) -> None:
    with gate(tmp_path, film), served(tmp_path) as client:
        assert client.get("/api/v1/cameras").json() == {"cameras": ["north"]}
        with client.stream("GET", "/api/v1/cameras/north/live") as answer:
            assert answer.headers["Content-Type"] == MJPEG
            came = b""
            for piece in answer.iter_raw():
                came += piece
                if came.count(b"--lotkeeper\r\n") == 3:
                    break
        assert came.count(b"Content-Type: image/jpeg") == 3
        assert "lotkeeper_frames_total" in client.get("/api/v1/metrics").text
        assert client.get("/api/v1/cameras/south/live").status_code == 404


def test_by_a_grant_a_view_lasts_its_time_and_by_the_token_as_long_as_one_looks(
    tmp_path: Path, film: Path
) -> None:
    tls, path = lot.tls(), "/api/v1/cameras/gate/live"
    with serving(tmp_path / "server", tls) as server:
        lot.enrolled(tmp_path / "edge", tls.root)
        more = {"LOT_SERVER": f"127.0.0.1:{server.port}", "LOT_SERVER_TOKEN": lot.TOKEN.text}
        with gate(tmp_path, film, "gate", more), served(tmp_path, more, live_s=2) as client:
            nonce = bytes.fromhex(client.get("/api/v1/nonce").json()["nonce"])
            headers = {"Authorization": f"Grant {granted(nonce)}"}
            begun_s = time.monotonic()
            with client.stream("GET", path, headers=headers) as answer:
                assert b"".join(answer.iter_raw()).count(b"--lotkeeper\r\n") > 1
            assert 2 <= time.monotonic() - begun_s < SECONDS / 4
            assert client.get("/api/v1/cameras").json() == {"cameras": ["gate"]}  # it goes on
            assert client.get(path, headers=headers).status_code == 401
            begun_s = time.monotonic()
            with client.stream("GET", path) as answer:
                assert any(time.monotonic() - begun_s > 3 for _ in answer.iter_raw())


def test_the_recognition_api_knows_what_the_gate_beside_it_saw(tmp_path: Path, film: Path) -> None:
    tls = lot.tls()
    with serving(tmp_path / "server", tls) as server:
        lot.enrolled(tmp_path / "edge", tls.root)
        more = {"LOT_SERVER": f"127.0.0.1:{server.port}", "LOT_SERVER_TOKEN": lot.TOKEN.text}
        with gate(tmp_path, film, "gate", more), served(tmp_path, more) as client:
            until(lambda: _has_seen(client, PLATES[0]), seconds=60)
            assert not _has_seen(client, "NOBODY1")


def _has_seen(client: httpx.Client, plate: str) -> bool:
    (said,) = client.get(f"/check-license-plate/{plate}/2026-01-01T00:00:00Z").json()
    return bool(said["detected"])
