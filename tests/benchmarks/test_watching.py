"""How late an event counts with each who watches."""

from __future__ import annotations

from benchmarks.watching import NEVER_S, late


def test_each_event_counts_with_each_who_watches_and_what_never_came_counts_for_long() -> None:
    sent = {"first": 10.0, "second": 12.0}
    prompt = {"first": 10.5, "second": 12.25, "before it was measured": 3.0}
    assert late(sent, [prompt, {"first": 11.0}]) == [0.5, 0.25, 1.0, NEVER_S]
