"""OpenALPR may die, hang or lie; the reader around it gives a reading or says what to do."""

import gc
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.reading.asked import OpenAlprAsked
from edge.reading.mortal import Died, MortalChild
from edge.reading.openalpr import (
    DEATHS_MAX,
    OpenAlprReader,
    answer,
    fitted,
    libraries,
    openalpr_reader,
)
from edge.values import Image
from lot.errors import LotError, Unreachable, WrongUsage
from tests.edge.reading import fake_openalpr as fake

HERE = Path(__file__).parent


def crop(word: int, height: int = 120, width: int = 240) -> Image:
    return np.full((height, width, 3), (word, 90, 90), np.uint8)


@pytest.fixture
def deaths(tmp_path: Path) -> Path:
    return tmp_path / "deaths"


@pytest.fixture
def reader(deaths: Path) -> Iterator[OpenAlprReader]:
    child = MortalChild(
        [sys.executable, "-I", str(HERE / "fake_openalpr.py"), str(deaths)],
        start_seconds=60,
        answer_seconds=60,
    )
    yield OpenAlprReader(child, OpenAlprAsked())
    child.stop()


def test_the_plate_in_the_middle_is_read_with_the_doubts_of_its_candidates(
    reader: OpenAlprReader,
) -> None:
    (read,) = reader.read([crop(90)])
    assert (read.text, read.engine, read.region) == ("KLM416", "openalpr", None)
    assert read.characters[0] == pytest.approx(0.835)
    assert 0.4 < read.characters[4] < 0.5
    assert [one for one, _ in read.runners[4]] == ["E", "C"]


@pytest.mark.parametrize("word", [fake.UNSET, fake.NO_PLATE])
def test_no_plate_and_an_answer_with_unset_numbers_are_nothing_legible(
    reader: OpenAlprReader, deaths: Path, word: int
) -> None:
    (read,) = reader.read([crop(word)])
    assert read.text == ""
    assert not deaths.exists()


@pytest.mark.parametrize(
    ("word", "how"),
    [
        (fake.ABORTS, "died of SIGABRT"),
        (fake.BABBLES, "answered what is no JSON"),
        (fake.LIST, "answered what is no JSON object"),
        (fake.ENDLESS, "announced an answer of 4294967295 bytes"),
        (fake.SILENT, "ended with status 3"),
    ],
)
def test_a_picture_that_fails_twice_is_given_up_and_named_and_the_next_is_read(
    reader: OpenAlprReader, caplog: pytest.LogCaptureFixture, word: int, how: str
) -> None:
    with caplog.at_level(logging.WARNING):
        readings = reader.read([crop(word), crop(90)])
    assert [one.text for one in readings] == ["", "KLM416"]
    (said,) = [record.getMessage() for record in caplog.records]
    assert "gave_up=crop size=240x120 sha256=" in said
    assert how in said


def test_a_picture_that_was_given_up_is_not_tried_again(
    reader: OpenAlprReader, deaths: Path
) -> None:
    for _ in range(3):
        assert reader.read([crop(fake.ABORTS)])[0].text == ""
    assert deaths.read_text() == "xx"


def test_a_picture_that_kills_it_once_is_read_by_the_next_child(
    reader: OpenAlprReader, deaths: Path
) -> None:
    assert reader.read([crop(fake.ONCE)])[0].text == "KLM416"
    assert deaths.read_text() == "x"


def test_a_child_that_hangs_is_killed_and_its_picture_given_up(deaths: Path) -> None:
    child = MortalChild(
        [sys.executable, "-I", str(HERE / "fake_openalpr.py"), str(deaths)],
        start_seconds=60,
        answer_seconds=0.2,
    )
    reader = OpenAlprReader(child, OpenAlprAsked())
    assert reader.read([crop(fake.HANGS)])[0].text == ""
    child.stop()


def test_one_that_dies_on_everything_is_broken_and_says_what_to_do(
    reader: OpenAlprReader, deaths: Path
) -> None:
    crops = [crop(fake.ABORTS, height=120 + at) for at in range(10)]
    with pytest.raises(Unreachable, match=r"died of SIGABRT; try .*LOT_READER=crnn"):
        reader.read(crops)
    assert len(deaths.read_text()) == DEATHS_MAX


def test_a_good_answer_in_between_begins_the_count_anew(
    reader: OpenAlprReader, deaths: Path
) -> None:
    pictures = DEATHS_MAX // 2 + 1
    for at in range(pictures):
        assert reader.read([crop(fake.ABORTS, height=120 + at)])[0].text == ""
        assert reader.read([crop(90)])[0].text == "KLM416"
    assert len(deaths.read_text()) == 2 * pictures > DEATHS_MAX


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (60, 120), (2000, 3000), (9, 4000)])
def test_a_picture_is_sent_at_a_bounded_size(shape: tuple[int, int]) -> None:
    height, width = fitted(np.zeros((*shape, 3), np.uint8)).shape[:2]
    assert 1 <= height <= 1000
    assert 1 <= width <= 1000


