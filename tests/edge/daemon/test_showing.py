"""A recording of the gate: each day's table whole, and a full disk that stops no gate."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from contract.event import Event
from edge.daemon.showing import Onlookers, Recorder
from lot.errors import Unwritable
from lot.times import microseconds
from tests.edge.delivery.lot import an_event

MIDNIGHT = datetime(2026, 11, 26, tzinfo=timezone.utc)


def final(number: int, seconds: float) -> Event:
    at = microseconds(MIDNIGHT + timedelta(seconds=seconds))
    said = an_event(number)
    return replace(
        said, kind="entry", kind_by="role", first_seen=at, best_at=at, last_seen=at, final=True
    )


def ids(table: Path) -> set[str]:
    with table.open(newline="", encoding="utf-8") as stream:
        return {row["event_id"] for row in csv.DictReader(stream)}


def test_what_becomes_final_after_midnight_stands_in_the_day_that_it_happened(
    tmp_path: Path,
) -> None:
    recorder = Recorder(tmp_path, 10, timezone.utc)
    late, early, later = final(1, -10), final(2, 5), final(3, -5)
    for one in (late, early, later):
        recorder.events([one])
    assert ids(tmp_path / "events-20261125.csv") == {late.id, later.id}
    assert ids(tmp_path / "events-20261126.csv") == {early.id}


def test_a_recording_that_cannot_go_on_leaves_the_gate_alone(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    class Full(Recorder):
        def events(self, events: object) -> None:
            raise Unwritable("the disk is full", then="make room")

    onlookers = Onlookers({}, {}, Full(tmp_path, 10, timezone.utc), lambda: None)
    onlookers.events([final(1, 0)])
    onlookers.events([final(2, 1)])
    assert caplog.text.count("the disk is full") == 1
