"""A camera kept alive: its grabbing process is watched, killed where it hangs, started anew.

One thread a camera, and it only ever waits for a line or for its turn to try again. Whoever
asks gets the newest good picture, or hears why there is none.
"""

from __future__ import annotations

import json
import logging
import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import datetime

from edge.sources.live.grabbing import Order
from edge.sources.live.health import Blindness, Glance, Health
from edge.sources.live.shared import Slots, made
from edge.values import Frame

HUNG_S = 9.0  # opening may take five and the first key picture two; a decoder may be stuck
# Libraries from a cold card on a busy board: who is ended while it loads them never comes back.
STARTS_S = 30.0
WAITS_S = (0.5, 1.0, 2.0, 4.0, 8.0)  # so a camera is back within half a minute of its return
_STEADY_S = 10.0  # of pictures, until a failure counts as the first again
_log = logging.getLogger("lotkeeper.camera")


@dataclass(frozen=True, slots=True)
class _Newest:
    number: int  # over all processes
    slot: int  # in its own process
    at_s: float
    slots: Slots


class KeptCamera:
    """One camera, from the first try to the last."""

    def __init__(self, name: str, order: Order, *, at: Callable[[float], datetime]) -> None:
        self.name = name
        self._order = order
        self._at = at  # from the monotonic clock to the camera's time
        self._lock = threading.Lock()
        self._health = Health()
        self._newest: _Newest | None = None
        self._count = 0
        self._complaint: str | None = None
        self.ended = threading.Event()  # a file that was played to its end
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name=f"camera {name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        """End its process, and wait for the thread."""
        self._stopping.set()
        with self._lock:
            if self._process is not None:
                self._process.kill()
        self._thread.join(timeout=5)

    def newest(self, after: int) -> Frame | None:
        """Return the newest picture, if it is later than number `after` and shows something."""
        with self._lock:
            newest, blind = self._newest, self._health.blindness(time.monotonic())
        if newest is None or newest.number <= after or blind is not None:
            return None
        image = newest.slots.read(newest.slot)
        if image is None:
            return None
        return Frame(self.name, newest.number, self._at(newest.at_s), image)

    def blindness(self) -> tuple[Blindness, datetime | None] | None:
        """Return why it sees nothing, and when it last did; None while it sees."""
        with self._lock:
            health = self._health
        why = health.blindness(time.monotonic())
        if why is None:
            return None
        return why, None if health.good_s is None else self._at(health.good_s)

    @property
    def complaint(self) -> str | None:
        """What the last try failed with, in a line; None while all is well."""
        with self._lock:
            return self._complaint

    def _keep(self) -> None:
        failures = 0
        while not self._stopping.is_set():
            began = time.monotonic()
            ended = self._once()
            if ended:
                self.ended.set()
                return
            failures = 0 if time.monotonic() - began > HUNG_S + _STEADY_S else failures + 1
            self._stopping.wait(WAITS_S[min(failures, len(WAITS_S) - 1)])

    def _once(self) -> bool:
        """Grab until that is over; return whether the source ended by itself."""
        descriptor = made(self.name)
        try:
            process = subprocess.Popen(
                [sys.executable, "-m", "edge.sources.live.grabbing", str(descriptor)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=[descriptor],
            )
            with process:
                with self._lock:
                    self._process = process
                    if self._stopping.is_set():
                        process.kill()
                try:
                    return self._listen(process, descriptor)
                finally:
                    process.kill()
        finally:
            os.close(descriptor)

    def _listen(self, process: subprocess.Popen[bytes], descriptor: int) -> bool:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(asdict(self._order)).encode() + b"\n")
        process.stdin.close()
        slots: Slots | None = None
        pending = b""
        patience_s = STARTS_S
        while True:
            ready, _, _ = select.select([process.stdout], [], [], patience_s)
            patience_s = HUNG_S
            if not ready:
                self._complain(f"{self._order.source.shown} has hung: its process is ended")
                return False
            read = os.read(process.stdout.fileno(), 65_536)
            if not read:
                return False
            *lines, pending = (pending + read).split(b"\n")
            for line in lines:
                said = json.loads(line)
                if "opened" in said:
                    width, height = said["opened"]
                    slots = Slots(descriptor, width, height, grow=False)
                elif "failed" in said:
                    self._complain(str(said["failed"]))
                elif "ended" in said:
                    return True
                elif slots is not None:
                    self._take(said, slots)

    def _take(self, said: dict[str, float | str], slots: Slots) -> None:
        at_s = float(said["at_s"])
        glance = Glance(
            at_s,
            bytes.fromhex(str(said["digest"])),
            float(said["mean"]),
            float(said["spread"]),
            (slots.width, slots.height),
        )
        with self._lock:
            self._count += 1
            self._newest = _Newest(self._count, int(said["picture"]), at_s, slots)
            self._health = self._health.after(glance)
            self._complaint = None

    def _complain(self, complaint: str) -> None:
        with self._lock:
            news, self._complaint = complaint != self._complaint, complaint
        if news:
            _log.warning("camera=%s said=%r", self.name, complaint)
