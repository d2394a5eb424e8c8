"""What measures given weights is what they never saw, and the evaluation reads it."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import NOTHING_READ
from models.evaluate.truth import Corners, pictures_in
from models.heldout import main, never_seen
from models.reader.data import ALPHABET, Crop
from models.split import TOGETHER, by_picture, held, held_by_text

PLATES = st.lists(
    st.builds(
        lambda text, number: Crop(Path("1.png"), text, "eu", "gate", f"gate/{number}"),
        st.text(ALPHABET, min_size=1, max_size=3),
        st.integers(0, 30),
    ),
    max_size=40,
)
NO_CARD = Path("nowhere") / "weights.onnx"  # as weights of before: their card says nothing
HELD, TAUGHT = (next(n for n in range(99) if by_picture(f"gate/{n}") is of) for of in (True, False))


@given(PLATES)
def test_what_older_weights_were_taught_measures_neither(plates: list[Crop]) -> None:
    pictures = [plate.picture for plate in plates if plate.picture]
    both = never_seen(pictures, plates, detector=NO_CARD, reader=NO_CARD)
    assert both == {p for p in pictures if by_picture(p)} & held_by_text(plates).pictures
    assert both <= never_seen(pictures, plates, reader=NO_CARD) <= held(pictures, plates).pictures
    assert never_seen(pictures, plates) == held(pictures, plates).pictures


def test_weights_that_were_split_together_are_measured_by_all_that_is_held(tmp_path: Path) -> None:
    (tmp_path / "w.json").write_text(json.dumps({"split": TOGETHER}))
    plates = [Crop(Path("1.png"), "AB1", "eu", "gate", f"gate/{HELD}")]
    weights = tmp_path / "w.onnx"
    assert never_seen([], plates, weights, weights) == {f"gate/{HELD}"}


def a_picture(folder: Path, number: int, boxes: int = 1) -> None:
    for name in ("images", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(folder / f"images/{number}.png"), np.zeros((100, 200, 3), np.uint8))
    (folder / f"labels/{number}.txt").write_text("0 0.5 0.5 0.4 0.2\n" * boxes)


def a_table(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    (folder / "truth.csv").write_text("\n".join(["file,text,region,state,note,picture", *rows, ""]))
    return folder


def test_the_truth_names_the_held_pictures_with_their_plates_and_boxes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_picture(tmp_path / "data/gate", HELD)
    a_picture(tmp_path / "data/gate", TAUGHT)
    free = next(
        text
        for text in (f"FREE{n}" for n in range(99))
        if not held_by_text([Crop(Path("1.png"), text, None, "gate", None)]).texts
    )
    rows = [f"1.png,HELD1,DE,,,{HELD}", f"2.png,{free},DE,,,{TAUGHT}"]
    table = a_table(tmp_path / "gate", *rows)
    truth = tmp_path / "truth.csv"
    assert main([str(truth), str(tmp_path / "data"), "--crops", str(table)]) == 0
    (picture,) = pictures_in(truth).pictures
    assert picture.path == tmp_path / f"data/gate/images/{HELD}.png"
    (plate,) = picture.plates
    assert (plate.text, plate.corners) == ("HELD1", Corners(60, 40, 140, 60))
    assert "1 pictures never seen, 1 of them with every text" in capsys.readouterr().err


def test_a_picture_with_a_plate_that_has_no_text_is_left_out(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_picture(tmp_path / "data/gate", HELD, boxes=2)
    table = a_table(tmp_path / "gate", f"1.png,HELD1,DE,,,{HELD}")
    truth = tmp_path / "truth.csv"
    assert main([str(truth), str(tmp_path / "data"), "--crops", str(table)]) == NOTHING_READ
    assert "no picture with text is left" in capsys.readouterr().err
    assert not truth.exists()


def test_unread_plates_measure_the_finding_where_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    a_picture(tmp_path / "data/gate", HELD)
    table = a_table(tmp_path / "gate", "1.png,HELD1,DE,,,another")
    truth = tmp_path / "truth.csv"
    words = [str(truth), str(tmp_path / "data"), "--crops", str(table), "--unread"]
    assert main(words) == 0
    ((plate,),) = (picture.plates for picture in pictures_in(truth).pictures)
    assert (plate.text, plate.corners) == (None, Corners(60, 40, 140, 60))
    assert "1 pictures never seen, 0 of them with every text" in capsys.readouterr().err
