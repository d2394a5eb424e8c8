import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.runtimes.engine_file import HEADER_MAX, joined, misfit, parted

FACTS = st.dictionaries(st.text(max_size=8), st.text(max_size=8) | st.integers(), max_size=4)


@given(FACTS, st.binary(max_size=64))
def test_header_and_plan_come_back_as_they_went_in(
    facts: dict[str, str | int], plan: bytes
) -> None:
    file = parted(joined(facts, plan))
    assert file.plan == plan
    assert file.says == {name: str(value) for name, value in facts.items()}


def test_ultralytics_header_is_understood() -> None:
    # As its exporter writes it: length in characters, little-endian and signed, then JSON.
    said = json.dumps(
        {"stride": 32, "imgsz": [384, 640], "names": {0: "car"}, "batch": 1, "end2end": False}
    )
    file = parted(len(said).to_bytes(4, "little", signed=True) + said.encode() + b"plan")
    assert file.plan == b"plan"
    assert file.says == {
        "stride": "32",
        "imgsz": "[384, 640]",
        "names": '{"0": "car"}',
        "batch": "1",
        "end2end": "false",
    }


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"ab",
        b"\x00\x00\x00\x00{}plan",
        b"\xff\xff\xff\xff{}plan",  # a negative length
        b"\x20\x00\x00\x00{}",  # longer than the file
        b"\x02\x00\x00\x00[]plan",  # JSON, but no facts
        b"\x04\x00\x00\x00notjplan",
        b"\x02\x00\x00\x00\xff\xfeplan",
        b"ftrt" + bytes(2000),  # as TensorRT's plans begin
        (HEADER_MAX + 1).to_bytes(4, "little") + b" " * (HEADER_MAX - 1) + b"{}plan",
        (9000).to_bytes(4, "little") + b"[" * 9000 + b"plan",
    ],
)
def test_a_file_without_a_header_is_a_plan_as_it_is(content: bytes) -> None:
    file = parted(content)
    assert file.plan == content
    assert file.says == {}


@given(st.binary(max_size=64))
def test_any_bytes_are_parted(content: bytes) -> None:
    assert content.endswith(parted(content).plan)


def test_an_engine_of_another_place_is_named_before_it_is_tried() -> None:
    says = {"tensorrt": "10.3.0", "device": "Orin"}
    assert misfit(says, "10.3.0", "Orin") is None
    assert misfit(says, "10.7.0", "Orin") == "it was built by TensorRT 10.3.0, and here is 10.7.0"
    assert misfit(says, "10.3.0", "RTX") == "it was built for Orin, and here is RTX"


def test_an_engine_that_does_not_say_its_place_is_tried() -> None:
    assert misfit({}, "10.3.0", "Orin") is None
