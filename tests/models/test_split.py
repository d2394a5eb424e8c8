"""One split for both networks: no picture and no plate is held for one and taught to the other."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.reader.data import ALPHABET, Crop
from models.split import (
    ALONE,
    PLATES_HELD_ONE_IN,
    TOGETHER,
    by_picture,
    held,
    held_by_text,
    narrowest,
    part_of,
    parted,
    picture_named,
    split_told,
    unseen,
    watched,
)


def a_plate(
    text: str, picture: str | None = None, source: str = "street", region: str = "eu"
) -> Crop:
    return Crop(Path(f"{text}.jpg"), text, region, source, picture)


TEXTS = st.text(ALPHABET, min_size=1, max_size=3)
NAMES = st.one_of(st.none(), st.integers(0, 30).map(lambda number: f"street/{number}"))
PLATES = st.lists(st.builds(a_plate, TEXTS, NAMES), max_size=40)


@given(PLATES, st.sets(st.integers(0, 60)))
def test_no_picture_is_held_for_one_network_and_taught_to_the_other(
    plates: list[Crop], numbers: set[int]
) -> None:
    pictures = {f"street/{number}" for number in numbers}
    for_detector = held(pictures, plates).pictures
    taught, out = parted(plates)
    assert len(taught) + len(out) == len(plates)
    assert not {p.text for p in taught} & {p.text for p in out}
    assert not {p.picture for p in taught} & for_detector
    assert {p.picture for p in out if p.picture} <= for_detector
    assert {name for name in pictures if by_picture(name)} <= for_detector


@given(PLATES, PLATES)
def test_what_is_held_stays_held_when_the_sets_grow(some: list[Crop], more: list[Crop]) -> None:
    before, after = held((), some), held((), [*some, *more])
    assert before.pictures <= after.pictures
    assert before.texts <= after.texts


@given(PLATES)
def test_earlier_weights_are_measured_by_what_they_never_saw_alone(plates: list[Crop]) -> None:
    _, out = parted(plates)
    known_before = {p.text for p in plates} - held_by_text(plates).texts
    assert not {p.text for p in unseen(out, plates, ALONE)} & known_before
    # Nothing that could measure them is lost by drawing both together.
    assert {p.text for p in unseen(out, plates, ALONE)} == held_by_text(plates).texts
    assert unseen(out, plates, TOGETHER) == out


@given(PLATES)
def test_what_is_watched_is_neither_taught_nor_held_out(plates: list[Crop]) -> None:
    taught, out = parted(plates)
    still, watching = watched(taught)
    sides = [{p.text for p in side} for side in (still, watching, out)]
    assert len(still) + len(watching) == len(taught)
    assert not sides[0] & sides[1] | sides[0] & sides[2] | sides[1] & sides[2]


@given(PLATES, st.floats(0, 1), st.floats(0, 1))
def test_a_larger_part_of_what_is_taught_holds_the_smaller(
    plates: list[Crop], one: float, other: float
) -> None:
    small, large = sorted((one, other))
    assert {*part_of(plates, small)} <= {*part_of(plates, large)}
    assert part_of(plates, 1.0) == plates
    assert part_of(plates, 0.0) == []


def test_a_quarter_is_about_a_quarter() -> None:
    every = [a_plate(f"ABC{number}") for number in range(4000)]
    assert 900 < len(part_of(every, 0.25)) < 1100


def test_about_one_text_in_eight_and_one_picture_in_seven_is_held() -> None:
    _, out = parted([a_plate(f"A{number}") for number in range(4000)])
    assert 0.8 < len(out) * PLATES_HELD_ONE_IN / 4000 < 1.2
    assert 240 < sum(by_picture(f"any/picture{number}") for number in range(2000)) < 360


def test_a_plate_leads_from_picture_to_picture() -> None:
    text = next(f"A{n}" for n in range(100) if not held_by_text([a_plate(f"A{n}")]).texts)
    one, other = (
        next(f"any/{n}" for n in range(1000) if by_picture(f"any/{n}") is side)
        for side in (True, False)
    )
    plates = [a_plate(text, one), a_plate(text, other)]
    assert held([other], plates[1:]).pictures == frozenset()
    assert held([other], plates).pictures == {one, other}
    assert parted(plates) == ([], plates)


def test_one_drive_and_one_barriers_hours_stay_on_one_side() -> None:
    drive, night, barrier = (
        [by_picture(f"{name}{n}") for n in range(1, 728)]
        for name in (
            "romanian_road/dayride_type1_002_mp4_t_",
            "romanian_road/nightride_type3_001_mp4_t_",
            "polish_parking/",
        )
    )
    assert all(drive)
    for in_time in (night, barrier):
        turn = in_time.index(True)
        assert not any(in_time[:turn])
        assert all(in_time[turn:])
    assert not by_picture("polish_parking/143_1_")


@pytest.mark.parametrize(
    ("source", "name", "known_as"),
    [
        ("plates/openlpr", "train_7.jpg", "openlpr/train_7"),
        ("openlpr", "train_7", "openlpr/train_7"),
        ("pl_parking", "143_1_", "polish_parking/143_1_"),
        ("us_plates56", "test/TEXAS/1.jpg", "us_plates56/test/TEXAS/1"),
    ],
)
def test_a_picture_has_one_name_in_both_networks_tables(
    source: str, name: str, known_as: str
) -> None:
    assert picture_named(source, name) == known_as


def test_a_benchmark_and_the_few_real_texas_plates_only_measure_but_an_owners_own_teach() -> None:
    plain = next(f"A{n}" for n in range(100) if not held_by_text([a_plate(f"A{n}")]).texts)
    benchmark = a_plate(plain, source="ar_cnn_ocr_lp")
    few = a_plate(plain, source="openlpr", region="us-tx")
    own = a_plate(plain, source="my gate", region="us-tx")
    assert parted([benchmark]) == ([], [benchmark])
    assert parted([few]) == ([], [few])
    assert parted([own]) == ([own], [])


def test_weights_whose_card_says_nothing_were_split_alone(tmp_path: Path) -> None:
    card = tmp_path / "card.json"
    assert split_told(card) == ALONE
    for content, split in [("{", ALONE), ("[]", ALONE), ("{}", ALONE)]:
        card.write_text(content)
        assert split_told(card) == split
    card.write_text(json.dumps({"split": TOGETHER}))
    assert split_told(card) == TOGETHER
    assert narrowest(TOGETHER, ALONE) == ALONE
    assert narrowest(TOGETHER, TOGETHER) == TOGETHER
