"""What an owner writes of cameras is understood whole, or every fault of it is named at once."""

from pathlib import Path

import pytest

from edge.camera_files import cameras_in
from edge.cameras import Camera, Lane
from lot.errors import WrongSettings


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "cameras.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_camera_with_sides_and_a_lane(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        [north]
        gate = "main"
        role = "entry"
        street = ["bottom"]
        [[north.lanes]]
        name = "1"
        polygon = [[0.1, 0.4], [0.9, 0.4], [0.5, 1]]
        arrow = [[0.5, 1.0], [0.5, 0.4]]
        [south]
        """,
    )
    lane = Lane("1", ((0.1, 0.4), (0.9, 0.4), (0.5, 1.0)), ((0.5, 1.0), (0.5, 0.4)))
    north = Camera("north", "main", "entry", frozenset({"bottom"}), frozenset(), (lane,))
    assert cameras_in(path) == {"north": north, "south": Camera("south")}


def test_every_fault_is_named_at_once(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        """
        loose = 1
        [[camera]]
        source = "rtsp://cam"
        [a]
        rolle = "entry"
        role = "in"
        street = ["below"]
        [[a.lanes]]
        name = "1"
        polygon = [[0, 0], [1, 1], [2, 0]]
        arrow = [[0, 0], [0, 0.5]]
        [b]
        street = ["left"]
        lot = ["left"]
        """,
    )
    with pytest.raises(WrongSettings) as raised:
        cameras_in(path)
    told = str(raised.value)
    for words in (
        "loose",
        "[[camera]] is a list",
        "rolle",
        "role is 'in'",
        "below",
        "fractions",
        "left is street and lot",
    ):
        assert words in told


@pytest.mark.parametrize("text", ["", "[north", "\x00", "[north]\nstreet = [1, 'left']"])
def test_what_is_no_cameras_file_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongSettings):
        cameras_in(written(tmp_path, text))


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="LOT_CAMERAS_FILE="):
        cameras_in(tmp_path / "none.toml")
