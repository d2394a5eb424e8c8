"""--show: what the eyes see, as they see it, in a window. q or Escape quits, the space bar pauses.

OpenCV's windows are Qt's, and Qt ends the whole process where there is no display. So a child
tries first, and where it fails a line says so.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from types import TracebackType

import cv2

from edge.outputs.drawing import Overlay
from edge.outputs.sheet import sheet
from edge.values import Image
from lot.errors import WrongUsage

_QUIT, _PAUSE = frozenset({ord("q"), ord("Q"), 27}), ord(" ")
_PAUSED_LOOK_MS = 50
_LARGEST = (1280, 720)  # a window at first; it can be drawn larger by hand
_TRIAL = "import cv2; cv2.namedWindow('trial'); cv2.destroyAllWindows()"
_TRIAL_SECONDS = 60  # it takes a quarter; a busy machine or a display far away take longer

Key = Callable[[int], int]  # waits so many milliseconds for a key; -1 is none


class Window:
    """A window, to be used in a with statement and from one thread."""

    def __init__(self, title: str, *, key: Key = cv2.waitKey) -> None:
        self._title = title
        self._key = key
        self._sized = False

    def __enter__(self) -> Window:
        cv2.namedWindow(self._title, cv2.WINDOW_NORMAL | cv2.WINDOW_KEEPRATIO)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        if self._visible():
            cv2.destroyWindow(self._title)
            cv2.waitKey(1)  # Qt closes it only when it gets a turn

    def show(self, image: Image, overlay: Overlay) -> bool:
        """Show a copy of `image` with its overlay; False once somebody closed the window."""
        if self._sized and not self._visible():  # imshow would open another one
            return False
        drawn = sheet(image, overlay)
        if not self._sized:
            self._sized = True
            height, width = drawn.shape[:2]
            scale = min(1.0, _LARGEST[0] / width, _LARGEST[1] / height)
            cv2.resizeWindow(self._title, round(width * scale), round(height * scale))
        cv2.imshow(self._title, drawn)
        pressed = self._key(1)
        if pressed == _PAUSE:
            pressed = self._paused()
        return pressed not in _QUIT and self._visible()

    def _paused(self) -> int:
        while self._visible():
            pressed = self._key(_PAUSED_LOOK_MS)
            if pressed == _PAUSE or pressed in _QUIT:
                return pressed
        return -1

    def _visible(self) -> bool:
        try:
            return bool(cv2.getWindowProperty(self._title, cv2.WND_PROP_VISIBLE) >= 1)
        except cv2.error:  # the last one was closed by hand, and Qt with it
            return False


def check_display(env: Mapping[str, str]) -> None:
    """Raise WrongUsage where a window cannot be opened."""
    if not _has_windows():
        raise WrongUsage(
            "--show needs an OpenCV with windows, and this one has none",
            then="install opencv-python in place of opencv-python-headless, or leave out --show",
        )
    try:
        trial = subprocess.run(
            [sys.executable, "-c", _TRIAL],
            env=dict(env),
            capture_output=True,
            timeout=_TRIAL_SECONDS,
            check=False,
        )
        opened = trial.returncode == 0
    except subprocess.TimeoutExpired:
        opened = False
    if not opened:
        display = env.get("DISPLAY") or "none is named by DISPLAY"
        raise WrongUsage(
            f"--show needs a display, and no window opens ({display})",
            then="run it on the machine's own screen or with ssh -X, or leave out --show",
        )


def _has_windows() -> bool:
    lines = cv2.getBuildInformation().splitlines()
    return not any(line.split() == ["GUI:", "NONE"] for line in lines)
