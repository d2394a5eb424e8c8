"""The list of newest versions: whatever is lost on the way, a row that is there can be read."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import RolledBack
from server.keys.holder.newest import Newest

_ROW = bytes(16)
_CHANGES = st.lists(st.sampled_from(["refused", "kept", "confirmed"]), max_size=12)


@given(_CHANGES)
def test_a_row_that_was_committed_is_readable_whatever_was_lost_after_it(ends: list[str]) -> None:
    with TemporaryDirectory() as folder:
        newest = Newest(Path(folder) / "newest")
        there = confirmed = 0
        for end in ends:
            newest.note("customer", _ROW, there + 1)
            if end != "refused":
                there += 1
            if end == "confirmed":
                newest.confirm("customer", _ROW, there)
                confirmed = there
            if there:
                newest.check("customer", _ROW, there)
            for older in range(confirmed):
                with pytest.raises(RolledBack):
                    newest.check("customer", _ROW, older)
        newest.close()


def test_the_version_that_another_was_made_from_counts_where_versions_leap(tmp_path: Path) -> None:
    newest = Newest(tmp_path / "newest")
    newest.note("writers", _ROW, 1_000)
    newest.note("writers", _ROW, 2_000, was=1_000)
    newest.check("writers", _ROW, 1_000)
    newest.note("writers", _ROW, 3_000, was=1_000)
    newest.check("writers", _ROW, 1_000)


def test_what_was_made_from_the_version_before_takes_its_neighbours_place(tmp_path: Path) -> None:
    newest = Newest(tmp_path / "newest")
    newest.note("customer", _ROW, 1)
    newest.confirm("customer", _ROW, 1)
    newest.note("customer", _ROW, 2)
    newest.note("customer", _ROW, 2)
    newest.check("customer", _ROW, 1)
    with pytest.raises(RolledBack):
        newest.note("customer", _ROW, 1)
