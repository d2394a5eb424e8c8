"""The campaign `theft` in short, and that its search finds what software leaves behind."""

import base64
from pathlib import Path

import pytest

from tests.campaigns import theft


def test_no_plate_is_found_on_the_disk_and_the_control_finds_them_all() -> None:
    assert theft.campaign(60, seed=3, sealed=True).is_clean
    control = theft.campaign(60, seed=3, sealed=False)
    assert len(control.found) == control.plates == 60
    assert control.pictures >= 60


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
    assert theft.searched(tmp_path, ["QQQQQQQQQ", "ABC123XYZ"]).found == {"ABC123XYZ"}


def test_a_plate_in_a_files_name_is_found(tmp_path: Path) -> None:
    (tmp_path / "ABC123XYZ.txt").touch()
    assert theft.searched(tmp_path, ["ABC123XYZ"]).found == {"ABC123XYZ"}
