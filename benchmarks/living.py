"""A living camera of our own: a real RTSP server that shows ready-made H.264 at a camera's pace."""

from __future__ import annotations

import socket
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av.video.codeccontext import VideoCodecContext

from edge.values import Image
from lot.errors import Unreadable

_PYTHON = "/usr/bin/python3"  # gi comes with the system's Python and with no other
_SERVER = Path(__file__).with_name("rtsp_camera.py")
_LATE_S = 1.0  # whoever was held up longer goes on from now, not in a rush


class LivingCamera:
    """Shows pictures at `rate` a second; it can be unplugged, and plugged in where it was."""

    def __init__(self, rate: float) -> None:
        self.rate = rate
        self._port = _free_port()
        self._due_s = time.monotonic()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"rtsp://127.0.0.1:{self._port}/gate"

    def plug_in(self) -> None:
        """Start it, and return when it can be asked."""
        words = [_PYTHON, str(_SERVER), str(self._port)]
        try:
            process = subprocess.Popen(
                words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
            )
        except OSError:
            raise _not_here() from None
        assert process.stdout is not None
        if process.stdout.readline() != b"ready\n":
            process.wait()
            raise _not_here()
        self._process = process

    def unplug(self) -> None:
        """End it as a pulled cable does: in the middle of anything."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            assert pipe is not None
            with suppress(OSError):  # what was not written yet goes nowhere
                pipe.close()

    def play(self, units: Iterable[bytes]) -> list[float]:
        """Show coded pictures one after another; return the wall's time of each."""
        shown = []
        for unit in units:
            self._due_s = max(self._due_s + 1 / self.rate, time.monotonic() - _LATE_S)
            time.sleep(max(0.0, self._due_s - time.monotonic()))
            shown.append(time.time())
            self._show(unit)
        return shown

    def _show(self, unit: bytes) -> None:
        process = self._process
        if process is None:
            return
        assert process.stdin is not None
        with suppress(OSError, ValueError):  # it is unplugged at this moment
            process.stdin.write(len(unit).to_bytes(4, "big") + unit)
            process.stdin.flush()


@contextmanager
def living_camera(rate: float) -> Iterator[LivingCamera]:
    """Keep a camera plugged in while the block lasts."""
    camera = LivingCamera(rate)
    camera.plug_in()
    try:
        yield camera
    finally:
        camera.unplug()


def coded(pictures: Iterable[Image], rate: float, key_every: int) -> list[bytes]:
    """Return pictures of one size as access units of H.264, as a camera sends them."""
    found: list[bytes] = []
    coder: VideoCodecContext | None = None
    for number, picture in enumerate(pictures):
        if coder is None:
            coder = _coder(picture, rate, key_every)
        frame = av.VideoFrame.from_ndarray(picture, format="bgr24").reformat(format="yuv420p")
        frame.pts = number
        found += map(bytes, coder.encode(frame))
    return found if coder is None else [*found, *map(bytes, coder.encode())]


def film_of(clip: Path) -> Iterator[Image]:
    """Give a clip's pictures."""
    with av.open(str(clip)) as film:
        for frame in film.decode(video=0):
            yield np.asarray(frame.to_ndarray(format="bgr24"), dtype=np.uint8)


def _coder(first: Image, rate: float, key_every: int) -> VideoCodecContext:
    coder = av.CodecContext.create("libx264", "w")
    assert isinstance(coder, VideoCodecContext)
    coder.height, coder.width = first.shape[:2]
    coder.pix_fmt = "yuv420p"
    coder.time_base = 1 / Fraction(rate).limit_denominator(1001)
    # No picture waits for a later one, and who comes in late waits for no more than a key picture.
    keys = f"keyint={key_every}:min-keyint={key_every}:scenecut=0"
    coder.options = {
        "preset": "veryfast",
        "tune": "zerolatency",
        "crf": "21",
        "x264-params": keys,
    }
    return coder


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


def _not_here() -> Exception:
    return Unreadable(
        "GStreamer's RTSP server is not here", then="install gir1.2-gst-rtsp-server-1.0"
    )
