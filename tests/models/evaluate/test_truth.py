"""A table of what people saw in pictures, and what of it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.values import Box
from lot.errors import WrongUsage
from models.evaluate.truth import Corners, Truth, pictures_in, shown

BOXED = "image,plate,x1,y1,x2,y2"


def truth(folder: Path, *lines: str, head: str = BOXED) -> Truth:
    path = folder / "truth.csv"
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return pictures_in(path)


def test_a_line_is_a_plate_and_a_picture_may_have_several(tmp_path: Path) -> None:
    found = truth(tmp_path, "a.jpg,abc-1234,10,20,30,40", "b.jpg,X1,,,,", "a.jpg,?,50,60,70,80")
    assert not found.refused
    a, b = found.pictures
    assert (a.name, a.path) == ("a.jpg", tmp_path / "a.jpg")
    assert [(p.line, p.text, p.corners) for p in a.plates] == [
        (2, "ABC1234", Corners(10, 20, 30, 40)),
        (4, None, Corners(50, 60, 70, 80)),
    ]
    assert [(p.text, p.corners) for p in b.plates] == [("X1", None)]


def test_boxes_may_be_left_out_altogether(tmp_path: Path) -> None:
    (picture,) = truth(tmp_path, "week 1/a.jpg,A1,us", head="image,plate,note").pictures
    assert picture.plates[0].corners is None


def test_names_are_relative_to_the_table_and_may_leave_its_folder(tmp_path: Path) -> None:
    found = truth(tmp_path, "../b.jpg,A1,,,,", "/mnt/c.jpg,A1,,,,", "./d/../a.jpg,A1,,,,")
    assert [picture.path for picture in found.pictures] == [
        tmp_path.parent / "b.jpg",
        Path("/mnt/c.jpg"),
        tmp_path / "a.jpg",
    ]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        (",SECRET1,1,2,3,4", "no picture is named"),
        ("a.jpg,,1,2,3,4", "no plate is named"),
        ("a.jpg,--,1,2,3,4", "no plate is named"),
        ("a.jpg,?,,,,", "a plate that is not to be read needs its box"),
        ("a.jpg,SECRET1,1,2,3", "y2 is no number of pixels"),
        ("a.jpg,SECRET1,1,2,nan,4", "x2 is no number of pixels"),
        ("a.jpg,SECRET1,inf,2,3,4", "x1 is no number of pixels"),
        ("a.jpg,SECRET1,1,two,3,4", "y1 is no number of pixels"),
        ("a.jpg,SECRET1,3,2,1,4", "empty or reversed"),
        ("a.jpg,SECRET1,1,2,3,2", "empty or reversed"),
        ("b.jpg,B1,1,2,3,4", "it says what line 2 says"),
    ],
)
def test_a_wrong_line_is_named_and_its_picture_left_out_whole(
    tmp_path: Path, line: str, why: str
) -> None:
    found = truth(tmp_path, "b.jpg,B1,1,2,3,4", "c.jpg,C1,,,,", line, "a.jpg,A1,,,,")
    (refused,) = found.refused
    assert "truth.csv, line 4: " in str(refused)
    assert why in str(refused)
    assert "SECRET" not in str(refused)
    named = line.split(",", maxsplit=1)[0]
    assert [p.name for p in found.pictures] == [
        n for n in ("b.jpg", "c.jpg", "a.jpg") if n != named
    ]


@pytest.mark.parametrize(
    ("head", "lines", "why"),
    [
        ("picture,plate", ["a.jpg,A1"], "has no column image"),
        ("image,plate,x1,y1", ["a.jpg,A1,1,2"], "has no column x2, y2"),
        (BOXED, [], "has no row"),
    ],
)
def test_a_table_of_another_kind_is_refused_whole(
    tmp_path: Path, head: str, lines: list[str], why: str
) -> None:
    with pytest.raises(WrongUsage, match=why):
        truth(tmp_path, *lines, head=head)


@pytest.mark.parametrize(
    ("corners", "box"),
    [
        (Corners(0, 0, 200, 100), Box(0, 0, 1, 1)),
        (Corners(20, 10, 40, 20), Box(0.1, 0.1, 0.2, 0.2)),
        (Corners(-1, 0, 201, 100.5), Box(0, 0, 1, 1)),  # rounded by whoever drew it
    ],
)
def test_a_box_is_a_share_of_its_picture(corners: Corners, box: Box) -> None:
    assert corners.box(200, 100) == box


@pytest.mark.parametrize(
    "corners", [Corners(-2, 0, 9, 9), Corners(0, 0, 9, 102), Corners(300, 0, 310, 9)]
)
def test_a_box_out_of_its_picture_is_none(corners: Corners) -> None:
    with pytest.raises(ValueError, match="px out of the 200 x 100 picture"):
        corners.box(200, 100)


def test_what_is_shown_moves_no_cursor() -> None:
    assert shown("a\x1b[2J\nb\u202e.jpg") == "a�[2J�b�.jpg"
