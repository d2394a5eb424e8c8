"""No reader meets half a file, and what stood there before survives a failure."""

from pathlib import Path

import pytest

from lot.errors import Unwritable
from lot.files import write_whole, written_aside


def test_a_file_appears_whole_and_nothing_remains_beside_it(tmp_path: Path) -> None:
    write_whole(tmp_path / "new" / "table.csv", b"whole")
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["table.csv"]
    assert (tmp_path / "new" / "table.csv").read_bytes() == b"whole"


def test_after_a_failure_the_old_file_stands_and_no_part_of_the_new_one(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"old")
    with pytest.raises(RuntimeError), written_aside(path) as aside:
        aside.write_bytes(b"half")
        raise RuntimeError
    assert path.read_bytes() == b"old"
    assert [left.name for left in tmp_path.iterdir()] == ["table.csv"]


def test_what_cannot_be_written_is_named_with_the_mend(tmp_path: Path) -> None:
    (tmp_path / "folder").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unwritable, match=r"cannot write .*name another folder with --output"):
        write_whole(tmp_path / "folder" / "table.csv", b"")
