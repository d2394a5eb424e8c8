"""--show, tried on a display that no one sees."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

import pytest

from edge.outputs.window import check_display
from lot.errors import WrongUsage

PLAY = """
import sys
import numpy as np
from edge.outputs.drawing import Overlay
from edge.outputs.window import Window

keys = iter({keys})
with Window("a gate", key=lambda wait: next(keys, -1)) as window:
    shown = 0
    while shown < 5 and window.show(np.zeros((48, 64, 3), np.uint8), Overlay(clock="x")):
        shown += 1
sys.exit(shown)
"""


@pytest.fixture(scope="module")
def display() -> Iterator[dict[str, str]]:
    """Start an X server of its own, on a display that it chooses itself."""
    program = shutil.which("Xvfb")
    if program is None:
        pytest.skip("Xvfb is not installed (apt package xvfb)")
    receive, send = os.pipe()
    command = [program, "-displayfd", str(send), "-screen", "0", "640x480x24", "-nolisten", "tcp"]
    server = subprocess.Popen(command, pass_fds=(send,), stderr=subprocess.DEVNULL)
    os.close(send)
    try:
        with os.fdopen(receive) as chosen:
            number = chosen.readline().strip()
        yield {**os.environ, "DISPLAY": f":{number}"}
    finally:
        server.terminate()
        server.wait()


def play(env: dict[str, str], keys: list[int]) -> int:
    command = [sys.executable, "-c", PLAY.format(keys=keys)]
    return subprocess.run(command, env=env, check=False, timeout=600).returncode


def test_frames_are_shown_until_the_end(display: dict[str, str]) -> None:
    check_display(display)
    assert play(display, []) == 5


@pytest.mark.parametrize("key", [ord("q"), ord("Q"), 27])
def test_q_quits(display: dict[str, str], key: int) -> None:
    assert play(display, [-1, -1, key]) == 2


def test_space_pauses_until_space_and_q_quits_a_pause_too(display: dict[str, str]) -> None:
    space = ord(" ")
    assert play(display, [-1, space, -1, -1, space, -1, -1, -1]) == 5
    assert play(display, [-1, space, -1, ord("q")]) == 1


@pytest.mark.parametrize("name", [None, ":9999"])
def test_without_a_display_a_line_says_so(
    name: str | None, capfd: pytest.CaptureFixture[str]
) -> None:
    env = {key: value for key, value in os.environ.items() if key != "DISPLAY"}
    if name is not None:
        env["DISPLAY"] = name
    with pytest.raises(WrongUsage, match="--show needs a display, and no window opens"):
        check_display(env)
    assert capfd.readouterr() == ("", "")


def test_an_opencv_without_windows_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    told = "  GUI:                           NONE\n"
    monkeypatch.setattr("edge.outputs.window.cv2.getBuildInformation", lambda: told)
    with pytest.raises(WrongUsage, match="install opencv-python in place of"):
        check_display({})
