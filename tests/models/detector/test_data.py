"""Sets of pictures become one table, whatever form they come in."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.values import Box
from lot.errors import Unreadable
from models.detector.data import (
    Prepared,
    coco_boxes,
    gather,
    known_kind,
    never_taught,
    read_tables,
    sha_of,
    voc_boxes,
    without_copies,
    write_tables,
    yolo_boxes,
)
from models.reader.data import Crop
from models.split import ALONE, by_picture

VOC = """<annotation><size><width>200</width><height>100</height><depth>3</depth></size>
<object><name>licence</name><bndbox><xmin>20</xmin><ymin>30</ymin><xmax>60</xmax><ymax>50</ymax>
</bndbox></object>
<object><name>tree</name><bndbox><xmin>0</xmin><ymin>0</ymin><xmax>9</xmax><ymax>9</ymax>
</bndbox></object></annotation>"""

COCO = {
    "images": [{"id": 7, "file_name": "a.png", "width": 200, "height": 100}],
    "categories": [{"id": 1, "name": "License Plate"}, {"id": 2, "name": "dog"}],
    "annotations": [
        {"image_id": 7, "category_id": 1, "bbox": [20, 30, 40, 20]},
        {"image_id": 7, "category_id": 2, "bbox": [0, 0, 9, 9]},
    ],
}
THE_BOX = Box(0.1, 0.3, 0.3, 0.5)


def picture(path: Path, width: int = 200, height: int = 100) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), np.full((height, width, 3), 90, np.uint8))
    return path


def close(one: Box, other: Box) -> bool:
    return one.iou(other) > 0.999


def test_the_three_forms_give_the_same_box(tmp_path: Path) -> None:
    yolo, voc, coco = (tmp_path / name for name in ("a.txt", "a.xml", "a.json"))
    yolo.write_text("0 0.2 0.4 0.2 0.2\n")
    voc.write_text(VOC)
    coco.write_text(json.dumps(COCO))
    found = [list(yolo_boxes(yolo)), list(voc_boxes(voc)), list(coco_boxes(coco)["a.png"])]
    for boxes in found:
        ((kind, box),) = boxes
        assert kind == "plate"
        assert close(box, THE_BOX)


def test_every_set_below_the_folders_is_found_in_its_own_form(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    picture(one / "yolo/images/a.png")
    (one / "yolo/labels").mkdir()
    (one / "yolo/labels/a.txt").write_text("0 0.2 0.4 0.2 0.2\n")
    picture(one / "voc/images/a.png")
    (one / "voc/annotations").mkdir()
    (one / "voc/annotations/a.xml").write_text(VOC)
    picture(two / "coco/images/a.png")
    (two / "coco/annotations.json").write_text(json.dumps(COCO))
    prepared = gather([one, two])
    assert list(prepared.pictures["source"]) == ["voc", "yolo", "coco"]
    assert list(prepared.boxes["kind"]) == ["plate"] * 3
    assert set(prepared.pictures["width"]) == {200}


def test_a_yolo_set_names_its_classes_and_others_than_ours_are_left_out(tmp_path: Path) -> None:
    picture(tmp_path / "drawn/images/a.png")
    (tmp_path / "drawn/labels").mkdir()
    (tmp_path / "drawn/classes.txt").write_text("car\nbird\nplate\n")
    (tmp_path / "drawn/labels/a.txt").write_text(
        "0 0.5 0.5 0.2 0.2\n1 0.5 0.5 0.1 0.1\n2 0.5 0.5 0.1 0.05\n"
    )
    assert list(gather([tmp_path]).boxes["kind"]) == ["car", "plate"]


def test_a_picture_without_any_label_file_is_left_out_and_an_empty_one_shows_nothing(
    tmp_path: Path,
) -> None:
    picture(tmp_path / "s/images/unlabelled.png")
    picture(tmp_path / "s/images/empty.png")
    (tmp_path / "s/labels").mkdir()
    (tmp_path / "s/labels/empty.txt").write_text("")
    prepared = gather([tmp_path])
    assert list(prepared.pictures["picture"]) == ["s/images/empty.png"]
    assert prepared.boxes.empty


def test_boxes_that_reach_beyond_the_picture_end_at_its_border(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("0 0.95 0.5 0.2 0.2\n")
    ((_, box),) = yolo_boxes(path)
    assert box.right == 1.0


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.txt", "0 0.2 0.4\n", "line 1"),
        ("a.txt", "0 0.2 0.4 0.2 0.2\nplate 1 1 1 1\n", "line 2"),
        ("a.txt", "3 0.2 0.4 0.2 0.2\n", "line 1"),
        ("a.xml", "<annotation>", "Pascal VOC"),
        ("a.xml", VOC.replace("<xmin>20", "<xmin>wide"), "Pascal VOC"),
        ("a.xml", VOC.replace("<width>200", "<width>0"), "Pascal VOC"),
        ("a.json", "[]", "COCO"),
        ("a.json", "{", "COCO"),
        ("a.json", json.dumps({**COCO, "images": []}), "COCO"),
    ],
)
def test_a_damaged_label_is_named_in_one_line(
    tmp_path: Path, name: str, content: str, says: str
) -> None:
    path = tmp_path / name
    path.write_text(content)
    read = {"txt": yolo_boxes, "xml": voc_boxes, "json": coco_boxes}[name.rsplit(".", 1)[1]]
    with pytest.raises(Unreadable) as refused:
        list(read(path))
    assert says in str(refused.value)
    assert str(path) in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_folder_without_sets_is_refused(tmp_path: Path) -> None:
    picture(tmp_path / "holiday/images/beach.png")  # no labels beside: no set
    with pytest.raises(Unreadable, match="no set of pictures below"):
        gather([tmp_path])


def test_what_is_no_picture_is_refused_by_name(tmp_path: Path) -> None:
    (tmp_path / "s/images").mkdir(parents=True)
    (tmp_path / "s/labels").mkdir()
    (tmp_path / "s/images/a.jpg").write_text("not one")
    (tmp_path / "s/labels/a.txt").write_text("")
    with pytest.raises(Unreadable, match=r"a\.jpg is not a picture"):
        gather([tmp_path])


@pytest.mark.parametrize(
    ("name", "kind"),
    [("licence", "plate"), ("Number-Plate", "plate"), ("Car", "car"), ("person", None)],
)
def test_our_name_of_what_a_set_calls_otherwise(name: str, kind: str | None) -> None:
    assert known_kind(name) == kind


def test_a_copy_of_a_held_picture_is_not_learned_from_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "s/labels").mkdir(parents=True)
    (tmp_path / "s/images").mkdir()
    names = {side: _named(side) for side in ("held", "train")}
    other = next(n for n in range(1000) if _side(n) == "train" and n != names["train"])
    shapes = np.random.default_rng(2).integers(0, 256, (2, 7, 9, 3), np.uint8)
    for number, shape in ((names["held"], 0), (names["train"], 0), (other, 1)):
        image = cv2.resize(shapes[shape], (200, 100), interpolation=cv2.INTER_CUBIC)
        cv2.imwrite(str(tmp_path / f"s/images/p{number}.png"), image)
        (tmp_path / f"s/labels/p{number}.txt").write_text("0 0.2 0.4 0.2 0.2\n")
    kept = without_copies(gather([tmp_path]))
    left = {f"s/images/p{number}.png" for number in (names["held"], other)}
    assert set(kept.pictures["picture"]) == set(kept.boxes["picture"]) == left


def test_a_picture_of_a_plate_that_the_reader_holds_only_measures(tmp_path: Path) -> None:
    taught, other, held = (next(n for n in range(at, 1000) if _side(n) == side) for at, side in
                           ((0, "train"), (500, "train"), (0, "held")))  # fmt: skip
    (tmp_path / "s/labels").mkdir(parents=True)
    for number in (taught, other, held):
        picture(tmp_path / f"s/images/p{number}.png")
        (tmp_path / f"s/labels/p{number}.txt").write_text("0 0.2 0.4 0.2 0.2\n")
    plates = [Crop(Path("1.png"), "AB1", "eu", "s", f"s/p{at}") for at in (held, taught)]
    prepared = gather([tmp_path], plates)
    sides = dict(zip(prepared.pictures["name"], prepared.pictures["side"], strict=True))
    assert sides == {f"s/p{taught}": "held", f"s/p{held}": "held", f"s/p{other}": "train"}
    # Weights of before would have learned from it, so it is no measure of them.
    assert set(never_taught(prepared, ALONE).pictures["name"]) == {f"s/p{held}", f"s/p{other}"}


def test_tables_of_an_earlier_version_are_refused(tmp_path: Path) -> None:
    (tmp_path / "s/labels").mkdir(parents=True)
    picture(tmp_path / "s/images/a.png")
    (tmp_path / "s/labels/a.txt").write_text("")
    prepared = gather([tmp_path])
    write_tables(Prepared(prepared.pictures.drop(columns="name"), prepared.boxes), tmp_path)
    with pytest.raises(Unreadable, match="earlier version"):
        read_tables(tmp_path)


def _named(side: str) -> int:
    return next(number for number in range(1000) if _side(number) == side)


def _side(number: int) -> str:
    return "held" if by_picture(f"s/p{number}") else "train"


def test_tables_are_read_back_as_written_and_a_run_without_any_says_what_to_do(
    tmp_path: Path,
) -> None:
    picture(tmp_path / "data/s/images/a.png")
    (tmp_path / "data/s/labels").mkdir()
    (tmp_path / "data/s/labels/a.txt").write_text("0 0.2 0.4 0.2 0.2\n")
    prepared = gather([tmp_path / "data"])
    write_tables(prepared, tmp_path / "run")
    again = read_tables(tmp_path / "run")
    assert again.pictures.equals(prepared.pictures)
    assert sha_of(again) == sha_of(prepared)
    with pytest.raises(Unreadable, match="prepare"):
        read_tables(tmp_path / "elsewhere")


def test_another_box_or_another_picture_is_another_hash(tmp_path: Path) -> None:
    path = picture(tmp_path / "s/images/a.png")
    label = tmp_path / "s/labels/a.txt"
    label.parent.mkdir()
    label.write_text("0 0.2 0.4 0.2 0.2\n")
    first = sha_of(gather([tmp_path]))
    label.write_text("0 0.2 0.4 0.2 0.21\n")
    second = sha_of(gather([tmp_path]))
    picture(path, width=201)
    third = sha_of(gather([tmp_path]))
    assert len({first, second, third}) == 3
