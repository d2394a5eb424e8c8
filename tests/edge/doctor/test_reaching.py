"""Each camera is tried as it is: over RTSP, as a file, unplugged."""

from __future__ import annotations

from pathlib import Path

from edge.cameras import Camera
from edge.doctor.reaching import reached
from tests.edge.clips import Clip, record
from tests.edge.sources.live.servers import free_port, rtsp_server

LOGIN = "p@ss word"  # of the server's with --login


def test_a_camera_that_answers_is_told_with_the_size_of_its_picture() -> None:
    with rtsp_server(login=True) as server:
        here = Camera("north", source=server.url("h264"))
        (well,) = reached([here], lambda _: LOGIN)
        (refused,) = reached([here], lambda _: LOGIN[::-1])
    assert (well.weight, "320 x 240" in well.what) == ("ok", True)
    assert refused.weight == "fault"
    assert "refuses the password" in refused.what
    assert LOGIN[::-1] not in str(refused)


def test_a_camera_that_is_away_is_a_fault_with_where_to_look(tmp_path: Path) -> None:
    clip = record(tmp_path / "clip.mp4", Clip(stamps=tuple(range(0, 500, 100))))
    cameras = [
        Camera("away", source=f"rtsp://127.0.0.1:{free_port()}/x"),
        Camera("film", source=str(clip)),
        Camera("gone", source=str(tmp_path / "none.mp4")),
        Camera("loose", source="/dev/video62"),
    ]
    found = list(reached(cameras, lambda _: ""))
    assert [one.weight for one in found] == ["fault", "ok", "fault", "fault"]
    assert all("look" in one.then for one in found if one.weight == "fault")


def test_where_no_camera_is_named_that_is_said() -> None:
    (only,) = reached([Camera("north")], lambda _: "")
    assert (only.weight, "LOT_CAMERAS_FILE" in only.then) == ("advice", True)
