"""What holds for all tests: Hypothesis' examples, one Chromium a worker, the long ones first.

A machine under load is no reason to fail, nor is chance: every run tries the same examples, and the
campaign `properties` tries new ones.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "explore", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.register_profile("house", settings.get_profile("explore"), derandomize=True)
settings.load_profile("house")

if TYPE_CHECKING:
    from playwright.sync_api import Browser


@pytest.fixture(scope="session", name="chromium")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, one a worker, as two are more than Playwright bears; a context a test."""
    from benchmarks.chromium import chromium  # the tests of training have no Playwright

    with chromium() as found:
        yield found


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the long ones; the others keep their order."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)
