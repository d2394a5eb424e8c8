"""Refusals are written down once at once, then counted: nobody fills the disk with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Connection

from lot.errors import NoSpace
from server.access.refusing import KINDS_MAX, WINDOW_S, Counted, Refusal, Refusals, Tally
from server.store.database import Database

SOMEBODY, ANOTHER = b"a" * 16, b"b" * 16
ONE = Refusal("refused", "find_visits", "forbidden", "192.168.1.9", SOMEBODY, None)


class Ledger:
    """Writes lines, but not while the database has no room."""

    def __init__(self) -> None:
        self.is_full = True
        self.lines: list[Mapping[str, object]] = []

    def line(
        self,
        write: Connection,
        act: str,
        detail: object = None,
        *,
        lot: bytes | None = None,
        actor: bytes | None = None,
    ) -> None:
        if self.is_full:
            raise NoSpace("no room", then="make some")
        assert isinstance(detail, Mapping)
        self.lines.append(detail)


class Steady:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


def test_the_first_is_a_line_at_once_and_the_rest_of_the_hour_one_more() -> None:
    steady = Steady()
    tally = Tally(steady)
    assert [*tally.met(ONE)] == [Counted(ONE, 1)]
    for _ in range(500):
        assert [*tally.met(ONE)] == []
    assert [*tally.due()] == []
    steady.now += WINDOW_S
    assert [*tally.due()] == [Counted(ONE, 500)]
    assert [*tally.due()] == []
    assert [*tally.met(ONE)] == [Counted(ONE, 1)]


def test_one_person_does_not_hide_another_behind_many_kinds() -> None:
    tally = Tally(Steady())
    for number in range(500):
        [*tally.met(replace(ONE, what=f"operation_{number}"))]
    other = replace(ONE, actor=ANOTHER)
    assert [*tally.met(other)] == [Counted(other, 1)]


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0, WINDOW_S / 3)), max_size=200))
def test_none_is_missed_and_there_are_few_lines(tries: list[tuple[int, float]]) -> None:
    steady = Steady()
    tally, lines = Tally(steady), list[Counted]()
    for kind, pause in tries:
        steady.now += pause
        lines += tally.met(replace(ONE, what=str(kind)))
    steady.now += WINDOW_S
    lines += tally.due()
    assert sum(line.count for line in lines) == len(tries)
    hours = sum(pause for _, pause in tries) / WINDOW_S + 1
    assert len(lines) <= (2 * KINDS_MAX + 1) * hours


def test_a_line_that_could_not_be_written_comes_with_the_next(tmp_path: Path) -> None:
    ledger, database = Ledger(), Database.open(f"sqlite:///{tmp_path / 'rows'}")
    refusals = Refusals(database, ledger)
    refusals.note(ONE)  # and whoever was refused is answered all the same
    ledger.is_full = False
    refusals.note(replace(ONE, code="locked"))
    assert [line["code"] for line in ledger.lines] == ["forbidden", "locked"]
    database.close()
