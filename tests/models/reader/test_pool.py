"""Pools of drawn plates: what was drawn is what is told, and American texts hold no letter O."""

from pathlib import Path

import numpy as np
import pytest

from lot.errors import Unreadable
from models.drawing.designs import designs
from models.reader.data import ALPHABET, REGIONS, Crop
from models.reader.pool import HEIGHT, WIDTH, draw, lettered, main, opened, varied
from models.reader.samples import Mixture, balance_of


def test_a_pool_opens_with_a_picture_a_text_and_a_region_for_each_plate(tmp_path: Path) -> None:
    draw(tmp_path, 40, seed=1)
    pool = opened(tmp_path)
    assert pool.images.shape == (40, HEIGHT, WIDTH, 3)
    assert len(pool.texts) == len(pool.regions) == 40
    assert set("".join(pool.texts)) <= set(ALPHABET)
    assert set(pool.regions) <= set(REGIONS)
    american = [t for t, r in zip(pool.texts, pool.regions, strict=True) if r.startswith("us-")]
    assert american
    assert "O" not in "".join(american)


def test_a_pool_holds_the_kinds_that_were_asked_for(tmp_path: Path) -> None:
    draw(tmp_path, 12, seed=4, shares={"gb": 3.0, "br": 1.0})
    assert set(opened(tmp_path).regions) <= {"gb", "br"}


@pytest.mark.parametrize("written", ["gb", "gb=much", "mars=1", "gb=1,,br=1", "gb=0,br=0"])
def test_a_wrong_share_is_a_wrong_usage(written: str, tmp_path: Path) -> None:
    with pytest.raises(SystemExit) as ended:
        main([str(tmp_path), "--shares", written])
    assert ended.value.code == 2


@pytest.mark.parametrize("torn", ["plates.json", "plates.u8"])
def test_a_torn_pool_is_refused(torn: str, tmp_path: Path) -> None:
    draw(tmp_path, 3, seed=4)
    (tmp_path / torn).write_bytes(b"")
    with pytest.raises(Unreadable, match="no whole pool"):
        opened(tmp_path)


def test_the_same_seed_draws_the_same_pool(tmp_path: Path) -> None:
    draw(tmp_path / "one", 5, seed=2)
    draw(tmp_path / "other", 5, seed=2)
    one, other = (tmp_path / name / "plates.u8" for name in ("one", "other"))
    assert one.read_bytes() == other.read_bytes()


def test_a_varied_design_keeps_its_region_and_formats() -> None:
    design = designs()["us-tx-classic"]
    other = varied(design, np.random.default_rng(0))
    assert (other.region, other.formats) == (design.region, design.formats)
    assert other.ground != design.ground


def test_lettering_a_blank_plate_changes_its_middle_and_not_its_edges() -> None:
    blank = np.full((80, 160, 3), 230, np.uint8)
    image = lettered(blank, "BCD1234", np.random.default_rng(0))
    h = image.shape[0]
    assert image[h // 3 : 2 * h // 3].min() < 80
    assert image[: h // 8].min() == 230


def test_crops_of_a_rare_region_or_character_are_taught_oftener_where_that_is_asked_for() -> None:
    common = [Crop(Path("1.png"), "A1", "eu", "street", None)] * 40
    rare = [
        Crop(Path("2.png"), "A1", "gb", "street", None),
        Crop(Path("3.png"), "QW", "eu", "street", None),
    ]
    off, on = (balance_of([*common, *rare], strength) for strength in (0.0, 0.5))
    assert off.weights == pytest.approx(np.full(42, 1 / 42))
    for name in ("gb", "Q", "W"):
        assert on.drawn[name] > 2 * on.plain[name]


def test_a_small_source_is_taught_oftener_whatever_is_asked_for() -> None:
    crops = [Crop(Path("1.png"), "A1", "eu", "large", None)] * 40
    found = balance_of([*crops, Crop(Path("2.png"), "A1", "eu", "small", None)], 0.0)
    assert found.weights[-1] > 3 * found.weights[0]


def test_samples_are_of_the_networks_size_and_the_same_for_the_same_seed(tmp_path: Path) -> None:
    draw(tmp_path, 10, seed=3)
    mixture = Mixture([], [opened(tmp_path)], real=0.5, size=(48, 144))
    one, other = (next(mixture.samples(np.random.default_rng(4), easy=0.0)) for _ in range(2))
    assert one.pixels.shape == (48, 144, 3)
    assert np.array_equal(one.pixels, other.pixels)
    assert one.labels == other.labels
    assert 0 not in one.labels
