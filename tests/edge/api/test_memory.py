"""What was seen, asked by plate: of an event its latest revision counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from edge.api.memory import found, last_seen
from edge.delivery.journal import Journal, Keeps
from lot.times import moment
from tests.edge.delivery import lot


def test_a_corrected_plate_was_never_seen_as_it_was_first_read() -> None:
    first = replace(lot.an_event(1), plate="8ABC123")
    second = replace(first, revision=2, plate="BABC123")
    assert set(last_seen([first, second])) == {"BABC123"}
    assert set(last_seen([second, first])) == {"BABC123"}


def test_what_proved_to_be_nothing_and_what_nobody_read_is_no_plate() -> None:
    event = lot.an_event(1)
    void = replace(event, revision=2, kind="void", kind_by=None, refers=lot.an_event(2).id)
    unread = replace(lot.an_event(3), plate=None, confidence=None, characters=())
    assert last_seen([event, void, unread]) == {}


def test_a_plate_is_found_however_it_is_typed_and_when_it_was_seen_last(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "journal.sqlite3", lot.EDGE, Keeps(timedelta(hours=24)))
    for number in (1, 2):
        event = replace(lot.an_event(number), plate="8ABC123")
        journal.put(event, {}, event.last_seen)
    seen, other = found(journal, ["8abc-123", "XYZ"], moment(lot.NOON))
    assert (seen.plate, seen.last_seen) == ("8abc-123", moment(lot.an_event(2).last_seen))
    assert other.last_seen is None
    (later,) = found(journal, ["8ABC123"], moment(lot.an_event(2).last_seen + 1))
    assert later.last_seen is None
