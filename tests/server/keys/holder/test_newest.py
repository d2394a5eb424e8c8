"""The list of newest versions: whatever is lost on the way, a row that is there can be read."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lot.errors import Damaged, RolledBack, Unwritable
from server.keys.holder.calls import GONE, Version
from server.keys.holder.newest import NOTED_MAX, Newest

_ROW = bytes(16)
_ENDS = st.sampled_from(["refused", "kept", "confirmed"])
_SOME = settings(max_examples=60)  # each step is synced


@pytest.fixture
def newest(tmp_path: Path) -> Iterator[Newest]:
    with closing(Newest(tmp_path / "newest")) as found:
        yield found


def _version(row: bytes, version: int, data: bytes = b"its bytes") -> Version:
    return Version.of("customer", row, version, data)


def _check(newest: Newest, row: bytes, there: int | None, confirmed: int) -> None:
    """Check that what is there is readable, and nothing below what was confirmed."""
    if there:
        newest.check(_version(row, there))
    for older in range(confirmed):
        with pytest.raises(RolledBack):
            newest.check(_version(row, older))


def test_a_row_that_was_committed_is_readable_whatever_was_lost_after_it(newest: Newest) -> None:
    @_SOME
    @given(st.lists(_ENDS, max_size=12), st.booleans())
    def holds(ends: list[str], is_looked_at: bool) -> None:
        row, there, confirmed = secrets.token_bytes(16), 0, 0
        for end in ends:
            newest.note(_version(row, there + 1))
            if end != "refused":
                there += 1
            if end == "confirmed":
                newest.confirm(_version(row, there))
                confirmed = there
            if is_looked_at:
                _check(newest, row, there, confirmed)
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
            made = _version(row, version, b"" if is_drop else b"its bytes")
            newest.note(made)
            if end != "refused":
                there = 0 if is_drop else version
            if end == "confirmed":
                newest.confirm(made)
                confirmed = version
            _check(newest, row, there, confirmed)

    holds()


@dataclass
class _History:
    """A row, the database that keeps it, and everything that was ever made of it."""

    newest: Newest
    row: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    there: Version | None = None
    stolen: list[Version] = field(default_factory=list)
    settled: Version | None = None  # the last that somebody confirmed, or that was looked at

    @property
    def was(self) -> int:
        return 0 if self.there is None else self.there.version

    def made(self, number: int, *, leaps: bool) -> Version:
        """Let a maker begin from what is there; its bytes are its own."""
        data = secrets.token_bytes(8)
        if leaps:
            least = self.was + 1 + number
            found = Version("customer", self.row, 0, GONE)

            def of(version: int) -> bytes:
                nonlocal found
                found = _version(self.row, version, data)
                return data

            self.newest.note_leap("customer", self.row, was=self.was, least=least, made=of)
        else:
            found = _version(self.row, self.was + 1, data)
            self.newest.note(found)
        self.stolen.append(found)
        return found

    def commit(self, made: Version) -> bool:
        """Keep what is newer than what is there, as the database does."""
        if made.version <= self.was:
            return False
        self.there = made
        return True

    def confirm(self, made: Version) -> None:
        self.newest.confirm(made)
        self.settled = made

    def look(self) -> None:
        if self.there is not None:
            self.newest.check(self.there)
            self.settled = self.there

    def steal(self) -> None:
        """Let a thief put each row that was ever made into the place of the one that is there.

        Of those that were looked at or confirmed none but the last counts, and none beside it.
        """
        for one in self.stolen:
            if self.settled is not None and one.version <= self.settled.version:
                if one == self.settled:
                    continue
                with pytest.raises(RolledBack):
                    self.newest.check(one)


@pytest.mark.parametrize("leaps", [True, False])
def test_of_two_that_make_a_version_at_once_only_what_was_kept_counts_whatever_a_thief_puts_there(
    newest: Newest, leaps: bool
) -> None:
    @_SOME
    @given(st.lists(st.tuples(_ENDS, _ENDS, st.booleans(), st.booleans()), max_size=8))
    def holds(changes: list[tuple[str, str, bool, bool]]) -> None:
        history = _History(newest)
        for first_ends, second_ends, is_first, is_looked_at in changes:
            made = [history.made(number, leaps=leaps) for number in range(2)]
            pairs = list(zip(made, (first_ends, second_ends), strict=True))
            for one, end in pairs if is_first else reversed(pairs):
                if end != "refused" and history.commit(one) and end == "confirmed":
                    history.confirm(one)
            if is_looked_at:
                history.look()
            history.steal()
        history.look()
        history.steal()

    holds()


def test_who_edits_and_who_deletes_at_once_leave_what_the_database_took(newest: Newest) -> None:
    for edit_is_first in (True, False):
        row = secrets.token_bytes(16)
        newest.note(_version(row, 1))
        edited, deleted = _version(row, 2, b"edited"), _version(row, 2, b"")
        newest.note(edited)
        newest.note(deleted)
        newest.confirm(edited if edit_is_first else deleted)
        if edit_is_first:
            newest.check(edited)
            newest.note(_version(row, 3))
        else:
            with pytest.raises(RolledBack):
                newest.check(edited)
            assert newest.first("customer", row) == 3


def test_a_look_settles_a_version_whose_confirmation_was_lost(newest: Newest) -> None:
    newest.note(_version(_ROW, 1))
    newest.confirm(_version(_ROW, 1))
    newest.note(_version(_ROW, 2))
    assert newest.unsettled() == (_version(_ROW, 2),)

    newest.check(_version(_ROW, 2))

    assert newest.unsettled() == ()
    with pytest.raises(RolledBack):
        newest.check(_version(_ROW, 1))


def test_what_cannot_be_settled_as_the_disk_is_full_is_read_and_settled_later(
    newest: Newest,
) -> None:
    newest.note(_version(_ROW, 1))
    newest._database.execute("PRAGMA query_only = ON")
    newest.check(_version(_ROW, 1))
    with pytest.raises(RolledBack):
        newest.check(_version(_ROW, 1, b"other bytes"))
    with pytest.raises(Unwritable):
        newest.note(_version(_ROW, 2))
    newest._database.execute("PRAGMA query_only = OFF")
    assert newest.unsettled() == (_version(_ROW, 1),)
    newest.check(_version(_ROW, 1))
    assert newest.unsettled() == ()


def test_nothing_is_made_from_a_version_that_another_took_the_place_of(newest: Newest) -> None:
    def leap(was: int, least: int) -> Version:
        def made(version: int) -> bytes:
            return b"%d" % version

        data = newest.note_leap("customer", _ROW, was=was, least=least, made=made)
        return _version(_ROW, int(data), data)

    for was in (0, 1_000):
        newest.confirm(leap(was, was + 1_000))
    with pytest.raises(RolledBack):
        leap(1_000, 9_000)
    newest.check(_version(_ROW, 2_000, b"2000"))


def test_what_was_made_from_the_version_before_stands_beside_its_neighbour(newest: Newest) -> None:
    newest.note(_version(_ROW, 1))
    newest.confirm(_version(_ROW, 1))
    newest.note(_version(_ROW, 2, b"one"))
    newest.note(_version(_ROW, 2, b"other"))
    newest.check(_version(_ROW, 1))
    with pytest.raises(RolledBack):
        newest.note(_version(_ROW, 1))
    newest.check(_version(_ROW, 2, b"one"))
    with pytest.raises(RolledBack):
        newest.check(_version(_ROW, 2, b"other"))


def test_what_waits_for_no_commit_is_taken_once(newest: Newest) -> None:
    newest.put(_version(_ROW, 7, b"a line"))
    for version, data in ((7, b"a line"), (7, b"another"), (6, b"an older one")):
        with pytest.raises(RolledBack):
            newest.put(_version(_ROW, version, data))


def test_what_is_noted_over_and_over_is_bounded_and_the_newest_of_it_kept(newest: Newest) -> None:
    for number in range(3 * NOTED_MAX):
        newest.note(_version(_ROW, 1, b"%d" % number))
    assert len(newest.unsettled()) == NOTED_MAX
    newest.check(_version(_ROW, 1, b"%d" % (3 * NOTED_MAX - 1)))


def test_a_list_of_another_form_is_refused_and_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "newest"
    with closing(sqlite3.connect(path)) as old:
        old.execute("CREATE TABLE newest (name TEXT, id BLOB, version INTEGER)")
    before = path.read_bytes()
    with pytest.raises(Damaged, match="form"):
        Newest(path)
    assert path.read_bytes() == before
