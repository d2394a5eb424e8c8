"""A recording gives its frames with the file's own times, or says in a line why it cannot."""

import contextlib
import os
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
import pytz

from edge.sources.files import Recording, digest, open_recording
from edge.sources.spans import WHOLE, Span
from edge.values import Frame
from lot.errors import Unreadable
from tests.edge.clips import Clip, number_of, record, record_sound

UTC = pytz.utc
NOCLOCK = datetime(2000, 1, 1, tzinfo=timezone.utc)
UNEVEN = (0, 40, 80, 500, 520, 1900, 1940, 2000)


def opened(path: Path, span: Span = WHOLE) -> Recording:
    return open_recording(path, camera="gate", zone=UTC, span=span)


def milliseconds(frames: list[Frame]) -> list[int]:
    return [round((f.time - NOCLOCK) / timedelta(milliseconds=1)) for f in frames]


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "mov", "ts"])
def test_frames_come_in_order_with_their_numbers_and_times(tmp_path: Path, suffix: str) -> None:
    frames = list(opened(record(tmp_path / f"clip.{suffix}")))
    assert [f.index for f in frames] == list(range(10))
    assert [number_of(f.image) for f in frames] == list(range(10))
    assert milliseconds(frames) == list(range(0, 1000, 100))
    assert {f.camera for f in frames} == {"gate"}


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
def test_an_uneven_rate_keeps_every_time(tmp_path: Path, suffix: str) -> None:
    recording = opened(record(tmp_path / f"clip.{suffix}", Clip(stamps=UNEVEN)))
    assert milliseconds(list(recording)) == list(UNEVEN)


def test_times_count_from_the_first_frame_wherever_the_file_begins_to_count(tmp_path: Path) -> None:
    late = Clip(stamps=tuple(range(5000, 6000, 100)))
    assert milliseconds(list(opened(record(tmp_path / "c.ts", late)))) == list(range(0, 1000, 100))


def test_pictures_coded_out_of_order_are_shown_in_order(tmp_path: Path) -> None:
    clip = Clip(coder={"bf": "3", "g": "10", "b-adapt": "0"})
    frames = list(opened(record(tmp_path / "clip.mp4", clip)))
    assert [number_of(f.image) for f in frames] == list(range(10))
    assert milliseconds(frames) == list(range(0, 1000, 100))


