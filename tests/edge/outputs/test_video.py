"""The annotated film: whole, playable, every frame at its own time, a chapter an event."""

import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import av
import numpy as np
import pytest
import pytz

from contract.event import Event
from edge.outputs.annotation import Annotation
from edge.outputs.drawing import strip_height
from edge.outputs.trails import Mark, Trail
from edge.outputs.video import annotated
from edge.sources.files import Recording, open_recording
from edge.sources.spans import WHOLE, Span
from edge.values import Box
from lot.errors import Unwritable
from lot.times import microseconds
from tests.edge.clips import Clip, number_of, record
from tests.edge.outputs.events import ENTRY

UTC = pytz.utc
UNEVEN = (0, 40, 80, 500, 520, 1900, 1940, 2000)
LONG = Clip(stamps=tuple(range(0, 4000, 100)), size=(320, 240))


def opened(path: Path, span: Span = WHOLE) -> Recording:
    return open_recording(path, camera="north", zone=UTC, span=span)


def at(recording: Recording, seconds: float, **changed: object) -> Event:
    """Return an entry at that second of the recording, half a second long."""
    first = microseconds(recording.start.at) + round(seconds * 1_000_000)
    moved = replace(ENTRY, first_seen=first, best_at=first, last_seen=first + 500_000)
    return replace(moved, **changed)  # type: ignore[arg-type]  # any field


def drawn(recording: Recording, path: Path, events: Sequence[Event] = ()) -> Path:
    first, last = (recording.start.at + timedelta(seconds=s) for s in (0, 9))
    marks = [Mark(1, time, Box(0.2, 0.3, 0.7, 0.9), 0.9) for time in (first, last)]
    tracks = {1: Trail("car", last)} if events else {}
    annotation = Annotation(tracks, marks if events else (), events, zone=UTC)
    annotated(recording, annotation, events, path)
    return path


def stamps(path: Path) -> list[int]:
    with av.open(str(path)) as film:
        return [round(float(picture.time or 0) * 1000) for picture in film.decode(video=0)]


def length(path: Path) -> float:
    with av.open(str(path)) as film:
        assert film.duration is not None
        return film.duration / 1_000_000


@pytest.mark.parametrize("given", [tuple(range(0, 1000, 100)), UNEVEN])
def test_every_frame_is_there_at_its_own_time(tmp_path: Path, given: Sequence[int]) -> None:
    source = record(tmp_path / "clip.mp4", Clip(stamps=given))
    film = drawn(opened(source), tmp_path / "film.mp4")
    assert stamps(film) == list(given)


@pytest.mark.parametrize("rate", [10, 12, 15, 24, 25, 30, 60])
def test_the_film_is_as_long_as_its_source(tmp_path: Path, rate: int) -> None:
    given = tuple(round(n * 1000 / rate) for n in range(rate * 2))
    source = record(tmp_path / "clip.mp4", Clip(stamps=given))
    film = drawn(opened(source), tmp_path / "film.mp4")
    assert length(film) == pytest.approx(length(source), rel=0.01)


def test_a_span_that_ends_with_the_last_frame_keeps_the_length(tmp_path: Path) -> None:
    given = tuple(round(n * 1000 / 12) for n in range(36))
    source = record(tmp_path / "clip.mp4", Clip(stamps=given))
    film = drawn(opened(source, Span(0, 2.918)), tmp_path / "film.mp4")
    assert length(film) == pytest.approx(3.0, rel=0.01)


def test_the_pictures_are_the_sources(tmp_path: Path) -> None:
    film = drawn(
        opened(record(tmp_path / "clip.mp4", Clip(size=(320, 240)))), tmp_path / "film.mp4"
    )
    assert [number_of(frame.image) for frame in opened(film)] == list(range(10))


def test_a_browser_and_a_phone_can_play_it(tmp_path: Path) -> None:
    film = drawn(opened(record(tmp_path / "clip.mp4", LONG)), tmp_path / "film.mp4")
    data = film.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")  # it plays while it is loaded
    avcc = data.index(b"avcC") + 4
    profile, level = data[avcc + 1], data[avcc + 3]
    assert (profile, level) <= (100, 40)  # High, and no more than 1080p at 30 needs
    with av.open(str(film)) as container:
        stream = container.streams.video[0]
        assert (stream.pix_fmt, stream.color_range) == ("yuv420p", 1)
        assert (stream.colorspace, stream.color_primaries, stream.color_trc) == (6, 6, 6)


def test_hd_has_the_colours_of_hd(tmp_path: Path) -> None:
    clip = Clip(size=(1280, 720), stamps=(0, 100))
    film = drawn(opened(record(tmp_path / "clip.mp4", clip)), tmp_path / "film.mp4")
    with av.open(str(film)) as container:
        assert container.streams.video[0].colorspace == 1


@pytest.mark.parametrize(
    ("clip", "size"),
    [
        (Clip(size=(63, 47), codec="ffv1", coder={}), (62, 46)),
        (Clip(codec="ffv1", pixels="yuv420p10le", coder={}), (64, 48)),
        (Clip(codec="mjpeg", pixels="yuvj420p", coder={}), (64, 48)),
        (Clip(codec="ffv1", pixels="gray", coder={}), (64, 48)),
    ],
)
def test_odd_sizes_and_other_pixels_become_a_usual_film(
    tmp_path: Path, clip: Clip, size: tuple[int, int]
) -> None:
    recording = opened(record(tmp_path / "clip.mkv", clip))
    if recording.facts.seconds is None:
        recording = replace(recording, facts=replace(recording.facts, seconds=1.0))
    frames = list(opened(drawn(recording, tmp_path / "film.mp4")))
    assert frames[0].image.shape == (size[1] + strip_height(*size), size[0], 3)
    pictures = [frame.image[: size[1]] for frame in frames]
    assert [number_of(picture) for picture in pictures] == list(range(10))


