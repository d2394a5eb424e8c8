"""A camera kept alive through what cameras do, against a real RTSP server."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from edge.sources.live.address import address
from edge.sources.live.grabbing import Order
from edge.sources.live.kept import KeptCamera
from edge.values import Frame
from tests.edge.clips import Clip, record
from tests.edge.sources.live.servers import free_port, rtsp_server

LOGIN = "p@ss word"  # of the server's with --login
BEGAN = datetime(2026, 11, 26, tzinfo=timezone.utc)
_WAIT = threading.Event()  # never set: its wait is how a test polls what another process does


def at(monotonic_s: float) -> datetime:
    return BEGAN + timedelta(seconds=monotonic_s)


@contextmanager
def kept(source: str, *, password: str = "", udp: bool = False) -> Iterator[KeptCamera]:
    found = address(source, password=password, on_jetson=False)
    camera = KeptCamera("north", Order(found, 10, udp=udp), at=at)
    camera.start()
    try:
        yield camera
    finally:
        camera.close()


def until(what: Callable[[], bool], within_s: float = 25.0) -> bool:
    ends = time.monotonic() + within_s
    while time.monotonic() < ends:
        if what():
            return True
        _WAIT.wait(0.05)
    return False


def shown(camera: KeptCamera, after: int = 0) -> Frame:
    found: list[Frame] = []

    def came() -> bool:
        frame = camera.newest(after)
        if frame is not None:
            found.append(frame)
        return frame is not None

    assert until(came), camera.complaint
    return found[0]


@pytest.mark.parametrize(("path", "udp"), [("h264", False), ("h264", True), ("h265", False)])
def test_pictures_come_over_rtsp(path: str, udp: bool) -> None:
    with rtsp_server() as server, kept(server.url(path), udp=udp) as camera:
        first = shown(camera)
        later = shown(camera, first.index)
        assert first.image.shape == (240, 320, 3)
        assert later.time > first.time
        assert camera.blindness() is None
        assert camera.complaint is None


def test_a_login_is_needed_where_the_camera_asks_for_one() -> None:
    with rtsp_server(login=True) as server:
        with kept(server.url("h264"), password=LOGIN) as camera:
            shown(camera)
        with kept(server.url("h264"), password=LOGIN[::-1]) as camera:
            assert until(lambda: camera.complaint is not None)
            assert "refuses the password" in str(camera.complaint)
            assert LOGIN[::-1] not in str(camera.complaint)


def test_it_is_back_by_itself_when_the_server_is() -> None:
    port = free_port()
    with rtsp_server(port) as server, kept(server.url("h264")) as camera:
        last = shown(camera).index
        server.process.kill()
        assert until(lambda: camera.blindness() is not None)
        why = camera.blindness()
        assert why is not None
        assert why[0] == "no_frames"
        assert why[1] is not None
        assert camera.newest(0) is None
        with rtsp_server(port):
            again = shown(camera, last)
            assert camera.blindness() is None
            assert again.time > why[1]


def test_a_server_that_hangs_is_noticed_and_survived() -> None:
    with rtsp_server() as server, kept(server.url("h264")) as camera:
        last = shown(camera).index
        server.process.send_signal(signal.SIGSTOP)
        assert until(lambda: camera.blindness() is not None)
        server.process.send_signal(signal.SIGCONT)
        shown(camera, last)


def test_a_file_is_played_at_its_own_pace_and_ends(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4", Clip(stamps=tuple(range(0, 2000, 100))))
    began = time.monotonic()
    with kept(str(path)) as camera:
        frame = shown(camera)
        assert camera.ended.wait(20)
        assert time.monotonic() - began >= 1.8
        assert frame.camera == "north"


def test_what_is_not_there_is_said_once_and_tried_again() -> None:
    with kept(f"rtsp://127.0.0.1:{free_port()}/x") as camera:
        assert until(lambda: camera.complaint is not None)
        assert camera.newest(0) is None
        assert camera.blindness() == ("no_frames", None)
