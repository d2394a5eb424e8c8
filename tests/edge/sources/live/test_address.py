"""What may be named as a source, and that a password never shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.sources.live.address import Address, address
from edge.sources.live.grabbing import Order
from lot.errors import WrongUsage


@pytest.mark.parametrize(
    ("source", "kind", "shown"),
    [
        ("rtsp://cam.local/stream1", "rtsp", "rtsp://cam.local/stream1"),
        ("rtsp://u:p%40ss@10.0.0.5:8554/a?key=1", "rtsp", "rtsp://10.0.0.5:8554/a"),
        ("rtsp://u:pw@[fd00::5]:554/a", "rtsp", "rtsp://[fd00::5]:554/a"),
        ("http://cam/mjpg", "mjpeg", "http://cam/mjpg"),
        ("2", "usb", "/dev/video2"),
        ("/dev/video3", "usb", "/dev/video3"),
    ],
)
def test_sources_are_told_apart(source: str, kind: str, shown: str) -> None:
    found = address(source, on_jetson=False)
    assert (found.kind, found.shown) == (kind, shown)


def test_a_number_is_a_csi_port_on_a_jetson() -> None:
    assert address("1", on_jetson=True) == Address("csi", "1", "CSI port 1")
    assert address("2", on_jetson=True).kind == "usb"


def test_a_password_of_the_settings_is_put_in_and_never_shown() -> None:
    word = "p@ss word/"
    found = address("rtsp://guard@cam/1", password=word, on_jetson=False)
    assert found.where == "rtsp://guard:p%40ss%20word%2F@cam/1"
    assert "p@ss" not in repr(found)
    assert "p%40" not in repr(found)
    assert address("rtsp://cam/1", password=word[0]).where == "rtsp://admin:p@cam/1"


def test_a_file_is_a_source_too(tmp_path: Path) -> None:
    clip = tmp_path / "clip.mp4"
    clip.write_bytes(b"")
    assert address(str(clip)).kind == "file"


@pytest.mark.parametrize(
    "source", ["ftp://cam/1", "no-such-file.mp4", "rtsp://", "rtsp://cam:99999/1", "999", ""]
)
def test_what_is_no_source_is_said_in_a_line(source: str) -> None:
    with pytest.raises(WrongUsage) as told:
        address(source, on_jetson=False)
    assert "\n" not in str(told.value)


def test_what_is_ordered_of_a_camera_never_prints_its_password() -> None:
    found = address("rtsp://guard:hidden@cam/1")
    assert "hidden" in found.where
    assert "hidden" not in repr(Order(found, 10))