def test_a_recording_can_be_read_again(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4"))
    assert milliseconds(list(recording)) == milliseconds(list(recording))


def test_a_frames_picture_cannot_be_written_to(tmp_path: Path) -> None:
    frame = next(iter(opened(record(tmp_path / "clip.mp4"))))
    with pytest.raises(ValueError, match="read-only"):
        frame.image[0, 0] = 0


@pytest.mark.parametrize(
    ("rotation", "shape", "corner"),
    [
        (0, (48, 64), (0, 0)),
        (90, (64, 48), (-1, 0)),  # turned to the left, the upper left corner lies below
        (180, (48, 64), (-1, -1)),
        (-90, (64, 48), (0, -1)),
    ],
)
def test_a_phones_film_is_turned_upright(
    tmp_path: Path, rotation: int, shape: tuple[int, int], corner: tuple[int, int]
) -> None:
    recording = opened(record(tmp_path / "clip.mp4", Clip(rotation=rotation)))
    image = next(iter(recording)).image
    assert image.shape == (*shape, 3)
    assert (recording.facts.height, recording.facts.width) == shape
    white = np.argwhere(image[..., 0] > 200)
    assert [int(np.median(white[:, axis]) > shape[axis] / 2) for axis in (0, 1)] == [
        int(at == -1) for at in corner
    ]


@pytest.mark.parametrize(
    ("codec", "pixels", "size"),
    [
        ("ffv1", "yuv420p", (63, 47)),
        ("ffv1", "yuv420p10le", (64, 48)),
        ("libx264", "yuv420p10le", (64, 48)),
        ("mjpeg", "yuvj420p", (64, 48)),
        ("ffv1", "gray", (64, 48)),
        ("libx264", "yuv444p", (65, 49)),
    ],
)
def test_odd_sizes_and_other_pixels_are_read(
    tmp_path: Path, codec: str, pixels: str, size: tuple[int, int]
) -> None:
    clip = Clip(size=size, codec=codec, pixels=pixels, coder={})
    frames = list(opened(record(tmp_path / "clip.mkv", clip)))
    assert frames[0].image.shape == (size[1], size[0], 3)
    assert [number_of(f.image) for f in frames] == list(range(10))


def test_facts_tell_length_rate_and_number_of_frames(tmp_path: Path) -> None:
    facts = opened(record(tmp_path / "clip.mp4")).facts
    assert facts.frames == 10
    assert facts.rate == pytest.approx(10)
    assert facts.seconds == pytest.approx(1.0, abs=0.01)


@pytest.mark.parametrize("suffix", ["mp4", "mkv", "ts"])
@pytest.mark.parametrize("bframes", ["0", "2"])
def test_a_span_gives_the_same_frames_as_reading_from_the_start(
    tmp_path: Path, suffix: str, bframes: str
) -> None:
    clip = Clip(stamps=tuple(range(0, 3000, 100)), coder={"g": "5", "bf": bframes})
    path = record(tmp_path / f"clip.{suffix}", clip)
    whole = [(f.index, f.time, number_of(f.image)) for f in opened(path)]
    part = [(f.index, f.time, number_of(f.image)) for f in opened(path, Span(1.25, 2.5))]
    assert part == whole[13:25]


def test_a_bare_stream_without_stamps_can_be_read_from_the_middle(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.h264")  # then 25 frames a second are assumed
    assert [f.index for f in opened(path, Span(0.2))] == [5, 6, 7, 8, 9]


def test_a_span_beyond_the_end_gives_nothing_and_is_no_damage(tmp_path: Path) -> None:
    frames = iter(opened(record(tmp_path / "clip.mp4"), Span(60)))
    assert list(frames) == []


def test_the_creation_time_is_the_start(tmp_path: Path) -> None:
    tags = {"creation_time": "2024-05-01T10:00:00Z"}
    recording = opened(record(tmp_path / "clip.mp4", Clip(tags=tags)))
    assert recording.start.ground == "container"
    assert next(iter(recording)).time == datetime(2024, 5, 1, 10, tzinfo=timezone.utc)


def test_the_digest_is_the_files_sha_256(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    assert digest(path) == sha256(path.read_bytes()).digest()


def test_a_good_reading_has_nothing_to_complain_of(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    frames = iter(opened(path))
    list(frames)
    assert frames.outcome.complaint(path) is None
    assert frames.outcome.frames == 10
    assert frames.outcome.last == NOCLOCK + timedelta(milliseconds=900)


@pytest.mark.parametrize("suffix", ["mp4", "mkv"])
def test_a_file_cut_off_midway_keeps_what_was_read_and_tells_the_second(
    tmp_path: Path, suffix: str
) -> None:
    options = {"movflags": "faststart"} if suffix == "mp4" else {}
    clip = Clip(
        stamps=tuple(range(0, 6000, 100)), size=(320, 240), options=options, coder={"g": "1"}
    )
    path = record(tmp_path / f"clip.{suffix}", clip)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * 0.6)])
    frames = iter(opened(path))
    kept = list(frames)
    assert 10 <= len(kept) < 50
    assert [number_of(f.image) for f in kept[:10]] == list(range(10))
    last = (kept[-1].time - NOCLOCK).total_seconds()
    assert frames.outcome.broke_off == pytest.approx(last)
    assert f"beyond second {last:.1f}; " in str(frames.outcome.complaint(path))


def test_damage_in_the_middle_is_passed_over_and_told(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    clip = Clip(stamps=tuple(range(0, 3000, 100)), size=(320, 240), coder={"g": "5"})
    path = record(tmp_path / "clip.mp4", clip)
    data = bytearray(path.read_bytes())
    data[len(data) // 3 : len(data) // 2] = bytes(len(data) // 2 - len(data) // 3)
    path.write_bytes(data)
    frames = iter(opened(path))
    kept = list(frames)
    assert kept[-1].time == NOCLOCK + timedelta(milliseconds=2900)
    assert frames.outcome.damaged > 0
    assert "is damaged in" in str(frames.outcome.complaint(path))
    times = [f.time for f in kept]
    assert times == sorted(set(times))
    assert capfd.readouterr() == ("", "")


def test_a_file_that_vanishes_between_judging_and_reading_is_named(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    recording = opened(path)
    path.unlink()
    with pytest.raises(Unreadable, match=r"clip\.mp4"):
        next(iter(recording))


def not_a_video(path: Path) -> None:
    path.write_text("a shopping list\n" * 100, encoding="utf-8")


def without_index(path: Path) -> None:
    record(path)
    path.write_bytes(path.read_bytes()[:600])


def without_frames(path: Path) -> None:
    path.write_bytes(b"YUV4MPEG2 W64 H48 F10:1 Ip A1:1 C420\n")


def of_an_unknown_coding(path: Path) -> None:
    data = record(path).read_bytes()
    path.write_bytes(data.replace(b"avc1", b"qqqq"))


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda path: None, "cannot read .*: No such file or directory; check its name"),
        (lambda path: path.touch(), "is empty; copy or record it again"),
        (Path.mkdir, "is no file"),
        (os.mkfifo, "is no file"),
        (not_a_video, "is no video; leave it out"),
        (lambda path: path.write_bytes(bytes(range(256)) * 40), "is no video"),
        (record_sound, "holds no pictures, only sound"),
        (without_index, "was cut off before its index was written"),
        (of_an_unknown_coding, "is coded in a way that nothing here can decode"),
        (without_frames, "holds no frame; copy or record it again"),
    ],
)
def test_a_bad_file_is_named_in_one_line(
    tmp_path: Path, make: object, said: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "clip.mp4"
    make(path)  # type: ignore[operator]  # pytest passes it as an object
    with pytest.raises(Unreadable, match=said) as error:
        opened(path)
    assert str(path) in str(error.value)
    assert "\n" not in str(error.value)
    assert capfd.readouterr() == ("", "")


@contextlib.contextmanager
def without_rights() -> Iterator[None]:
    """Be nobody for a while where the tests run as root, who may read everything."""
    own = os.geteuid()
    if own == 0:
        os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(own)


def test_a_file_one_may_not_read_is_named(tmp_path: Path) -> None:
    path = record(tmp_path / "clip.mp4")
    path.chmod(0)
    with (
        without_rights(),
        pytest.raises(Unreadable, match="Permission denied; give this user the right"),
    ):
        opened(path)


def test_a_playlist_leads_nowhere(tmp_path: Path) -> None:
    record(tmp_path / "other.ts")
    path = tmp_path / "list.m3u8"
    path.write_text(
        "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n", encoding="utf-8"
    )
    with pytest.raises(Unreadable, match="is no video"):
        opened(path)
