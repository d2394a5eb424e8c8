"""A source is opened, and gives its pictures until it ends or fails. Runs in the grabbing process.

What a camera sends is decoded whole, since each picture of H.264 leans on the one before. Who
falls behind decodes key pictures alone until it has caught up: latency stays bounded.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from functools import partial

import av
import av.error
import cv2
import numpy as np
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from edge.sources.live.address import Address
from edge.values import Image
from lot.errors import LotError, Unreachable, Unreadable

OPEN_S, READ_S = 5.0, 3.0
BEHIND_S, CAUGHT_UP_S = 0.7, 0.2
_RTSP = {
    "rtsp_transport": "tcp",
    "stimeout": "5000000",
    "protocol_whitelist": "tcp,tls,udp,rtp,rtsp,rtsps,crypto",
}
_HTTP = {"protocol_whitelist": "http,https,tcp,tls,crypto", "reconnect": "0"}


# What makes a picture's BGR: asked for only where somebody looks.
Taken = Callable[[], Image]


def pictures(source: Address, *, udp: bool, hardware: bool) -> Iterator[Taken]:
    """Open `source` and give what it shows. A camera that cannot be had is Unreachable."""
    if source.kind == "csi":
        return _through_gstreamer(_csi(source.where))
    if source.kind == "usb":
        return _usb(source)
    if source.kind == "rtsp" and hardware and has_gstreamer():
        return _through_gstreamer(_nvidia(source.where, udp=udp))
    return _by_av(source, udp=udp)


def has_gstreamer() -> bool:
    """Say whether this OpenCV knows GStreamer: JetPack's does, pip's does not."""
    lines = cv2.getBuildInformation().splitlines()
    return any("GStreamer" in line and "YES" in line for line in lines)


def _by_av(source: Address, *, udp: bool) -> Iterator[Taken]:
    options = dict(_RTSP if source.kind == "rtsp" else _HTTP if source.kind == "mjpeg" else {})
    if udp and source.kind == "rtsp":
        options["rtsp_transport"] = "udp"
    try:
        container = av.open(source.where, options=options, timeout=(OPEN_S, READ_S))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _not_had(source, error) from None  # FFmpeg's words may repeat the address
    with container:
        if not container.streams.video:
            raise Unreadable(f"{source.shown} sends no pictures", then="check its path")
        stream = container.streams.video[0]
        stream.thread_count = 1
        at_pace = _Pace(stream, own=source.kind == "file")
        try:
            for packet in container.demux(stream):
                try:
                    for picture in packet.decode():
                        at_pace.wait(picture)
                        yield partial(_bgr, picture)
                except av.error.InvalidDataError:
                    continue  # a packet that was lost on the way: the next key picture mends it
                at_pace.mend()
        except (av.error.FFmpegError, OSError) as error:
            raise _not_had(source, error) from None
    if source.kind != "file":
        raise Unreachable(f"{source.shown} has stopped sending", then="it is tried again")


class _Pace:
    """How far behind its sender a stream is; a file is held back to its own pace."""

    def __init__(self, stream: VideoStream, *, own: bool) -> None:
        self._stream = stream
        self._own = own
        self._least: float | None = None  # the smallest lead of arrival over stamp so far
        self._behind = 0.0

    def wait(self, picture: VideoFrame) -> None:
        if picture.pts is None:
            return
        lead = time.monotonic() - picture.time
        if self._least is None or (lead < self._least and not self._own):
            self._least = lead
        self._behind = lead - self._least
        if self._own and self._behind < 0:
            time.sleep(min(-self._behind, 1.0))

    def mend(self) -> None:
        """Skip to key pictures where too far behind; decode all again when caught up."""
        if self._own:
            return
        context = self._stream.codec_context
        if self._behind > BEHIND_S and context.skip_frame != "NONKEY":
            context.skip_frame = "NONKEY"
        elif self._behind < CAUGHT_UP_S and context.skip_frame != "DEFAULT":
            context.skip_frame = "DEFAULT"


def _bgr(picture: VideoFrame) -> Image:
    return np.asarray(picture.to_ndarray(format="bgr24"), dtype=np.uint8)


def _as_it_is(image: Image) -> Image:
    return image


def _usb(source: Address) -> Iterator[Taken]:
    yield from _captured(cv2.VideoCapture(source.where, cv2.CAP_V4L2), source.shown)


def _through_gstreamer(pipeline: str) -> Iterator[Taken]:
    if not has_gstreamer():
        raise Unreachable(
            "a CSI camera needs an OpenCV with GStreamer, and this one has none",
            then="on a Jetson make the environment with --system-site-packages (docs/jetson.md)",
        )
    yield from _captured(cv2.VideoCapture(pipeline, cv2.CAP_GSTREAMER), "the camera")


def _captured(capture: cv2.VideoCapture, shown: str) -> Iterator[Taken]:
    try:
        if not capture.isOpened():
            raise Unreachable(f"{shown} cannot be opened", then="look whether it is plugged in")
        capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        while True:
            there, image = capture.read()
            if not there:
                raise Unreachable(f"{shown} has stopped sending", then="it is tried again")
            yield partial(_as_it_is, np.asarray(image, dtype=np.uint8))
    finally:
        capture.release()


def _csi(port: str) -> str:
    return (
        f"nvarguscamerasrc sensor-id={port} ! "
        "video/x-raw(memory:NVMM),width=1920,height=1080,framerate=30/1,format=NV12 ! "
        "nvvidconv ! video/x-raw,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink max-buffers=1 drop=true sync=false"
    )


def _nvidia(where: str, *, udp: bool) -> str:
    transport = "udp" if udp else "tcp"
    return (
        f'rtspsrc location="{where}" latency=100 protocols={transport} ! decodebin ! '
        "nvvidconv ! video/x-raw,format=BGRx ! videoconvert ! video/x-raw,format=BGR ! "
        "appsink max-buffers=1 drop=true sync=false"
    )


def _not_had(source: Address, error: Exception) -> LotError:
    kind = type(error).__name__
    if kind in ("HTTPUnauthorizedError", "HTTPForbiddenError"):
        return Unreachable(
            f"{source.shown} refuses the password",
            then="set LOT_CAMERA_<NAME>_PASSWORD, or the user in the address",
        )
    return Unreachable(f"{source.shown} cannot be had ({kind})", then="it is tried again")
