"""The gate as systemd starts it: a camera in, sealed events on a server, and kill -9 in between."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest

from contract.chain import Chain, link
from contract.event import Event
from edge.camerainfr import main
from tests.edge.delivery import lot
from tests.edge.delivery.serving import ROOT, Serving, serving, until
from tests.edge.toys import PLATES, ToyCar, record_gate

CARS = [ToyCar(plate=0, begins=0.3, speed=0.5), ToyCar(plate=1, begins=3.5, speed=0.5)]


def an_edge(folder: Path, server: Serving) -> dict[str, str]:
    """Return the environment of an edge that is enrolled at the server."""
    return {
        **os.environ,
        "LOT_EDGE_FOLDER": str(folder),
        "LOT_SERVER": f"127.0.0.1:{server.port}",
        "LOT_SERVER_TOKEN": lot.TOKEN.text,
        "LOT_PLATE_FORMATS": "us-tx,us",
        "LOT_TIMEZONE": "UTC",
    }


def started(words: list[str], environment: dict[str, str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.edge.daemon.toy_gate", *words],
        env=environment,
        cwd=ROOT,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "no camera is named"),
        (["ftp://cam/1"], "is no source that is known here"),
        (["nowhere.mp4"], "there is no file 'nowhere.mp4'"),
        (["--colour"], "unrecognized arguments"),
    ],
)
def test_a_wrong_word_is_a_line_and_a_status(
    words: list[str], said: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert main(words, {"HOME": str(tmp_path)}) == 2
    complaint = capsys.readouterr().err
    assert said in complaint
    assert complaint.count("\n") == 1


def test_a_lane_outside_the_picture_is_one_line_with_camera_lane_and_point(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    cameras = tmp_path / "cameras.toml"
    cameras.write_text(
        "[north]\nsource = 'rtsp://127.0.0.1/1'\n[[north.lanes]]\nname = 'ramp'\n"
        "polygon = [[0.1, 0.4], [640, 0.4], [0.5, 1.0]]\narrow = [[0.5, 1.0], [0.5, 0.4]]\n"
    )
    assert main([], {"HOME": str(tmp_path), "LOT_CAMERAS_FILE": str(cameras)}) == 2
    complaint = capsys.readouterr().err
    assert complaint.count("\n") == 1
    for part in (str(cameras), "[north]", "lane ramp", "[640, 0.4]", "fractions"):
        assert part in complaint


@pytest.mark.parametrize("content", [b"", b"no film at all\n" * 100])
def test_a_file_that_is_no_film_is_not_waited_for(
    content: bytes, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(content)
    assert main([str(path)], {"HOME": str(tmp_path)}) == 3
    assert capsys.readouterr().err.count("\n") == 1


def test_a_trial_prints_what_it_sees_and_ends_with_its_file(tmp_path: Path) -> None:
    clip = record_gate(tmp_path / "clip.mp4", 7, CARS)
    environment = {**os.environ, "LOT_EDGE_FOLDER": str(tmp_path / "edge"), "LOT_TIMEZONE": "UTC"}
    process = started([str(clip)], environment)
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    events = [json.loads(line) for line in out.splitlines()]
    assert {one["plate"] for one in events if one["final"]} == {PLATES[0], PLATES[1]}


def test_events_reach_the_server_sealed_with_their_pictures_over_a_kill(tmp_path: Path) -> None:
    clip = record_gate(tmp_path / "clip.mp4", 7, CARS)
    tls = lot.tls()
    lot.enrolled(tmp_path / "edge", tls.root)
    with serving(tmp_path / "server", tls) as server:
        environment = {**an_edge(tmp_path / "edge", server), "LOT_CLIPS": "1"}
        first = started([str(clip)], environment)
        until(lambda: len(server.records()) >= 1, seconds=60)
        first.send_signal(signal.SIGKILL)
        first.communicate()
        second = started([str(clip)], environment)
        _, said = second.communicate(timeout=60)
        assert second.returncode == 0, said
        third = started([str(clip)], environment)  # sends what waits
        until(lambda: finals(server) >= {PLATES[0], PLATES[1]}, seconds=60)
        until(lambda: blind_times(server) >= 2, seconds=60)  # a restart is blind time
        third.send_signal(signal.SIGTERM)
        third.communicate(timeout=20)
        assert third.returncode == 0
        check(server)
        clips = ["clip" in one.pictures for one in events(server) if one.plate and one.final]
        assert any(clips), "of the run that played to its end"
        state = (tmp_path / "edge" / "gate.state").read_bytes()
        assert not any(plate.encode() in state for plate in PLATES)


def finals(server: Serving) -> set[str | None]:
    return {one.plate for one in events(server) if one.final}


def blind_times(server: Serving) -> int:
    return sum(one.head.type == "blind" for one in server.records())


def events(server: Serving) -> list[Event]:
    return [one.says for one in server.opened() if isinstance(one.says, Event)]


def check(server: Serving) -> None:
    """A chain without a hole, no revision twice, and pictures on what was read."""
    records = server.records()
    chain = Chain(lot.PUBLIC, map(link, records))
    assert chain.findings() == []
    keys = [(one.head.id, one.head.revision) for one in records]
    assert len(set(keys)) == len(keys)
    assert all({"frame", "plate"} <= set(one.pictures) for one in events(server) if one.plate)


def test_a_recording_is_films_and_a_table(tmp_path: Path) -> None:
    clip = record_gate(tmp_path / "clip.mp4", 5, CARS[:1])
    environment = {**os.environ, "LOT_EDGE_FOLDER": str(tmp_path / "edge"), "LOT_TIMEZONE": "UTC"}
    process = started([str(clip), "--record", str(tmp_path / "kept")], environment)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert "lie there in clear" in said
    (film,) = (tmp_path / "kept").glob("gate-*.mp4")
    (table,) = (tmp_path / "kept").glob("events-*.csv")
    with av.open(str(film)) as container:
        pictures = sum(1 for _ in container.decode(video=0))
        chapters = [one["metadata"]["title"] for one in container.chapters()]
    assert pictures > 20
    assert any(PLATES[0] in title for title in chapters)
    assert PLATES[0] in table.read_text(encoding="utf-8")
