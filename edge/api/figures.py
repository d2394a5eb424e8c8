"""The recognition API's figures, for Prometheus, and a line of the log a request."""

from __future__ import annotations

import logging

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

TEXT = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 10.0)
_ACCESS = logging.getLogger("lotkeeper.access")


class Figures:
    """Counts requests by the template of their route, and pictures by what they came to."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "lotkeeper_api_requests_total",
            "Requests by route and status.",
            ("method", "route", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "lotkeeper_api_request_seconds",
            "How long answers took.",
            ("route",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        self._pictures = Counter(
            "lotkeeper_api_pictures_total",
            "Pictures by what they came to.",
            ("result",),
            registry=self._registry,
        )

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count a request and write its line."""
        self._requests.labels(method, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)
        _ACCESS.info("method=%s route=%s status=%d ms=%d", method, route, status, seconds * 1000)

    def picture(self, result: str) -> None:
        self._pictures.labels(result).inc()

    def text(self) -> bytes:
        """Return the figures as Prometheus reads them."""
        return generate_latest(self._registry)
