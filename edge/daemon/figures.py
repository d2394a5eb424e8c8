"""The gate's figures for Prometheus: what it sees, how long that takes, what waits, what was blind.

Counted in the loop's thread; asked for from another through the hatch.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

from contract.event import Event
from edge.daemon.lookout import Lookout, News
from edge.daemon.loop import Seen
from edge.delivery.outbox import Counts
from edge.detection import Detector
from edge.eyes import Eyes
from edge.reading import Reader
from edge.values import Detection, Image, Reading
from lot.times import moment

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)


class GateFigures(Seen):
    """Counts what the loop tells."""

    def __init__(self) -> None:
        self._uncounted_now: Callable[[], Mapping[str, int]] = dict
        self._also: Callable[[], bytes] = bytes
        self._clips_left_out_now: Callable[[], int] = int
        self._outbox_now: Callable[[], Counts] | None = None
        self._registry = registry = CollectorRegistry()
        self._frames = Counter(
            "lotkeeper_frames_total", "Pictures that came.", ("camera",), registry=registry
        )
        self._looked = Counter(
            "lotkeeper_frames_looked_total",
            "Pictures that the detector looked at.",
            ("camera",),
            registry=registry,
        )
        self._stages = Histogram(
            "lotkeeper_stage_seconds",
            "How long each stage takes: detect and read a call; seen: from the picture's own time "
            "until it has walked the road; kept: from an event's best picture until it is kept.",
            ("stage",),
            buckets=_SECONDS,
            registry=registry,
        )
        self._events = Counter(
            "lotkeeper_events_total",
            "Final events, by kind and by why the plate was not read.",
            ("camera", "kind", "read"),
            registry=registry,
        )
        self._blind = Counter(
            "lotkeeper_blind_seconds_total",
            "Time in which a camera saw nothing, once it is over.",
            ("camera", "reason"),
            registry=registry,
        )
        self._is_blind = Gauge(
            "lotkeeper_camera_blind", "1 while a camera is blind.", ("camera",), registry=registry
        )
        self._age = Gauge(
            "lotkeeper_frame_age_seconds",
            "How old the newest picture was when it had been looked at: the camera's queue.",
            ("camera",),
            registry=registry,
        )
        self._uncounted = Gauge(
            "lotkeeper_uncounted_sightings",
            "Sightings since the start that made no event, by why.",
            ("why",),
            registry=registry,
        )
        self._clips = Gauge(
            "lotkeeper_clips_left_out",
            "Clips since the start that an event was told without: no room, or no time.",
            registry=registry,
        )
        self._outbox = Gauge(
            "lotkeeper_outbox_waiting",
            "What the server has not yet.",
            ("what",),
            registry=registry,
        )

    def outbox_from(self, counts: Callable[[], Counts]) -> None:
        """Say what counts the outbox when somebody asks."""
        self._outbox_now = counts

    def uncounted_from(self, uncounted: Callable[[], Mapping[str, int]]) -> None:
        """Say what counts the sightings that made no event."""
        self._uncounted_now = uncounted

    def clips_from(self, left_out: Callable[[], int]) -> None:
        """Say what counts the clips that were left out."""
        self._clips_left_out_now = left_out

    def also(self, more: Callable[[], bytes]) -> None:
        """Say what is told beside these figures."""
        self._also = more

    def eyes(self, eyes: Eyes) -> Eyes:
        """Return the same eyes, timed."""

        def timed(stage: str) -> Callable[[float], None]:
            return self._stages.labels(stage).observe

        return replace(
            eyes,
            detector=_TimedDetector(eyes.detector, timed("detect")),
            reader=_TimedReader(eyes.reader, timed("read")),
        )

    def turn(self, lookouts: Sequence[Lookout], news: Sequence[News]) -> None:
        now = time.time()
        for one, new in zip(lookouts, news, strict=True):
            self._is_blind.labels(one.name).set(one.blind)
            interval = None if new.ended is None else new.ended.interval
            if new.ended is not None and interval is not None and interval.last is not None:
                lasted = (interval.last - interval.first).total_seconds()
                self._blind.labels(one.name, new.ended.reason).inc(max(0.0, lasted))
            if new.frame is None:
                continue
            self._frames.labels(one.name).inc()
            age = max(0.0, now - new.frame.time.timestamp())
            self._age.labels(one.name).set(age)
            if new.step is not None and new.step.looked:
                self._looked.labels(one.name).inc()
                self._stages.labels("seen").observe(age)

    def events(self, events: Sequence[Event]) -> None:
        now = time.time()
        for one in events:
            if one.revision == 1:
                best = moment(one.best_at).timestamp()
                self._stages.labels("kept").observe(max(0.0, now - best))
            if one.final:
                read = "plate" if one.plate is not None else one.reason or "unknown"
                self._events.labels(one.camera, one.kind, read).inc()
        for why, count in dict(self._uncounted_now()).items():
            self._uncounted.labels(why).set(count)

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        self._clips.set(self._clips_left_out_now())
        if self._outbox_now is not None:
            counts = self._outbox_now()
            self._outbox.labels("records").set(counts.waiting)
            self._outbox.labels("pictures").set(counts.pictures_waiting)
            self._outbox.labels("unfinished").set(counts.unfinished)
        return generate_latest(self._registry) + self._also()


class _TimedDetector:
    def __init__(self, detector: Detector, told: Callable[[float], None]) -> None:
        self._detector = detector
        self._told = told

    def detect(self, images: Sequence[Image]) -> list[list[Detection]]:
        began = time.perf_counter()
        found = self._detector.detect(images)
        self._told(time.perf_counter() - began)
        return found


class _TimedReader:
    def __init__(self, reader: Reader, told: Callable[[float], None]) -> None:
        self._reader = reader
        self._told = told
        self.margin = reader.margin

    def read(self, crops: Sequence[Image]) -> list[Reading]:
        began = time.perf_counter()
        found = self._reader.read(crops)
        self._told(time.perf_counter() - began)
        return found
