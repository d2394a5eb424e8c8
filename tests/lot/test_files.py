"""No reader meets half a file, and what stood there before survives a failure."""

import os
import stat
from pathlib import Path

import pytest

from lot.errors import Unwritable
from lot.files import remove, write_private, write_whole, written_aside


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
    with pytest.raises(Unwritable, match=r"cannot write .*name another folder"):
        write_whole(tmp_path / "folder" / "table.csv", b"")


def test_a_private_file_is_our_users_alone(tmp_path: Path) -> None:
    path = tmp_path / "vault" / "keys" / "a.slot"
    before = os.umask(0)  # the widest there is
    try:
        write_private(path, b"one")
        write_private(path, b"other")
    finally:
        os.umask(before)
    assert path.read_bytes() == b"other"
    assert [left.name for left in path.parent.iterdir()] == ["a.slot"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for folder in (path.parent, path.parent.parent):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_writes_belongs_to_whom_the_folder_does(tmp_path: Path) -> None:
    os.chown(tmp_path, 12345, 23456)
    write_private(tmp_path / "index" / "lot" / "a.segment", b"one")
    made = [tmp_path.joinpath(*parts) for parts in (["index"], ["index", "lot"])]
    made.append(tmp_path / "index" / "lot" / "a.segment")
    assert {(one.stat().st_uid, one.stat().st_gid) for one in made} == {(12345, 23456)}


def test_a_private_file_is_written_over_what_a_killed_run_left_and_not_through_a_link(
    tmp_path: Path,
) -> None:
    outside = tmp_path / "outside"
    outside.write_bytes(b"untouched")
    aside = tmp_path / f".a.slot.{os.getpid()}.part"
    aside.symlink_to(outside)
    write_private(tmp_path / "a.slot", b"one")
    assert outside.read_bytes() == b"untouched"
    assert sorted(left.name for left in tmp_path.iterdir()) == ["a.slot", "outside"]


def test_a_private_file_that_cannot_be_written_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "keys").write_bytes(b"a file where a folder should be")
    with pytest.raises(Unwritable, match=r"cannot write .*user that runs this"):
        write_private(tmp_path / "keys" / "a.slot", b"")


def test_what_is_removed_is_gone_also_the_second_time(tmp_path: Path) -> None:
    write_private(tmp_path / "a.slot", b"one")
    for _ in range(2):
        remove(tmp_path / "a.slot")
        assert not list(tmp_path.iterdir())
    remove(tmp_path / "never" / "a.slot")
    (tmp_path / "folder").mkdir()
    with pytest.raises(Unwritable, match="cannot remove"):
        remove(tmp_path / "folder")
