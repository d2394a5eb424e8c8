"""The process in which strangers' pictures are decoded: with little memory, and soon over.

`python -m edge.api.decoder DESCRIPTOR`; how it speaks: `edge.reading.mortal`. An answer is a byte
0 and why not, or a byte 1, width and height, and the pixels, blue green red. What EXIF said ends
here: it turns the picture and is dropped.
"""

from __future__ import annotations

import os
import resource
import struct
import sys

from edge.sources.stills import picture_in
from lot.errors import LotError

SIZE = struct.Struct(">BII")
# The largest picture that is taken has 120 MB as pixels, and twice that while it is decoded.
_MEMORY_BYTES = 1536 << 20
_CPU_S = 20  # a picture; the largest takes two on a Jetson


def main(answers: int) -> int:
    """Answer until the input ends."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a core dump would hold pictures
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NOFILE, (32, 32))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY_BYTES, _MEMORY_BYTES))
    _send(answers, b"ready")
    while picture := _message(sys.stdin.fileno()):
        used = resource.getrusage(resource.RUSAGE_SELF)
        ends = int(used.ru_utime + used.ru_stime) + _CPU_S
        resource.setrlimit(resource.RLIMIT_CPU, (ends, resource.RLIM_INFINITY))
        _send(answers, _answer(picture))
    return 0


def _answer(picture: bytes) -> bytes:
    try:
        image = picture_in(picture, "the picture")
    except LotError as error:
        return b"\x00" + error.what.encode()
    except (MemoryError, ValueError):
        return b"\x00the picture cannot be decoded"
    height, width = image.shape[:2]
    return SIZE.pack(1, width, height) + image.tobytes()


def _send(answers: int, message: bytes) -> None:
    rest = memoryview(len(message).to_bytes(4, "big") + message)
    while rest:
        rest = rest[os.write(answers, rest) :]


def _message(source: int) -> bytes:
    """Return the next message; empty at the end of the input."""
    return _read(source, int.from_bytes(_read(source, 4), "big"))


def _read(source: int, length: int) -> bytes:
    found = bytearray()
    while len(found) < length:
        part = os.read(source, length - len(found))
        if not part:
            return b""
        found += part
    return bytes(found)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1])))
