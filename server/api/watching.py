"""What the API tells of itself: a line a request, and figures; neither holds a path or a query."""

from __future__ import annotations

import logging

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

ACCESS = logging.getLogger("lotkeeper.access")
_SECONDS = (0.005, 0.02, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Watch:
    """Counts requests by the template of their route."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._requests = Counter(
            "lotkeeper_requests_total",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self.registry,
        )
        self._seconds = Histogram(
            "lotkeeper_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.batches = Counter(
            "lotkeeper_batches_stored_total", "Batches acknowledged.", registry=self.registry
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and write its line."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        ACCESS.info("method=%s route=%s status=%d ms=%d", method, route, status, seconds * 1000)

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self.registry)
