"""A start names every wrong setting at once, and a stranger's name with its neighbour."""

from pathlib import Path

import pytest

from lot.errors import WrongSettings
from lot.settings import SETTINGS, Variables, example, given_values


def test_a_setting_not_given_has_its_default() -> None:
    assert Variables({}, "edge").number("LOT_WINDOW_SECONDS") == 30


def test_all_mistakes_are_named_at_once_and_the_nearest_right_name_given() -> None:
    read = Variables(
        {"LOT_WINDOW_SECOND": "5", "LOT_SURE": "2", "LOT_LEGIBLE_PIXELS": "70.5"}, "edge"
    )
    read.number("LOT_SURE")
    read.whole("LOT_LEGIBLE_PIXELS")
    with pytest.raises(WrongSettings) as raised:
        read.done()
    assert raised.value.problems == (
        "LOT_WINDOW_SECOND is no setting; the nearest is LOT_WINDOW_SECONDS",
        "LOT_SURE=2 is not a number from 0.5 to 0.999",
        "LOT_LEGIBLE_PIXELS=70.5 is not a whole number",
    )


@pytest.mark.parametrize("wrong", ["", " ", "nan", "inf", "-1", "thirty", "1e9"])
def test_a_number_out_of_range_or_no_number_is_refused(wrong: str) -> None:
    read = Variables({"LOT_WINDOW_SECONDS": wrong}, "edge")
    assert read.number("LOT_WINDOW_SECONDS") == 30
    if wrong.strip():
        with pytest.raises(WrongSettings):
            read.done()
    else:
        read.done()  # an empty word in .env means: as if it were not there


def test_the_environment_goes_before_the_file_and_other_names_are_ignored(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LOT_SURE=0.7\nLOT_READER=crnn\nOTHER=1\n", encoding="utf-8")
    values = given_values({"LOT_SURE": "0.9", "PATH": "/bin"}, tmp_path / ".env")
    assert values == {"LOT_SURE": "0.9", "LOT_READER": "crnn"}


def test_the_example_file_holds_every_setting_at_its_default_and_is_committed() -> None:
    written = (Path(__file__).parents[2] / ".env.example").read_text(encoding="utf-8")
    assert written == example()
    for setting in SETTINGS:
        assert f"#{setting.name}={setting.default}\n" in written


def test_a_part_may_not_ask_for_its_neighbours_setting() -> None:
    with pytest.raises(AssertionError):
        Variables({}, "gui").text("LOT_DETECTOR")
