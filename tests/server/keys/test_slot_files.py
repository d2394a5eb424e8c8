"""Slots on the disk: each a private file, and a damaged one keeps no other from opening."""

import stat
from pathlib import Path

import pytest

from contract.canonical import Malformed
from lot.errors import Damaged
from server.keys.slot_files import SlotFolder
from server.keys.slots import SLOT_BYTES_MAX, decoded
from tests.contract import golden

SLOTS = [decoded(vector.data) for vector in golden.of("slot")]


def test_slots_come_back_oldest_first(tmp_path: Path) -> None:
    folder = SlotFolder(tmp_path / "slots")
    assert folder.found().slots == ()
    for slot in reversed(SLOTS):
        folder.put(slot)
    expected = sorted(SLOTS, key=lambda slot: (slot.terms.made, slot.terms.id))
    assert list(folder.found().slots) == expected
    assert folder.found().faults == ()


def test_a_slot_is_its_users_alone(tmp_path: Path) -> None:
    SlotFolder(tmp_path / "slots").put(SLOTS[0])
    (path,) = (tmp_path / "slots").iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_slot_that_is_removed_is_gone(tmp_path: Path) -> None:
    folder = SlotFolder(tmp_path)
    for slot in SLOTS:
        folder.put(slot)
    folder.remove(SLOTS[0].terms.id)
    assert SLOTS[0] not in folder.found().slots
    assert len(folder.found().slots) == len(SLOTS) - 1


def test_one_damaged_slot_keeps_no_other_from_opening(tmp_path: Path) -> None:
    folder = SlotFolder(tmp_path)
    folder.put(SLOTS[0])
    (whole,) = tmp_path.iterdir()
    (tmp_path / "cut.slot").write_bytes(whole.read_bytes()[:-1])
    (tmp_path / "other.slot").write_bytes(whole.read_bytes())
    (tmp_path / "large.slot").write_bytes(bytes(SLOT_BYTES_MAX + 1))
    (tmp_path / "folder.slot").mkdir()
    found = folder.found()
    assert found.slots == (SLOTS[0],)
    said = "\n".join(str(fault) for fault in found.faults)
    for name in ("cut.slot", "other.slot holds another slot", "large.slot", "folder.slot"):
        assert name in said


def test_a_name_that_is_no_id_reaches_no_file(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        SlotFolder(tmp_path).remove(b"../keys")


def test_faults_are_of_our_own_kind(tmp_path: Path) -> None:
    (tmp_path / "a.slot").write_bytes(b"\xff")
    (fault,) = SlotFolder(tmp_path).found().faults
    assert isinstance(fault, Damaged)
