"""`edge/local.py` as a person runs it: a process, its lines, its status, what it leaves behind."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import av
import pytest

from edge.local import main
from tests.edge.clips import Clip, record, record_sound
from tests.edge.toys import ToyCar, record_gate

TREE = Path(__file__).parents[3]
LIBC = ctypes.CDLL(None, use_errno=True)
PR_CAPBSET_DROP, CAP_DAC_OVERRIDE = 24, 1  # linux/prctl.h, linux/capability.h
FILM, TABLE = "detected_vehicles_and_plates.mp4", "detected_vehicles_and_plates.csv"
ENV = {**{k: v for k, v in os.environ.items() if not k.startswith("LOT_")}, "LOT_THREADS": "1"}


def started(
    *words: str | Path, env: Mapping[str, str] = ENV, before: Callable[[], None] | None = None
) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, str(TREE / "edge" / "local.py"), *map(str, words)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=env,
        preexec_fn=before,  # noqa: PLW1509  # a limit on the child's files, set by one system call
    )


def done(
    *words: str | Path, env: Mapping[str, str] = ENV, before: Callable[[], None] | None = None
) -> tuple[int, str, str]:
    with started(*words, env=env, before=before) as process:
        out, err = process.communicate(timeout=120)
    return process.returncode, out, err


def done_here(
    said: pytest.CaptureFixture[str], *words: str | Path, env: Mapping[str, str] = ENV
) -> tuple[int, str, str]:
    """Do it in this process, as is enough for what is refused before any work."""
    said.readouterr()
    status = main([str(word) for word in words], env)
    out, err = said.readouterr()
    return status, out, err


def bad_inputs(folder: Path) -> dict[str, Path]:
    whole = record(folder / "whole.mp4").read_bytes()
    found = {
        "missing": folder / "missing.mp4",
        "empty": folder / "empty.mp4",
        "cut off": folder / "cut.mp4",
        "text": folder / "text.mp4",
        "only sound": record_sound(folder / "sound.mp4"),
        "a picture cut off": folder / "cut.jpg",
        "an empty folder": folder / "nothing",
    }
    found["empty"].write_bytes(b"")
    found["cut off"].write_bytes(whole[: len(whole) // 3])
    found["text"].write_text("this is no film\n" * 100, encoding="utf-8")
    found["a picture cut off"].write_bytes(b"\xff\xd8\xff\xe0" + b"\0" * 50)
    found["an empty folder"].mkdir()
    return found


KINDS = (
    "missing",
    "empty",
    "cut off",
    "text",
    "only sound",
    "a picture cut off",
    "an empty folder",
)


@pytest.mark.parametrize("kind", KINDS)
def test_what_cannot_be_read_is_named_in_one_line_and_leaves_nothing(
    tmp_path: Path, kind: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = bad_inputs(tmp_path)[kind]
    status, out, err = done_here(capfd, path, "--output", tmp_path / "out")
    assert status == 3, err
    assert out == ""
    assert len(err.splitlines()) == 1
    assert err.startswith("local: ")
    assert path.name in err
    assert not list((tmp_path / "out").glob("*"))


@pytest.mark.parametrize(
    ("words", "env", "said"),
    [
        (["--engine", "magic"], {}, "there is no engine 'magic'"),
        (["--region", "atlantis"], {}, "'atlantis' is no region"),
        (["--camera", "north"], {"LOT_CAMERAS_FILE": "none.toml"}, "LOT_CAMERAS_FILE=none.toml"),
        ([], {"LOT_WINDOW_SECONDS": "soon"}, "LOT_WINDOW_SECONDS=soon is not a number"),
        ([], {"LOT_WINDOW_SECOND": "30"}, "the nearest is LOT_WINDOW_SECONDS"),
        ([], {"LOT_TIMEZONE": "Mars"}, "LOT_TIMEZONE=Mars is no time zone"),
        ([], {"LOT_DETECTOR_WEIGHTS": "none.onnx"}, "cannot read the weights none.onnx"),
        (["--truth", "none.csv"], {}, "cannot read none.csv"),
        (["--compare", "none.csv"], {}, "cannot read none.csv"),
        (["--from", "5", "--to", "4"], {}, "let --to be later than --from"),
        (["--started-at", "yesterday"], {}, "--started-at yesterday is no time"),
    ],
)
def test_a_wrong_word_or_setting_is_answered_in_one_line_before_any_work(
    tmp_path: Path,
    words: list[str],
    env: dict[str, str],
    said: str,
    capfd: pytest.CaptureFixture[str],
) -> None:
    clip = record(tmp_path / "clip.mp4")
    to = ("--output", tmp_path / "out")
    status, out, err = done_here(capfd, clip, *words, *to, env={**ENV, **env})
    assert status == 2, err
    assert out == ""
    assert said in err
    assert len(err.splitlines()) == 1
    assert not list((tmp_path / "out").glob("*"))


def test_on_a_full_disk_the_table_survives_and_no_half_film_remains(tmp_path: Path) -> None:
    clip = record_gate(tmp_path / "gate.mp4", 8, [ToyCar(0, 0.5)])

    def little_room() -> None:
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # then writing fails, as on a full disk
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    status, _, err = done(clip, "--quiet", "--output", tmp_path / "out", before=little_room)
    assert status == 4, err
    assert err.startswith("local: cannot write ")
    assert [path.name for path in (tmp_path / "out").iterdir()] == [TABLE]


def as_one_who_is_not_root() -> None:
    """Take root's right to write anywhere from the child, which then asks permissions as all do.

    Another user's id would do the same, but could not read a tree or a clip that is root's own.
    """
    if os.geteuid() == 0 and LIBC.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "the right to write anywhere cannot be dropped")


def test_a_folder_without_permission_is_named(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir(mode=0o500)
    clip = record(tmp_path / "clip.mp4")
    status, _, err = done(clip, "--output", out, before=as_one_who_is_not_root)
    assert (status, len(err.splitlines())) == (4, 1)
    assert str(out) in err
    assert not list(out.iterdir())
    out.chmod(0o700)  # so that it was the permission that refused
    assert done(clip, "--output", out, before=as_one_who_is_not_root)[0] == 0


def test_ctrl_c_leaves_whole_files(tmp_path: Path) -> None:
    clip = record_gate(tmp_path / "gate.mp4", 600, [ToyCar(0, 0.5)])
    with started(clip, "--json", "--output", tmp_path / "out") as process:
        # Who stops before the first frame has no film.
        wait_for(lambda: holds(process, f".{FILM}.{process.pid}.part"))
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert json.loads(out.splitlines()[-1])["summary"]["stopped"] is True
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [TABLE, FILM]
    with av.open(str(tmp_path / "out" / FILM)) as film:
        assert next(film.decode(video=0)) is not None


def test_who_reads_along_may_go_and_the_table_is_written_all_the_same(tmp_path: Path) -> None:
    clip = record(tmp_path / "clip.mp4")
    with started(clip, "--no-video", "--quiet", "--output", tmp_path / "out") as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.stderr is not None
        assert process.stderr.read() == ""
    assert process.returncode == 0
    assert (tmp_path / "out" / TABLE).is_file()


def test_several_processes_tell_what_one_tells_and_name_what_breaks_off(tmp_path: Path) -> None:
    record_gate(tmp_path / "20260501_080000.mp4", 6, [])
    record_gate(tmp_path / "20260501_080006.mp4", 5, [])
    whole = record_gate(tmp_path / "20260501_080012.mkv", 8, []).read_bytes()
    (tmp_path / "20260501_080012.mkv").write_bytes(whole[: len(whole) // 2])
    told = []
    for jobs in ("1", "2"):
        words = ("--jobs", jobs, "--no-video", "--quiet", "--json", "--output", tmp_path / "out")
        told.append(done(tmp_path, *words))
    assert told[0] == told[1]
    status, _, err = told[0]
    assert status == 1
    assert len(err.splitlines()) == 1
    assert "20260501_080012.mkv" in err


def test_what_is_wrong_with_the_engines_is_one_line_whatever_the_jobs(tmp_path: Path) -> None:
    record(tmp_path / "a.mp4")
    record(tmp_path / "b.mp4", Clip(size=(80, 48)))
    words = (tmp_path, "--jobs", "2", "--output", tmp_path / "out")
    status, _, err = done(*words, env={**ENV, "LOT_READER": "magic"})
    assert (status, len(err.splitlines())) == (2, 1)


def wait_for(happened: Callable[[], bool], seconds: float = 60) -> None:
    """Look again until it happened; a machine under load gets the time it needs."""
    until = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.02)


def holds(process: subprocess.Popen[str], name: str) -> bool:
    """Say whether the process has a file open."""
    try:
        links = [str(link.readlink()) for link in Path(f"/proc/{process.pid}/fd").iterdir()]
    except OSError:  # a file just closed
        return False
    return any(link.endswith(name) for link in links)
