"""PyAV at work: a file opened with care, and its pictures one after another.

Bytes that nothing can be made of are passed over and counted, as players do. Nothing here
knows of cameras or of the lot's time.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator
from pathlib import Path

import av
import av.error
from av.codec.context import ThreadType
from av.container import InputContainer
from av.packet import Packet
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from lot.errors import Unreadable

# What FFmpeg may take a file for. Without such a list it reads a text file as a film of its
# letters, and follows playlists to other files and hosts.
_FORMATS = (
    "3g2,3gp,aac,asf,avi,caf,dhav,dv,flac,flv,h263,h264,hevc,ivf,m4a,m4v,matroska,mj2,mjpeg,"
    "mov,mp3,mp4,mpeg,mpegts,mpegvideo,mxf,nut,obu,ogg,rm,wav,webm,wtv,yuv4mpegpipe"
)
_OPTIONS = {"format_whitelist": _FORMATS, "protocol_whitelist": "file"}
_DAMAGED_RUN_MAX = 500  # packets in a row of which nothing came: there will be nothing more


def opened(path: Path, threads: int) -> tuple[InputContainer, VideoStream]:
    """Open a video file and choose its film; what is no such file is Unreadable, in a line."""
    _look_at(path)
    try:
        container = av.open(str(path), options=_OPTIONS)
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise _not_opened(path, error) from error
    films = [s for s in container.streams.video if not s.disposition & Disposition.attached_pic]
    if not films:
        container.close()
        raise Unreadable(f"{path} holds no pictures, only sound or data", then="leave it out")
    film = films[0]
    if not _has_decoder(film):
        container.close()
        raise Unreadable(
            f"{path} is coded in a way that nothing here can decode", then="convert it to H.264"
        )
    film.thread_type = ThreadType.AUTO
    film.thread_count = threads
    return container, film


def _has_decoder(film: VideoStream) -> bool:
    # PyAV leaves None there, whatever its stub says, and crashes when such a film is decoded.
    context: object = film.codec_context
    return context is not None


class Decoding(Iterator[VideoFrame]):
    """The pictures of one film in the order they are shown, and what was lost on the way."""

    def __init__(self, container: InputContainer, film: VideoStream) -> None:
        self.damaged = 0  # packets of which nothing could be made
        self.broken = False  # the file could not be read to its end
        self._container = container
        self._pictures = self._decoded(container.demux(film))

    def __next__(self) -> VideoFrame:
        return next(self._pictures)

    def __enter__(self) -> Decoding:
        return self

    def __exit__(self, *_: object) -> None:
        self._container.close()

    def _decoded(self, packets: Iterator[Packet[VideoStream]]) -> Iterator[VideoFrame]:
        damaged_run = 0
        while damaged_run < _DAMAGED_RUN_MAX:
            try:
                packet = next(packets)
            except StopIteration:
                return
            except (av.error.FFmpegError, OSError):
                break
            try:
                pictures = packet.decode()
            except av.error.FFmpegError:
                self.damaged += 1
                damaged_run += 1
                continue
            if pictures:
                damaged_run = 0
                yield from pictures
        self.broken = True


def shown_before(path: Path, stamp: int) -> int:
    """Count the frames shown before `stamp`, without decoding: what a seek has left out."""
    container, film = opened(path, threads=1)
    count = 0
    with container:
        for packet in container.demux(film):
            if packet.dts is not None and packet.dts >= stamp:
                break  # no frame is shown before it can be decoded
            shown = packet.size > 0 and not packet.is_discard
            count += shown and packet.pts is not None and packet.pts < stamp
    return count


def _look_at(path: Path) -> None:
    try:
        found = path.stat()
        if stat.S_ISREG(found.st_mode):
            with path.open("rb") as file:
                file.read(1)
    except OSError as error:
        raise unreadable(path, error) from error
    if not stat.S_ISREG(found.st_mode):
        raise Unreadable(f"{path} is no file", then="name a video, a picture or a folder of them")
    if found.st_size == 0:
        raise Unreadable(f"{path} is empty", then="copy or record it again")


def unreadable(path: Path, error: OSError) -> Unreadable:
    """Say in one line why the system does not give `path`."""
    advice = {
        FileNotFoundError: "check its name and that its disk is there",
        PermissionError: "give this user the right to read it",
    }
    return Unreadable(
        f"cannot read {path}: {error.strerror or error}",
        then=advice.get(type(error), "check the disk it lies on"),
    )


def _not_opened(path: Path, error: Exception) -> Unreadable:
    if isinstance(error, OSError) and not isinstance(error, ValueError):
        return unreadable(path, error)
    with path.open("rb") as file:
        head = file.read(12)
    if head[4:8] == b"ftyp":  # an MP4 without the index that is written last
        return Unreadable(
            f"{path} was cut off before its index was written",
            then="copy it again, or let a repair tool rebuild the index",
        )
    return Unreadable(f"{path} is no video", then="leave it out, or convert it to MP4 first")
