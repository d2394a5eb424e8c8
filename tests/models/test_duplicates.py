"""A copy is known again however it was shrunk, coded or called; another picture is not."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.values import Image
from lot.errors import Unreadable
from models.duplicates import NEAR, crossing, main, near, perceptual_hash


def scene(seed: int) -> Image:
    """Return a picture of large soft shapes, as photos have them."""
    coarse = np.random.default_rng(seed).integers(0, 256, (7, 9, 3), np.uint8)
    return np.asarray(cv2.resize(coarse, (360, 240), interpolation=cv2.INTER_CUBIC), np.uint8)


def apart(one: Image, other: Image) -> int:
    return int(np.unpackbits(perceptual_hash(one) ^ perceptual_hash(other)).sum())


@pytest.mark.parametrize("seed", range(8))
def test_a_copy_shrunk_and_coded_is_near_and_another_picture_far(seed: int, tmp_path: Path) -> None:
    whole = scene(seed)
    small = cv2.resize(whole, (120, 80), interpolation=cv2.INTER_AREA)
    cv2.imwrite(str(tmp_path / "copy.jpg"), small, [cv2.IMWRITE_JPEG_QUALITY, 30])
    copy = np.asarray(cv2.imread(str(tmp_path / "copy.jpg")), np.uint8)
    assert apart(whole, copy) <= NEAR
    assert apart(whole, scene(seed + 100)) > NEAR


def test_brighter_is_no_other_picture() -> None:
    whole = scene(3)
    assert apart(whole, np.asarray(whole // 2 + 60, np.uint8)) <= NEAR


def test_pairs_are_given_by_their_places() -> None:
    hashes = np.stack([perceptual_hash(scene(n)) for n in (1, 2, 1)])
    assert list(near(hashes, hashes[:2], 0)) == [(0, 0, 0), (1, 1, 0), (2, 0, 0)]


def test_what_looks_like_a_held_picture_is_not_learned_from(tmp_path: Path) -> None:
    paths = []
    for name, seed in (("a", 1), ("b", 2), ("held", 1)):
        paths.append(tmp_path / f"{name}.png")
        cv2.imwrite(str(paths[-1]), scene(seed))
    assert crossing(paths[:2], paths[2:]) == {paths[0]}
    assert crossing(paths[:2], []) == set()


def test_the_command_names_each_pair_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, seed in (("a", 1), ("b", 2), ("c", 1)):
        cv2.imwrite(str(tmp_path / f"{name}.png"), scene(seed))
    assert main([str(tmp_path)]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [f"0\t{tmp_path / 'a.png'}\t{tmp_path / 'c.png'}"]
    assert "1 pairs alike among 3 pictures" in said.err


def test_a_file_that_is_no_picture_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"no")
    with pytest.raises(Unreadable, match=r"a\.jpg is no picture"):
        crossing([tmp_path / "a.jpg"], [tmp_path / "a.jpg"])
