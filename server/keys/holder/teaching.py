"""A lot's lessons: learned from all of its cars, and kept sealed beside the segments."""

from __future__ import annotations

from lot.clock import now_us
from server.index import lessons_packed, segments
from server.keys.holder import calls, reach
from server.keys.holder.desk import Desk
from server.visits.learning import learned


def learn(desk: Desk, asked: calls.Learn) -> calls.Lessons:
    """Learn a lot's lessons anew, and tell the cars that they are of by them."""
    with reach.index(desk, asked.lot) as index:
        index.settle()
        cars, darkness = index.to_learn_from(asked.lot)
    found = learned(cars, darkness)  # a Pi's minute, in which others find what they look for
    with reach.index(desk, asked.lot) as index:
        index.teach(asked.lot, found)
        index.settle()
    generation, plain = now_us(), lessons_packed.packed(found)
    key = desk.vault.vault.index
    return calls.Lessons(generation, segments.lessons_sealed(plain, key, asked.lot, generation))


def lessons_in(desk: Desk, asked: calls.LessonsIn) -> calls.Done:
    """Take a lot's lessons from the disk: its visits in the segments were told by them."""
    given, key = asked.lessons, desk.vault.vault.index
    plain = segments.lessons_opened(given.sealed, key, asked.lot, given.generation)
    found = lessons_packed.unpacked(plain)
    with reach.index(desk, asked.lot) as index:
        index.remember(asked.lot, found)
    return calls.Done()
