"""A desk's photo is read at the lot's edge, and its camera is seen live, through the vault."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

from lot.settings import given_values
from tests.edge.api.serving import PHOTO, PLATE, free_port
from tests.edge.delivery.serving import ROOT, until
from tests.edge.toys import ToyCar, record_gate
from tests.end_to_end.standing import standing
from tests.end_to_end.test_road import _enrolled
from tests.end_to_end.toy_server import VIEW_S
from tests.server.databases import Server


def test_a_photo_is_read_and_a_camera_is_seen_and_an_edge_away_is_said(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    folder = tmp_path / "edge"
    with standing(tmp_path, database_servers("sqlite").new()) as (owner, found):
        owner.unlock()
        env = dict(_enrolled(owner, found, folder))
        env |= given_values({}, folder / ".env")
        env["LOT_API_BIND"] = f"0.0.0.0:{free_port()}"
        film = record_gate(
            tmp_path / "gate.mp4", 60, [ToyCar(1, float(n)) for n in range(0, 60, 5)]
        )
        bearer = {"Authorization": f"Bearer {owner.session}"}
        octets = {**bearer, "Content-Type": "application/octet-stream"}
        with found.client() as client:
            (lot,) = client.get("/api/v1/lots", headers=bearer).json()["rows"]
            query = {"lot": lot["lot"]}

            def photo() -> httpx.Response:
                return client.post("/api/v1/readings", params=query, content=PHOTO, headers=octets)

            assert _code(photo()) == (503, "edge_away")
            with _running("tests.edge.api.toy_api", [env["LOT_API_BIND"]], env, folder):
                until(lambda: photo().status_code == 200, seconds=90)
                (plate,) = photo().json()["plates"]
                assert plate["plate"] == PLATE
                refused = client.post(
                    "/api/v1/readings", params=query, content=b"hello", headers=octets
                )
                assert _code(refused) == (422, "no_picture")
                path = "/api/v1/cameras/gate/live"
                assert _code(client.get(path, params=query, headers=bearer)) == (503, "edge_away")
                words = [str(film), "--camera", "gate"]
                with _running("tests.edge.daemon.toy_gate", words, env, folder):
                    until(lambda: _sees(client, path, query, bearer), seconds=90)
                there = client.get("/api/v1/cameras/south/live", params=query, headers=bearer)
                assert _code(there) == (404, "not_found")
            assert _code(photo()) == (503, "edge_away")
            owner.says("lock")
            assert _code(photo())[1] in ("locked", "session_ended")


def test_a_view_goes_on_beyond_its_time_while_the_vault_is_open_and_no_longer(
    tmp_path: Path, database_servers: Callable[[str], Server]
) -> None:
    folder, database = tmp_path / "edge", database_servers("sqlite").new()
    with standing(tmp_path, database, "tests.end_to_end.toy_server") as (owner, found):
        owner.unlock()
        env = dict(_enrolled(owner, found, folder)) | given_values({}, folder / ".env")
        env["LOT_API_BIND"] = f"0.0.0.0:{free_port()}"
        film = record_gate(tmp_path / "gate.mp4", 60, [ToyCar(1, 0.0)])
        bearer = {"Authorization": f"Bearer {owner.session}"}
        path = "/api/v1/cameras/gate/live"
        with (
            found.client() as client,
            _running("tests.edge.api.toy_api", [env["LOT_API_BIND"], str(VIEW_S)], env, folder),
            _running("tests.edge.daemon.toy_gate", [str(film), "--camera", "gate"], env, folder),
        ):
            (lot,) = client.get("/api/v1/lots", headers=bearer).json()["rows"]
            query = {"lot": lot["lot"]}
            until(lambda: _sees(client, path, query, bearer), seconds=90)
            before, came, asked = _looks(folder), b"", None
            with client.stream("GET", path, params=query, headers=bearer, timeout=30) as answer:
                for piece in answer.iter_raw():
                    came += piece
                    if asked is None and _looks(folder) >= before + 3:
                        owner.says("lock")
                        asked = _looks(folder)
            assert asked == _looks(folder)  # the last view ended, and nobody asked again
        assert _pictures(came) > 3


def _looks(folder: Path) -> int:
    """Return how often the edge was asked for a nonce, which nothing but a grant needs."""
    log = (folder / "tests.edge.api.toy_api.log").read_text(encoding="utf-8")
    return log.count("/nonce")


def _pictures(mjpeg: bytes) -> int:
    """Return how many pictures came, each whole."""
    found = 0
    while mjpeg:
        head, _, rest = mjpeg.partition(b"\r\n\r\n")
        size = int(head.rpartition(b" ")[2])
        assert head.startswith(b"--lotkeeper\r\n")
        assert rest[:2] == b"\xff\xd8"
        assert rest[size : size + 2] == b"\r\n"
        mjpeg, found = rest[size + 2 :], found + 1
    return found


def _code(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, str(answer.json().get("type", "")).rpartition(":")[2]


def _sees(
    client: httpx.Client, path: str, query: Mapping[str, str], bearer: Mapping[str, str]
) -> bool:
    with client.stream("GET", path, params=query, headers=bearer, timeout=30) as answer:
        if answer.status_code != 200:
            return False
        came = b""
        for piece in answer.iter_raw():
            came += piece
            if came.count(b"Content-Type: image/jpeg") == 2:
                return True
    return False


@contextmanager
def _running(module: str, words: list[str], env: Mapping[str, str], folder: Path) -> Iterator[None]:
    log = folder / f"{module}.log"
    with log.open("wb") as said:
        process = subprocess.Popen(
            [sys.executable, "-m", module, *words],
            cwd=ROOT,
            env={**os.environ, **env},
            stdout=said,
            stderr=said,
        )
    try:
        yield
    finally:
        process.terminate()
        process.wait(timeout=30)
