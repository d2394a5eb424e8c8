"""The recognition API's main: what keeps it from starting, and folders read without a server."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from contract.digest import H
from edge.api.__main__ import main
from edge.api.commands import served, tabled
from edge.api.settings import api_settings
from lot.errors import NOTHING_READ, SOME_REFUSED, Unwritable, WrongSettings
from tests.edge.api.serving import EMPTY, PHOTO, PLATE, TOKEN
from tests.edge.delivery import lot
from tests.edge.toys import toy_eyes


def values(folder: Path, **more: str) -> dict[str, str]:
    return {"LOT_EDGE_FOLDER": str(folder / "edge"), "LOT_API_TOKEN": TOKEN, **more}


@pytest.mark.parametrize(
    ("more", "word"),
    [
        ({"LOT_API_TOKEN": "short"}, "fewer than 20 characters"),
        ({"LOT_API_CAMERA": "south"}, "no camera of this edge's certificate"),
        ({"LOT_API_BIND": "here"}, "LOT_API_BIND"),
        ({"LOT_API_MEMORY_HOURS": "0"}, "LOT_API_MEMORY_HOURS"),
        ({"LOT_API_TOKENS": "x"}, "the nearest is LOT_API_TOKEN"),
    ],
)
def test_a_wrong_setting_is_a_line_at_the_start(
    more: dict[str, str], word: str, tmp_path: Path
) -> None:
    lot.enrolled(tmp_path / "edge")
    with pytest.raises(WrongSettings, match=word):
        api_settings(values(tmp_path, **more), None)


def test_without_enrolment_and_token_nobody_could_ask(tmp_path: Path) -> None:
    with pytest.raises(WrongSettings, match="LOT_API_TOKEN is missing"):
        api_settings(values(tmp_path, LOT_API_TOKEN=""), None)


def test_an_enrolled_edge_needs_no_token_and_takes_none_that_its_server_was_told(
    tmp_path: Path,
) -> None:
    places, _ = lot.enrolled(tmp_path / "edge")
    told = H(b"what the hello of an enrolment says").hex()
    (places.folder / "api-token.sha256").write_text(told)  # of before there were grants
    assert api_settings(values(tmp_path, LOT_API_TOKEN=""), None).token_hashes == ()


def test_a_wrong_word_is_a_line_and_a_status(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    env = values(tmp_path)
    for words in (["--bind", "nowhere"], ["--port", "1"]):
        assert main(words, env) == 2
        assert capsys.readouterr().err.count("\n") == 1


def test_an_address_that_is_taken_is_told(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unwritable, match="cannot listen"):
            served(values(tmp_path), f"127.0.0.1:{taken.getsockname()[1]}", toy_eyes)


def test_a_folder_is_read_a_line_a_picture_and_bad_ones_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "pictures"
    (folder / "inside").mkdir(parents=True)
    (folder / "a.jpg").write_bytes(PHOTO)
    (folder / "inside" / "b.JPG").write_bytes(EMPTY)
    (folder / "c.png").write_bytes(b"hello")
    (folder / "notes.txt").write_bytes(b"no picture, and no complaint")
    assert tabled(values(tmp_path), [folder], toy_eyes) == SOME_REFUSED
    out, complaint = capsys.readouterr()
    lines = {Path(one["file"]).name: one for one in map(json.loads, out.splitlines())}
    assert [one["plate"] for one in lines["a.jpg"]["plates"]] == [PLATE]
    assert lines["b.JPG"]["plates"] == []
    assert complaint.count("\n") == 1
    assert "c.png: it is no JPEG" in complaint
    assert tabled(values(tmp_path), [folder / "c.png", tmp_path / "none.jpg"], toy_eyes) == (
        NOTHING_READ
    )


def test_nothing_read_lies_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(PHOTO)
    before = set(tmp_path.rglob("*"))
    tabled(values(tmp_path), [tmp_path / "a.jpg"], toy_eyes)
    assert set(tmp_path.rglob("*")) == before
