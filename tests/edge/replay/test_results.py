"""Nothing that an earlier replay left is lost, and nothing is taken for what it is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from edge.replay.results import DETECTIONS, FILM, earlier_set_aside

OLDER = "detected_vehicles_and_plates.older.mp4"


def test_a_film_that_is_not_drawn_again_is_kept_under_another_name_and_that_is_said(
    tmp_path: Path,
) -> None:
    (tmp_path / FILM).write_bytes(b"earlier")
    said: list[str] = []
    with earlier_set_aside(tmp_path, (), said.append):
        assert not (tmp_path / FILM).exists()
    assert [path.name for path in tmp_path.iterdir()] == [OLDER]
    assert (tmp_path / OLDER).read_bytes() == b"earlier"
    assert said == [f"{tmp_path / FILM} was an earlier replay's; it is now {OLDER}"]


def test_a_film_that_is_drawn_again_is_replaced_without_a_word(tmp_path: Path) -> None:
    (tmp_path / FILM).write_bytes(b"earlier")
    said: list[str] = []
    with earlier_set_aside(tmp_path, (), said.append):
        (tmp_path / FILM).write_bytes(b"new")
    assert [path.name for path in tmp_path.iterdir()] == [FILM]
    assert (tmp_path / FILM).read_bytes() == b"new"
    assert said == []


def test_a_film_that_fails_leaves_the_earlier_one_under_its_other_name(tmp_path: Path) -> None:
    film = tmp_path / "north" / FILM
    film.parent.mkdir()
    film.write_bytes(b"earlier")
    (tmp_path / DETECTIONS).write_bytes(b"earlier")
    said: list[str] = []
    with pytest.raises(ZeroDivisionError), earlier_set_aside(tmp_path, (film,), said.append):
        raise ZeroDivisionError
    assert (film.parent / OLDER).read_bytes() == b"earlier"
    assert len(said) == 2


def test_where_nothing_stands_nothing_is_said(tmp_path: Path) -> None:
    said: list[str] = []
    with earlier_set_aside(tmp_path, (tmp_path / "none" / FILM,), said.append):
        pass
    assert said == []
