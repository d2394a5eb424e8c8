"""Crops and their truth: read as the tables say, taught in one spelling."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lot.errors import Unreadable
from models.reader.data import (
    ALPHABET,
    REGIONS,
    Crop,
    canonical,
    crops,
    digest,
    labels,
    region_of,
)

TEXTS = st.text(ALPHABET, min_size=1, max_size=8)


def a_crop(text: str, picture: str = "") -> Crop:
    return Crop(Path(f"{picture or text}.jpg"), text, "eu", "street", None)


def a_set(folder: Path, *rows: str) -> Path:
    folder.mkdir()
    lines = ["file,text,region,state,note,picture", *rows]
    (folder / "truth.csv").write_text("\n".join(lines) + "\n")
    return folder


def test_a_table_names_crops_beside_it_with_their_region(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "lot", "1.jpg,BCD1234,US,TX,,frame 7.jpg", "2.jpg,AB12CDE,GB,,,")
    one, other = crops([folder])
    assert one == Crop(folder / "1.jpg", "BCD1234", "us-tx", "lot", "lot/frame 7")
    assert (other.region, other.picture) == ("gb", None)


def test_a_text_with_other_characters_is_refused_with_its_line(tmp_path: Path) -> None:
    folder = a_set(tmp_path / "lot", "1.jpg,BCD1234,US,TX,,", "2.jpg,bcd-12,US,TX,,")
    with pytest.raises(Unreadable, match=r"line 3 of .*truth\.csv"):
        crops([folder])


def test_a_folder_without_a_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match=r"truth\.csv"):
        crops([tmp_path])


def test_american_plates_are_taught_with_zero_for_the_letter_o_and_others_are_not() -> None:
    assert canonical("BOO10O", "US") == "B00100"
    assert canonical("OV10OOO", "GB") == "OV10OOO"


@pytest.mark.parametrize(
    ("country", "state", "region"),
    [
        ("US", "TX", "us-tx"),
        ("US", "PR", None),
        ("US", "", None),
        ("PL", "", "eu"),
        ("EU", "D", "eu"),
        ("GB", "", "gb"),
        ("IN", "", "in"),
        ("PK", "", "other"),
        ("XX", "", None),
    ],
)
def test_a_country_and_state_are_a_region_where_the_table_says_so(
    country: str, state: str, region: str | None
) -> None:
    assert region_of(country, state) == region


def test_fifty_states_and_the_district_are_regions() -> None:
    assert sum(region.startswith("us-") for region in REGIONS) == 51


@given(TEXTS)
def test_labels_spell_the_text_and_never_the_blank(text: str) -> None:
    found = labels(text)
    assert 0 not in found
    assert "".join(ALPHABET[label - 1] for label in found) == text


def test_a_digest_tells_other_truth_and_not_another_order() -> None:
    one, other = a_crop("A1"), a_crop("B2")
    assert digest([one, other]) == digest([other, one])
    assert digest([one]) != digest([a_crop("A2", picture="A1")])
