"""A lot's lessons come back as they were learned, or not at all."""

from __future__ import annotations

import pytest
import pytz

from benchmarks.weeks import Scene, drawn
from lot.errors import Damaged
from server.index.index import Index
from server.index.lessons_packed import packed, unpacked
from server.index.segments import lessons_opened, lessons_sealed
from server.visits.lessons import Lessons, plain

LOT, KEY = b"l" * 16, bytes(range(32))


@pytest.fixture(scope="module")
def lessons() -> Lessons:
    weeks = drawn(Scene(weeks=0.7, commuters=12, residents=4, visitors_a_day=8), seed=7)
    index = Index({LOT: pytz.utc})
    index.add_events(LOT, weeks.events)
    index.learn(LOT)
    return index.lessons(LOT)


def test_lessons_come_back_as_they_were_learned(lessons: Lessons) -> None:
    assert lessons.signs
    for one in (lessons, plain()):
        assert unpacked(packed(one)) == one


def test_lessons_that_are_cut_or_hold_what_nobody_counted_are_refused(lessons: Lessons) -> None:
    whole = packed(lessons)
    for at in (0, 3, 4, 40, len(whole) - 8, len(whole) - 1):
        with pytest.raises(Damaged):
            unpacked(whole[:at])
    for end in (b"x", bytes(8)):
        with pytest.raises(Damaged):
            unpacked(whole + end)
    for last in (b"\xff" * 8, bytes(8)):  # missed: no number, and never
        with pytest.raises(Damaged):
            unpacked(whole[:-8] + last)


def test_sealed_lessons_are_of_their_lot_and_generation_alone(lessons: Lessons) -> None:
    plain_bytes = packed(lessons)
    sealed = lessons_sealed(plain_bytes, KEY, LOT, 3)
    assert lessons_opened(sealed, KEY, LOT, 3) == plain_bytes
    for lot, generation in ((b"m" * 16, 3), (LOT, 2)):
        with pytest.raises(Damaged):
            lessons_opened(sealed, KEY, lot, generation)
