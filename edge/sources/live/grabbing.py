"""The grabbing process: one source, its pictures into shared memory, a line each to the gate.

`python -m edge.sources.live.grabbing DESCRIPTOR` reads what to open from standard input, since
the address may hold a password. Each line it writes is one JSON object: `begun`, `opened`,
`picture`, `failed` or `ended`. It ends when nobody listens any more.
"""

from __future__ import annotations

import hashlib
import json
import signal
import sys
import time
from dataclasses import dataclass

import numpy as np

from edge.sources.live.address import Address
from edge.sources.live.opening import pictures
from edge.sources.live.shared import Slots
from edge.values import Image
from lot.errors import LotError, Unreachable

_SAMPLED = 400  # points across and down, at most, that a picture is judged by


@dataclass(frozen=True, slots=True)
class Order:
    """What to grab, and how often a picture is wanted."""

    source: Address
    pictures_per_second: float
    udp: bool = False
    hardware: bool = False


def main() -> int:
    """Grab until the source ends; 0 where it ended by itself, 1 where it failed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the gate's to answer
    said = json.loads(sys.stdin.readline())
    order = Order(**{**said, "source": Address(**said["source"])})
    descriptor = int(sys.argv[1])
    try:
        _say(begun=True)
        _grab(order, descriptor)
    except LotError as error:
        _say(failed=str(error))
        return 1
    except BrokenPipeError:
        return 0
    _say(ended=True)
    return 0


def _grab(order: Order, descriptor: int) -> None:
    slots: Slots | None = None
    every = 1.0 / order.pictures_per_second
    due = 0.0
    number = 0
    for taken in pictures(order.source, udp=order.udp, hardware=order.hardware):
        now = time.monotonic()
        if now < due:
            continue
        # Kept to the beat, so that a camera of 30 gives ten a second and not seven.
        due = max(due + every, now)
        image = taken()
        height, width = image.shape[:2]
        if slots is None:
            slots = Slots(descriptor, width, height, grow=True)
            _say(opened=[width, height])
        elif (slots.width, slots.height) != (width, height):
            # The memory is mapped on the other side too: a new size is a new process's.
            raise Unreachable(
                f"{order.source.shown} changed its picture's size", then="it is tried again"
            )
        number += 1
        slots.write(number, image)
        digest, mean, spread = looks(image)
        _say(picture=number, at_s=now, digest=digest, mean=mean, spread=spread)


def looks(image: Image) -> tuple[str, float, float]:
    """Return a digest, the mean and the spread of a picture's points, a few thousand of them."""
    height, width = image.shape[:2]
    few = image[:: -(-height // _SAMPLED), :: -(-width // _SAMPLED)]
    grey = few.astype(np.float32).mean(axis=2)
    digest = hashlib.blake2b(np.ascontiguousarray(few).tobytes(), digest_size=8).hexdigest()
    return digest, round(float(grey.mean()), 2), round(float(grey.std()), 2)


def _say(**words: object) -> None:
    sys.stdout.write(json.dumps(words) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
