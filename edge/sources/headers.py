"""What a picture file says before it is decoded: its size, its time, how it lies, if it is whole.

Written here because decoders tell none of it: they make grey of half a file, gigabytes of a
few bytes, and keep EXIF to themselves. Of EXIF three facts are read; a damaged
EXIF block is as good as none, for the picture may still be fine.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from edge.sources.turning import UPRIGHT, Turn, turn_of_exif


@dataclass(frozen=True, slots=True)
class Exif:
    """When the picture was taken, as the camera wrote it, and how it lies."""

    taken: str = ""  # 2024:05:01 13:45:00
    offset: str = ""  # +02:00, where the camera knew
    turn: Turn = UPRIGHT


@dataclass(frozen=True, slots=True)
class Header:
    """A picture of a known format."""

    codec: str  # as FFmpeg calls it
    width: int  # as coded, not upright
    height: int
    whole: bool
    exif: Exif = Exif()


def header(data: bytes) -> Header | None:
    """Read the header of a JPEG, PNG, WebP or BMP; None is another format, or no header."""
    try:
        if data[:3] == b"\xff\xd8\xff":
            return _jpeg(data)
        if data[:8] == b"\x89PNG\r\n\x1a\n":
            return _png(data)
        if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
            return _webp(data)
        if data[:2] == b"BM":
            return _bmp(data)
    except (struct.error, IndexError):  # cut off within the header
        return None
    return None


def _jpeg(data: bytes) -> Header | None:
    size, exif, at = None, Exif(), 2
    while at < len(data):
        marker = data[at + 1]
        if data[at] != 0xFF:
            return None
        if marker == 0xFF:  # padding
            at += 1
            continue
        length = struct.unpack_from(">H", data, at + 2)[0]
        body = data[at + 4 : at + 2 + length]
        if marker == 0xE1 and body[:6] == b"Exif\0\0":
            exif = _exif(body[6:])
        # All start-of-frame markers; C4, C8 and CC stand among them and are none.
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            size = struct.unpack_from(">HH", body, 1)
        if marker == 0xDA:  # the picture itself; some phones write more behind its end
            whole = data.find(b"\xff\xd9", at) >= 0
            return None if size is None else Header("mjpeg", size[1], size[0], whole, exif)
        at += 2 + length
    return None if size is None else Header("mjpeg", size[1], size[0], whole=False, exif=exif)


def _png(data: bytes) -> Header:
    width, height = struct.unpack_from(">II", data, 16)
    exif, whole = Exif(), False
    for kind, body in _chunks(data, 8, ">I4s", size_first=True, padding=4):
        exif = _exif(body) if kind == b"eXIf" else exif
        whole = whole or kind == b"IEND"
    return Header("png", width, height, whole, exif)


def _webp(data: bytes) -> Header | None:
    whole = len(data) >= struct.unpack_from("<I", data, 4)[0] + 8
    size, exif = None, Exif()
    for kind, body in _chunks(data, 12, "<4sI", size_first=False, padding=0):
        if kind == b"VP8X":
            width, height = (int.from_bytes(body[i : i + 3], "little") + 1 for i in (4, 7))
            size = width, height
        elif kind == b"VP8 " and size is None:
            width, height = struct.unpack_from("<HH", body, 6)
            size = width & 0x3FFF, height & 0x3FFF
        elif kind == b"VP8L" and size is None:
            bits = struct.unpack_from("<I", body, 1)[0]
            size = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        elif kind == b"EXIF":
            exif = _exif(body.removeprefix(b"Exif\0\0"))
    return None if size is None else Header("webp", size[0], size[1], whole, exif)


def _bmp(data: bytes) -> Header:
    total = struct.unpack_from("<I", data, 2)[0]
    width, height = struct.unpack_from("<ii", data, 18)
    return Header("bmp", abs(width), abs(height), len(data) >= total)


def _chunks(
    data: bytes, at: int, head: str, *, size_first: bool, padding: int
) -> Iterator[tuple[bytes, bytes]]:
    """Walk the whole chunks of a PNG (each with a check sum behind) or a WebP (each even)."""
    while at + 8 <= len(data):
        first, second = struct.unpack_from(head, data, at)
        size, kind = (first, second) if size_first else (second, first)
        if at + 8 + size + padding > len(data):
            return
        yield kind, data[at + 8 : at + 8 + size]
        at += 8 + size + (padding or size % 2)


def _exif(tiff: bytes) -> Exif:
    """Read the TIFF block inside: a first directory, in it the place of EXIF's own."""
    try:
        order = {b"II": "<", b"MM": ">"}[tiff[:2]]
        first = _directory(tiff, order, struct.unpack_from(order + "I", tiff, 4)[0])
        place = first.get(0x8769)
        own = _directory(tiff, order, place) if isinstance(place, int) else {}
    except (struct.error, KeyError):
        return Exif()
    orientation = first.get(0x0112)
    return Exif(
        taken=_text(own.get(0x9003)),
        offset=_text(own.get(0x9011)),
        turn=turn_of_exif(orientation) if isinstance(orientation, int) else UPRIGHT,
    )


def _directory(tiff: bytes, order: str, at: int) -> dict[int, int | bytes]:
    """Read one directory's whole numbers and texts; other types are not wanted here."""
    count = struct.unpack_from(order + "H", tiff, at)[0]
    found: dict[int, int | bytes] = {}
    for entry in range(at + 2, at + 2 + 12 * count, 12):
        tag, kind, length = struct.unpack_from(order + "HHI", tiff, entry)
        if kind == 2:  # text; up to four bytes stand in the entry itself
            place = entry + 8
            if length > 4:
                place = struct.unpack_from(order + "I", tiff, place)[0]
            found[tag] = tiff[place : place + min(length, 64)]
        elif kind in (3, 4):  # a whole number of 16 or 32 bits
            found[tag] = struct.unpack_from(order + ("H" if kind == 3 else "I"), tiff, entry + 8)[0]
    return found


def _text(value: int | bytes | None) -> str:
    return value.split(b"\0")[0].decode("ascii", "replace") if isinstance(value, bytes) else ""
