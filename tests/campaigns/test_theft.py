"""The campaign `theft` in short, and that its search finds what software leaves behind."""

import base64
from pathlib import Path

import pytest

from tests.campaigns import theft
from tests.server.searching import JPEG, searched

pytestmark = pytest.mark.long
DONE = {"upload", "search", "look", "note", "desk", "private rows", "ticket", "export", "backup"}


def test_nothing_known_is_found_on_a_disk_that_was_used_and_crashed() -> None:
    crashed, shut, did = theft.campaign(60, seed=3)
    assert {*DONE, "crash", "shutdown"} == set(did)
    assert crashed.is_clean, crashed.where
    assert shut.is_clean, shut.where


def test_the_control_finds_every_plate_and_picture_where_the_seal_is_off() -> None:
    plates = theft.known_plates(60, seed=3)
    found = theft.control(60, seed=3)
    assert found.known == set(plates)
    assert found.pictures >= 60


@pytest.mark.parametrize(
    "left",
    [
        b"xx ABC123XYZ yy",
        b"x abc123xyz",
        "z ABC123XYZ".encode("utf-16"),
        "zz ABC123XYZ".encode("utf-16-be"),
        b"ABC123XYZ".hex().encode(),
        b"ZYX321CBA",
        *(base64.b64encode(b"0" * n + b"ABC123XYZ and more") for n in range(6)),
    ],
)
def test_a_plate_is_found_however_it_is_spelt(tmp_path: Path, left: bytes) -> None:
    (tmp_path / "heap").write_bytes(b"\0" * 13 + left + b"\0" * 9)
    assert searched(tmp_path, ["QQQQQQQQQ", "ABC123XYZ"]).known == {"ABC123XYZ"}


def test_a_plate_in_a_files_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "ABC123XYZ.txt").touch()
    assert searched(tmp_path, ["ABC123XYZ"]).known == {"ABC123XYZ"}


def test_a_key_is_found_in_its_bytes_and_a_picture_by_how_it_begins(tmp_path: Path) -> None:
    key = bytes(range(20))
    (tmp_path / "core").write_bytes(b"x" + key.hex().encode() + JPEG)
    found = searched(tmp_path, [key])
    assert found.known == frozenset([key])
    assert (found.pictures, found.where) == (1, ("core",))
