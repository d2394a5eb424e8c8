"""Crops of an event's plate and vehicle."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.outputs.snapshots import Crops, crop, crops, write_crops
from edge.values import Box
from lot.errors import Unwritable
from tests.edge.outputs.events import ENTRY

PICTURE = np.zeros((100, 200, 3), np.uint8)
PICTURE[40:60, 100:140] = 255
PLATE = Box(0.5, 0.4, 0.7, 0.6)


def test_a_crop_shows_the_box_and_a_little_around_it() -> None:
    found = crop(PICTURE, PLATE, 0.1)
    assert found is not None
    assert found.shape == (24, 48, 3)
    assert (found[2:22, 4:44] == 255).all()


@given(st.tuples(*[st.floats(-2, 3)] * 4), st.floats(0, 1))
def test_a_box_anywhere_gives_a_part_of_the_picture_or_nothing(
    sides: tuple[float, float, float, float], margin: float
) -> None:
    found = crop(PICTURE, Box(*sides), margin)
    assert found is None or (0 < found.shape[0] <= 100 and 0 < found.shape[1] <= 200)


def test_a_crop_is_a_copy() -> None:
    found = crop(PICTURE, PLATE, 0.1)
    assert found is not None
    assert not np.shares_memory(found, PICTURE)


def test_plate_and_vehicle_lie_beside_the_table_under_the_events_id(tmp_path: Path) -> None:
    written = write_crops(tmp_path, ENTRY.id, crops(PICTURE, PLATE, Box(0, 0, 1, 1)))
    assert [path.name for path in written] == [f"{ENTRY.id}-plate.jpg", f"{ENTRY.id}-vehicle.jpg"]
    assert cv2.imread(str(written[1])).shape == (100, 200, 3)


def test_what_is_unknown_is_left_out(tmp_path: Path) -> None:
    assert write_crops(tmp_path, ENTRY.id, crops(PICTURE, None, None)) == []
    assert list(tmp_path.iterdir()) == []


def test_only_an_events_id_becomes_a_files_name(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no event's id"):
        write_crops(tmp_path, "../../etc/passwd", Crops(PICTURE, None))


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unwritable, match="cannot write"):
        write_crops(tmp_path / "file", ENTRY.id, Crops(PICTURE, None))