def test_a_small_plate_is_enlarged_to_what_the_detector_finds() -> None:
    assert fitted(np.zeros((60, 120, 3), np.uint8)).shape[:2] == (120, 240)


NAMES = ("img_width", "img_height", "results", "plate", "confidence", "candidates", "x", "y")
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*NAMES, "coordinates"]),
            inner,
            max_size=6,
        )
    ),
)


@given(JSON)
def test_whatever_it_says_is_a_reading_or_a_death(said: object) -> None:
    whole = {"img_width": 240, "img_height": 120, "results": [said]}
    for words in (whole, whole | {"results": said}, said):
        try:
            found = answer(json.dumps(words).encode(), 240, 120)
        except Died:
            continue
        assert len(found.text) == len(found.characters)


# The child itself, with a library that has OpenALPR's interface and nothing behind it.


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler to build a library with OpenALPR's interface")
    built = tmp_path_factory.mktemp("library") / "libopenalprpy.so.2"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", str(built), str(HERE / "fake_library.c")], check=True
    )
    return built


@pytest.fixture
def asked(library: Path) -> OpenAlprAsked:
    return OpenAlprAsked(country="us", region="tx", library=library)


def test_the_child_asks_for_five_candidates_and_the_region(asked: OpenAlprAsked) -> None:
    (read,) = openalpr_reader(asked).read([crop(90)])
    assert read.text == "TOP5TX"
    assert read.characters[0] == pytest.approx(0.905)


def test_what_the_library_prints_is_no_answer_and_a_death_in_it_is_survived(
    asked: OpenAlprAsked, capfd: pytest.CaptureFixture[str]
) -> None:
    reader = openalpr_reader(asked)
    assert [one.text for one in reader.read([crop(1), crop(90), crop(1)])] == ["", "TOP5TX", ""]
    printed = capfd.readouterr()
    assert "Error loading" not in printed.out + printed.err


def test_a_reader_that_is_dropped_ends_its_child(asked: OpenAlprAsked) -> None:
    reader = openalpr_reader(asked)
    ended: list[Callable[[], object]] = []
    child = reader._child
    assert isinstance(child, MortalChild)
    running = child._running
    assert running is not None
    ended.append(running._process.poll)
    assert ended[0]() is None
    del reader, child, running
    gc.collect()
    assert ended[0]() == 0


def refusal(asked: OpenAlprAsked) -> str:
    with pytest.raises(WrongUsage) as refused:
        openalpr_reader(asked)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_an_unknown_country_is_refused_by_name(asked: OpenAlprAsked) -> None:
    message = refusal(replace(asked, country="ar"))
    assert "does not know the country 'ar'" in message
    assert "LOT_OPENALPR_COUNTRY" in message


def test_a_library_without_its_configuration_is_refused_before_it_reads_nonsense(
    asked: OpenAlprAsked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("moved").touch()
    message = refusal(replace(asked, config=Path("moved")))
    assert "Missing config value for 'runtime_dir'" in message
    assert "LOT_OPENALPR_CONFIG" in message


def test_a_library_that_dies_while_it_loads_is_refused(asked: OpenAlprAsked) -> None:
    assert "died of SIGABRT while it loaded" in refusal(replace(asked, country="xx"))


NOWHERE = Path("nowhere/at/all")


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (OpenAlprAsked(library=NOWHERE), "LIBRARY"),
        (OpenAlprAsked(config=NOWHERE), "CONFIG"),
        (OpenAlprAsked(runtime=NOWHERE), "RUNTIME"),
    ],
)
def test_a_path_that_does_not_exist_is_named(asked: OpenAlprAsked, name: str) -> None:
    assert f"LOT_OPENALPR_{name}: there is no nowhere/at/all" in refusal(asked)


def test_a_file_that_is_no_library_says_what_to_install(tmp_path: Path) -> None:
    path = tmp_path / "libopenalprpy.so.2"
    path.write_bytes(b"no library")
    message = refusal(OpenAlprAsked(library=path))
    assert "cannot be loaded; install it by" in message


def real() -> OpenAlprReader | str:
    try:
        return openalpr_reader(OpenAlprAsked())
    except LotError as error:
        return str(error)


def test_the_real_library_reads_a_drawn_plate_or_nothing_and_never_fails() -> None:
    engine = real()
    if isinstance(engine, str):
        pytest.skip(f"OpenALPR is not here: {engine}")
    crops = [crop(1), np.zeros((1, 1, 3), np.uint8), crop(90, 40, 70)]
    assert [one.text for one in engine.read(crops)] == ["", "", ""]


def test_where_to_look_begins_with_the_loaders_own_path() -> None:
    assert libraries()[0] == "libopenalprpy.so.2"