def test_a_phones_film_stands_upright(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4", Clip(rotation=-90, size=(96, 64))))
    film = opened(drawn(recording, tmp_path / "film.mp4"))
    assert (film.facts.width, film.facts.height) == (64, 96 + strip_height(64, 96))
    theirs, ours = next(iter(recording)).image, next(iter(film)).image[:96]
    assert np.abs(theirs[:80].astype(int) - ours[:80].astype(int)).mean() < 6


def test_a_span_becomes_a_film_of_that_span(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4", LONG), Span(1.0, 2.0))
    assert stamps(drawn(recording, tmp_path / "film.mp4")) == list(range(0, 1000, 100))


def test_boxes_banners_and_the_clock_are_drawn(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4", Clip(size=(320, 240))))
    plain = list(opened(drawn(recording, tmp_path / "plain.mp4")))[5].image.astype(int)
    with_events = drawn(recording, tmp_path / "film.mp4", [at(recording, 0.1)])
    film = list(opened(with_events))[5].image.astype(int)
    differs = np.abs(film - plain).max(axis=2) > 40
    assert differs[240:, :200].mean() > 0.3  # the banner, below the picture
    assert differs[100, 60:68].any()  # the box's left side
    assert not differs[:40].any()
    assert not differs[150:200, 240:].any()


def test_an_event_is_a_chapter_that_can_be_jumped_to(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4", LONG))
    events = [
        at(recording, 3.0, plate=None, confidence=None, characters=(), kind="seen", reason="dark"),
        at(recording, 1.25),
    ]
    film = drawn(recording, tmp_path / "film.mp4", events)
    with av.open(str(film)) as container:
        chapters = [
            (c["metadata"]["title"], float(c["start"] * (c["time_base"] or 0)), c["end"])
            for c in container.chapters()
        ]
        keys = [round(float(p.time or 0) * 1000) for p in container.decode(video=0) if p.key_frame]
    assert [(title, start) for title, start, _ in chapters] == [
        ("beginning", 0),
        ("entry 8ABC123", 1.25),
        ("seen (dark)", 3.0),
    ]
    assert chapters[-1][2] == 4000
    assert {1300, 3000} <= set(keys)


def test_two_events_at_once_are_two_chapters_and_one_at_the_start_is_the_first(
    tmp_path: Path,
) -> None:
    recording = opened(record(tmp_path / "clip.mp4", LONG))
    events = [at(recording, 0), at(recording, 2), at(recording, 2, plate="KLM4421")]
    with av.open(str(drawn(recording, tmp_path / "film.mp4", events))) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles == ["entry 8ABC123", "entry 8ABC123", "entry KLM4421"]


def test_a_known_start_is_written_into_the_film(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "20240501_134500.mp4"))
    film = opened(drawn(recording, tmp_path / "film.mp4"))
    assert film.start.at == recording.start.at
    without = opened(drawn(opened(record(tmp_path / "clip.mp4")), tmp_path / "film2.mp4"))
    assert not without.start.known


def test_nothing_stands_under_the_films_name_before_it_is_whole(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4"))
    film = tmp_path / "film.mp4"
    seen: list[bool] = []
    annotation = Annotation({}, (), (), zone=UTC)
    annotated(recording, annotation, (), film, progress=lambda frames: seen.append(film.exists()))
    assert seen == [False] * 10
    assert film.exists()


def test_ctrl_c_leaves_a_whole_playable_film_up_to_there(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4", LONG))
    events = [at(recording, 0.5), at(recording, 3.5)]

    def stop(frames: int) -> None:
        if frames == 20:
            raise KeyboardInterrupt

    annotation = Annotation({}, (), events, zone=UTC)
    with pytest.raises(KeyboardInterrupt):
        annotated(recording, annotation, events, tmp_path / "film.mp4", progress=stop)
    assert stamps(tmp_path / "film.mp4") == list(range(0, 2000, 100))
    with av.open(str(tmp_path / "film.mp4")) as container:
        titles = [chapter["metadata"]["title"] for chapter in container.chapters()]
    assert titles == ["beginning", "entry 8ABC123"]


def test_after_another_error_nothing_of_the_film_remains_and_an_older_one_stands(
    tmp_path: Path,
) -> None:
    recording = opened(record(tmp_path / "clip.mp4"))
    film = tmp_path / "film.mp4"
    film.write_bytes(b"the older one")

    def fail(frames: int) -> None:
        raise ZeroDivisionError

    annotation = Annotation({}, (), (), zone=UTC)
    with pytest.raises(ZeroDivisionError):
        annotated(recording, annotation, (), film, progress=fail)
    assert film.read_bytes() == b"the older one"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["clip.mp4", "film.mp4"]


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    recording = opened(record(tmp_path / "clip.mp4"))
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(Unwritable, match=r"cannot write .*film\.mp4: "):
        drawn(recording, tmp_path / "file" / "film.mp4")


ON_A_FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from tests.edge.outputs.test_video import drawn, opened

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (2000, 2000))
try:
    drawn(opened(Path(sys.argv[1])), Path(sys.argv[2]))
except Exception as error:
    print(type(error).__name__, error)
"""


def test_a_full_disk_is_named_and_no_half_film_remains(tmp_path: Path) -> None:
    source = record(tmp_path / "clip.mp4", LONG)
    film = tmp_path / "film.mp4"
    command = [sys.executable, "-c", ON_A_FULL_DISK, str(source), str(film)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=600)
    assert done.stdout.startswith(f"Unwritable cannot write {film}: File too large"), done
    assert done.stderr == ""
    assert [path.name for path in tmp_path.iterdir()] == ["clip.mp4"]
