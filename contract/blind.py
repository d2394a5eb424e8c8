"""Blind time: from when until when a camera saw nothing, and why."""

import re
from dataclasses import asdict, dataclass

from contract import canonical
from contract.canonical import Fields, matching, within
from contract.event import CAMERA_OR_LANE

BYTES_MAX = 4 * 1024

_REASON = re.compile(r"[a-z_]{1,24}")


@dataclass(frozen=True, slots=True)
class Blind:
    """A camera's time without good frames, from the last one to the next."""

    camera: str
    first: int  # µs UTC
    last: int
    reason: str

    def __post_init__(self) -> None:
        matching("camera", self.camera, CAMERA_OR_LANE)
        within("first", self.first, 0)
        within("last", self.last, self.first)
        matching("reason", self.reason, _REASON)


def encoded(blind: Blind) -> bytes:
    """Return the canonical bytes: the part `event` of a record of type `blind`."""
    return canonical.encoded({"v": canonical.VERSION, **asdict(blind)})


@canonical.reading("blind time")
def decoded(data: bytes) -> Blind:
    """Return the blind time that canonical bytes spell; Damaged for all other bytes."""
    value = canonical.decoded(data, bytes_max=BYTES_MAX)
    read = Fields(value, ("v", "camera", "first", "last", "reason"))
    read.version()
    return Blind(read.text("camera"), read.whole("first"), read.whole("last"), read.text("reason"))
