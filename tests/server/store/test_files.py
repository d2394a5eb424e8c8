"""Files named by a hash: whole or not there, for us alone, swept only when nothing needs them."""

from __future__ import annotations

import errno
import os
import stat
import threading
from pathlib import Path

import pytest

from lot.errors import NoSpace
from server.store.files import HashedFiles
from server.store.pictures import picture_folder
from server.store.wraps import wrap_folder

LOT, NAME, OTHER = bytes(16), b"\xab" * 32, b"\xac" * 32
ALL_DAY = 2.0**40  # a time that every file is older than


@pytest.fixture(params=[picture_folder, wrap_folder])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> HashedFiles:
    made: HashedFiles = request.param(tmp_path / "state" / "files")
    return made


def test_what_was_put_is_there_until_it_is_deleted(files: HashedFiles) -> None:
    assert files.get(LOT, NAME) is None
    files.put(LOT, NAME, b"sealed")
    assert (files.get(LOT, NAME), files.exists(LOT, NAME)) == (b"sealed", True)
    assert [(one.lot, one.name) for one in files.walk()] == [(LOT, NAME)]
    files.delete(LOT, NAME)
    files.delete(LOT, NAME)
    assert (files.get(LOT, NAME), list(files.walk())) == (None, [])


def test_what_is_there_is_not_written_again(files: HashedFiles) -> None:
    files.put(LOT, NAME, b"first")
    files.put_all(LOT, {NAME: b"again", OTHER: b"new"})
    assert (files.get(LOT, NAME), files.get(LOT, OTHER)) == (b"first", b"new")


def test_files_are_for_our_user_alone(files: HashedFiles, tmp_path: Path) -> None:
    files.put(LOT, NAME, b"sealed")
    for path in (tmp_path / "state").rglob("*"):
        wanted = 0o700 if path.is_dir() else 0o600
        assert stat.S_IMODE(path.stat().st_mode) == wanted, path


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may give files away")
def test_what_root_puts_is_read_by_whom_the_folder_belongs_to(
    files: HashedFiles, tmp_path: Path
) -> None:
    (tmp_path / "state").mkdir(mode=0o700)
    os.chown(tmp_path / "state", 12345, 23456)
    files.put(LOT, NAME, b"sealed")
    for path in (tmp_path / "state").rglob("*"):
        assert (path.stat().st_uid, path.stat().st_gid) == (12345, 23456), path


def test_a_destroyed_file_was_overwritten_before(files: HashedFiles, tmp_path: Path) -> None:
    files.put(LOT, NAME, b"secret")
    (kept,) = files.walk()
    twin = tmp_path / "twin"
    os.link(kept.path, twin)  # what a copy of the same blocks would still hold
    files.destroy(LOT, NAME)
    files.destroy(LOT, NAME)
    assert (files.exists(LOT, NAME), b"secret" in twin.read_bytes()) == (False, False)


def test_only_what_no_row_names_is_swept_and_only_when_old(files: HashedFiles) -> None:
    files.put_all(LOT, {NAME: b"named", OTHER: b"left by a crash"})
    assert files.sweep(lambda _, name: name == NAME, older_than=0.0) == 0
    assert files.sweep(lambda _, name: name == NAME, older_than=ALL_DAY) == 1
    assert [one.name for one in files.walk()] == [NAME]


def test_what_is_put_again_is_not_swept_before_its_row_can_have_come(files: HashedFiles) -> None:
    files.put(LOT, NAME, b"its first transaction failed")
    for one in files.walk():
        os.utime(one.path, (0, 0))
    files.put(LOT, NAME, b"its first transaction failed")
    assert files.sweep(lambda *_: False, older_than=1.0) == 0
    assert files.exists(LOT, NAME)


def test_many_are_put_at_once(files: HashedFiles) -> None:
    many = {bytes([n]) * 32: b"sealed %d" % n for n in range(40)}
    files.put_all(LOT, many)
    assert {one.name: one.path.read_bytes() for one in files.walk()} == many
    assert not [one for one in files.walk() if one.path.stat().st_mode & 0o077]


def test_what_was_never_finished_is_swept(files: HashedFiles) -> None:
    files.put(LOT, NAME, b"named")
    (kept,) = files.walk()
    torn = kept.path.with_name(f".{OTHER.hex()}.7.part")
    torn.write_bytes(b"to")
    assert files.sweep(lambda *_: True, older_than=ALL_DAY) == 1
    assert not torn.exists()


def test_nothing_is_swept_between_a_file_and_its_row(files: HashedFiles) -> None:
    swept = threading.Event()

    def sweep() -> None:
        files.sweep(lambda *_: False, older_than=ALL_DAY)
        swept.set()

    with files.keeping():
        files.put(LOT, NAME, b"its row comes")
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        assert not swept.wait(0.05)
        assert files.exists(LOT, NAME)
    sweeper.join()
    assert not files.exists(LOT, NAME)


def test_a_full_disk_is_told_and_leaves_nothing(
    files: HashedFiles, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(NoSpace):
        files.put(LOT, NAME, b"sealed")
    monkeypatch.undo()
    assert list(files.walk()) == []
    assert not list(tmp_path.rglob("*.part"))
