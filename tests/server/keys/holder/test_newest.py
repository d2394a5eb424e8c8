"""The list of newest versions: whatever is lost on the way, a row that is there can be read."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lot.errors import RolledBack
from server.keys.holder.newest import Newest

_ROW = bytes(16)
_ENDS = st.sampled_from(["refused", "kept", "confirmed"])
_SOME = settings(max_examples=60)  # each step is synced


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Newest]:
    with closing(Newest(tmp_path / "newest")) as found:
        yield found


def _check(newest: Newest, row: bytes, there: int | None, confirmed: int) -> None:
    """Check that what is there is readable, and nothing below what was confirmed."""
    if there:
        newest.check("customer", row, there)
    for older in range(confirmed):
        with pytest.raises(RolledBack):
            newest.check("customer", row, older)


def test_a_row_that_was_committed_is_readable_whatever_was_lost_after_it(newest: Newest) -> None:
    @_SOME
    @given(st.lists(_ENDS, max_size=12))
    def holds(ends: list[str]) -> None:
        row, there, confirmed = secrets.token_bytes(16), 0, 0
        for end in ends:
            newest.note("customer", row, there + 1)
            if end != "refused":
                there += 1
            if end == "confirmed":
                newest.confirm("customer", row, there)
                confirmed = there
            _check(newest, row, there, confirmed)

    holds()


def test_a_row_that_was_dropped_may_come_again_and_none_of_before_is_put_back(
    newest: Newest,
) -> None:
    @_SOME
    @given(st.lists(st.tuples(st.booleans(), _ENDS), max_size=12))
    def holds(changes: list[tuple[bool, str]]) -> None:
        row, there, confirmed = secrets.token_bytes(16), 0, 0
        for is_drop, end in changes:
            if is_drop and not there:
                continue
            version = there + 1 if there else newest.first("customer", row)
            newest.note("customer", row, version, gone=is_drop)
            if end != "refused":
                there = 0 if is_drop else version
            if end == "confirmed":
                newest.confirm("customer", row, version)
                confirmed = version
            _check(newest, row, there, confirmed)

    holds()


def test_of_two_made_from_one_at_a_time_the_one_that_was_committed_is_readable(
    newest: Newest,
) -> None:
    @_SOME
    @given(st.lists(st.tuples(_ENDS, _ENDS, st.booleans()), max_size=8))
    def holds(changes: list[tuple[str, str, bool]]) -> None:
        row, there, now = secrets.token_bytes(16), 0, 1_000
        for first_ends, second_ends, is_first in changes:
            now += 7
            made = [newest.note_leap("customer", row, was=there, least=now + n) for n in range(2)]
            pairs = list(zip(made, (first_ends, second_ends), strict=True))
            for version, end in pairs if is_first else reversed(pairs):
                if end == "refused" or version <= there:
                    continue  # the database takes what is newer than what it has
                there = version
                if end == "confirmed":
                    newest.confirm("customer", row, version)
            _check(newest, row, there, 0)

    holds()


def test_nothing_is_made_from_a_version_that_another_took_the_place_of(newest: Newest) -> None:
    for was in (0, 1_000):
        made = newest.note_leap("writers", _ROW, was=was, least=was + 1_000)
        newest.confirm("writers", _ROW, made)
    with pytest.raises(RolledBack):
        newest.note_leap("writers", _ROW, was=1_000, least=9_000)
    newest.check("writers", _ROW, 2_000)


def test_what_was_made_from_the_version_before_takes_its_neighbours_place(newest: Newest) -> None:
    newest.note("customer", _ROW, 1)
    newest.confirm("customer", _ROW, 1)
    newest.note("customer", _ROW, 2)
    newest.note("customer", _ROW, 2)
    newest.check("customer", _ROW, 1)
    with pytest.raises(RolledBack):
        newest.note("customer", _ROW, 1)
