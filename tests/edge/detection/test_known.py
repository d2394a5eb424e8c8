import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.detection.known import known, named
from edge.values import KINDS

COCO = {0: "person", 1: "bicycle", 2: "car", 3: "motorcycle", 5: "bus", 4: "aeroplane", 6: "train",
        7: "truck"}  # fmt: skip


def test_of_cocos_classes_the_vehicles_are_ours() -> None:
    of = known(COCO)
    assert of.names == 8
    assert of.rows == (2, 3, 5, 7)
    assert of.kinds == ("car", "motorcycle", "bus", "truck")


@pytest.mark.parametrize(
    "name", ["plate", "License Plate", "licence-plate", "LICENSE_PLATE", "number plate", "license"]
)
def test_a_plate_is_known_by_any_of_its_names(name: str) -> None:
    assert known({0: name}).kinds == ("plate",)


@pytest.mark.parametrize("name", ["train", "bicycle", "plated", "carriage", "0", ""])
def test_what_only_looks_alike_is_not_ours(name: str) -> None:
    assert known({0: name}).kinds == ()


@given(st.dictionaries(st.integers(0, 9), st.text(max_size=8)))
def test_names_are_read_as_python_and_as_json_write_them(names: dict[int, str]) -> None:
    names = dict(enumerate(names.values()))
    assert named(repr(names)) == names
    assert named(json.dumps(names)) == names
    assert named(json.dumps(list(names.values()))) == names


@given(st.text(max_size=40))
def test_what_is_no_list_of_names_names_nothing_and_breaks_nothing(text: str) -> None:
    assert all(isinstance(name, str) for name in named(text).values())


@pytest.mark.parametrize(
    "text", ["", "car", "{1: 'car'}", "{0: 'car', 2: 'bus'}", "{'a': 'b'}", "[" * 9000]
)
def test_names_with_holes_or_without_numbers_name_nothing(text: str) -> None:
    assert named(text) == {}


def test_our_own_kinds_are_all_known() -> None:
    assert known(dict(enumerate(KINDS))).kinds == KINDS
