"""Evaluations from the command line's words to the last line, seen by toy eyes."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import cv2
import numpy as np
import pytest

from edge.eyes import Eyes
from edge.outputs.progress import Progress
from edge.settings import Settings, settings_from
from edge.values import Image, Reading
from lot.errors import LotError, Unreadable, Unwritable, WrongUsage
from models.evaluate import report
from models.evaluate.__main__ import main
from models.evaluate.asked import asked
from models.evaluate.footage import TimedEyes
from models.evaluate.looking import processor_ms
from models.evaluate.running import Done, run
from tests.edge.networks import write_detector, write_reader
from tests.edge.toys import PLATES, ToyCar, ToyReader, picture, record_gate, toy_eyes

SETTINGS = settings_from({"LOT_TIMEZONE": "UTC"})
HEAD = "image,plate,x1,y1,x2,y2"
# Where the toy car's plate is after two seconds, in pixels of its 320 x 192 picture.
BOX = "170,110,244,126"

Evaluated = Callable[..., tuple[Done, list[str]]]


@pytest.fixture
def evaluated() -> Evaluated:
    """Evaluate with toy eyes; return what came of it and what was refused."""

    def evaluate(*words: str | Path) -> tuple[Done, list[str]]:
        refused: list[str] = []

        def tell(error: LotError) -> None:
            refused.append(str(error))

        quiet = Progress(sys.stderr, quiet=True)
        return run(asked(list(map(str, words))), SETTINGS, quiet, tell, toy_eyes), refused

    return evaluate


def photo(folder: Path, name: str, *cars: ToyCar) -> None:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    cv2.imwrite(str(path), picture(cars, 2.0))


def truth(folder: Path, *lines: str, head: str = HEAD) -> Path:
    path = folder / "truth.csv"
    path.write_text("\n".join((head, *lines)) + "\n", encoding="utf-8")
    return path


@pytest.fixture
def week(tmp_path: Path) -> Path:
    """Four pictures: two right, one that the truth says otherwise, one without a car."""
    photo(tmp_path, "day/a.png", ToyCar(0, 0.0))
    photo(tmp_path, "day/b.png", ToyCar(1, 0.0))
    photo(tmp_path, "day/c.png", ToyCar(2, 0.0))
    photo(tmp_path, "day/d.png")
    return truth(
        tmp_path,
        f"day/a.png,abc 1234,{BOX}",
        "day/b.png,XYZ9876,,,,",
        f"day/c.png,KLM4427,{BOX}",
        f"day/d.png,TRK0042,{BOX}",
    )


def test_pictures_are_scored_through_the_products_own_road(
    week: Path, evaluated: Evaluated
) -> None:
    done, refused = evaluated("pictures", week)
    assert not refused
    assert done.keys["pictures"] == 4
    assert done.keys["exact"] == 2 / 4
    assert done.keys["within_one"] == 3 / 4
    assert done.keys["given_box_exact"] == 1 / 3
    assert done.keys["recall_50"] == 2 / 3
    assert done.keys["false_plates_per_picture"] == 0
    assert (done.keys["ms_median"] or 0) > 0
    assert (done.keys["peak_mb"] or 0) > 1
    assert "one character wrong, missing or too many" in "\n".join(done.lines)


def test_several_plates_of_a_picture_are_scored_each_by_itself(
    tmp_path: Path, evaluated: Evaluated
) -> None:
    photo(tmp_path, "two.png", ToyCar(0, -0.9), ToyCar(3, 1.0))
    done, _ = evaluated("pictures", truth(tmp_path, "two.png,TRK0042,,,,", "two.png,ABC1234,,,,"))
    assert (done.keys["pictures"], done.keys["exact"]) == (1, 1.0)
    assert done.keys["false_plates_per_picture"] == 0
    alone, _ = evaluated("pictures", truth(tmp_path, "two.png,ABC1234,,,,"))
    assert alone.keys["false_plates_per_picture"] == 1


def test_what_cannot_be_used_is_named_by_its_line_and_the_rest_is_scored(
    week: Path, evaluated: Evaluated
) -> None:
    folder = week.parent
    (folder / "cut.png").write_bytes((folder / "day/a.png").read_bytes()[:900])
    (folder / "text.jpg").write_text("no picture")
    (folder / "empty.jpg").write_bytes(b"")
    with week.open("a") as table:
        table.write("none.jpg,A1,,,,\ncut.png,A1,,,,\ntext.jpg,A1,,,,\nempty.jpg,A1,,,,\n")
        table.write("day/d.png,A1,400,110,474,126\nzero.png,A1,9,9,9,9\n")
    done, refused = evaluated("pictures", week)
    assert done.refused == len(refused) == 6
    assert done.keys["pictures"] == 3  # d.png has one line that is not of it
    said = "\n".join(refused)
    for line, why in [
        (6, "No such file"),
        (7, "damaged or cut off"),
        (8, "is no jpg"),
        (9, "is empty"),
        (10, "out of the 320 x 192 picture"),
        (11, "empty or reversed"),
    ]:
        assert re.search(rf"truth\.csv, line {line}: .*{why}", said)


def test_where_nothing_can_be_used_the_status_says_so(tmp_path: Path, evaluated: Evaluated) -> None:
    with pytest.raises(Unreadable, match="no picture of"):
        evaluated("pictures", truth(tmp_path, "none.jpg,A1,,,,"))


def test_a_run_is_held_against_one_kept_before(week: Path, evaluated: Evaluated) -> None:
    kept = week.parent / "kept.jsonl"
    evaluated("pictures", week, "--save", kept)
    first = json.loads(kept.read_text().splitlines()[2])
    assert first == {
        "image": "day/c.png",
        "plate": "KLM4427",
        "read": "KLM4421",
        "confidence": pytest.approx(0.9995**7, abs=0.01),  # of three crops that agree
        "kind": "one_off",
    }
    peer = week.parent / "peer.jsonl"
    peer.write_text(kept.read_text().replace('"read": "KLM4421"', '"read": "KLM4427"'))
    done, _ = evaluated("pictures", week, "--against", peer)
    (exact,) = [line for line in done.lines if re.match(r"exact +\d+ +\d+ +\d+ +\d+ +\d", line)]
    assert exact.split() == ["exact", "0", "1", "2", "1", "1.000"]


class Page(HTMLParser):
    """Collects what a browser would act on."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links += [v or "" for k, v in attrs if k in ("src", "href", "action")]
        assert not any(key.startswith("on") for key, _ in attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def page_of(path: Path) -> Page:
    page = Page()
    page.feed(path.read_text(encoding="utf-8"))
    return page


def test_the_report_shows_the_worst_first_and_needs_nothing_but_itself(
    week: Path, evaluated: Evaluated
) -> None:
    evaluated("pictures", week, "--report", week.parent / "out")
    page = page_of(week.parent / "out" / "report.html")
    assert all(link.startswith("data:image/jpeg;base64,") for link in page.links)
    assert "script" not in page.tags
    at = [page.text.index(f"day/{name}.png") for name in "cdab"]  # wrong, none, unsure by chance
    assert at[0] < at[1] < min(at[2:])
    assert page.text.count("truth ") == 4


@pytest.mark.parametrize(
    "name",
    ["<script>alert(1)<b>.png", "\"'><img src=x onerror=alert(1)>.png", "&lt;a&gt;\u202e.png"],
)
def test_a_hostile_name_is_shown_and_never_obeyed(
    tmp_path: Path, evaluated: Evaluated, name: str
) -> None:
    photo(tmp_path, "a.png", ToyCar(0, 0.0))
    (tmp_path / name.replace("/", "")).write_bytes((tmp_path / "a.png").read_bytes())
    quoted = name.replace('"', '""')
    evaluated("pictures", truth(tmp_path, f'"{quoted}",ABC1234,,,,'), "--report", tmp_path)
    page = page_of(tmp_path / "report.html")
    assert name.replace("\u202e", "\N{REPLACEMENT CHARACTER}") in page.text
    assert "script" not in page.tags
    assert all(link.startswith("data:") for link in page.links)


def test_the_report_is_bounded(
    week: Path, evaluated: Evaluated, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "PICTURES_MOST", 1)
    evaluated("pictures", week, "--report", week.parent / "few.html")
    page = page_of(week.parent / "few.html")
    assert page.tags.count("article") == 1
    assert "(1 of 4)" in page.text


@pytest.mark.parametrize(("flag", "name"), [("--report", "report.html"), ("--save", "kept.jsonl")])
def test_where_nothing_can_be_written_it_is_said_before_the_work(
    week: Path, flag: str, name: str
) -> None:
    def not_yet(_: Settings) -> Eyes:
        raise AssertionError("the eyes were opened")

    (week.parent / "file").write_text("")
    ask = asked(["pictures", str(week), flag, str(week.parent / "file" / name)])
    with pytest.raises(Unwritable):
        run(ask, SETTINGS, Progress(sys.stderr, quiet=True), print, not_yet)


def test_each_given_box_is_read_by_itself(tmp_path: Path, evaluated: Evaluated) -> None:
    photo(tmp_path, "two.png", ToyCar(0, -0.05), ToyCar(3, 1.25))
    boxes = {"ABC1234": "176,110,250,126", "TRK0042": "10,110,84,126"}
    lines = [f"two.png,{plate},{box}" for plate, box in boxes.items()]
    done, _ = evaluated("pictures", truth(tmp_path, *lines))
    assert done.keys["given_box_exact"] == 1
    assert done.keys["recall_50"] == 1


def test_a_pictures_cost_is_finding_and_the_reading_after_it() -> None:
    class Slow(ToyReader):
        def read(self, crops: Sequence[Image]) -> list[Reading]:
            until = processor_ms() + 20
            while processor_ms() < until:
                pass
            return super().read(crops)

    image = picture([ToyCar(0, 0.0)], 2.0)
    timed = TimedEyes(replace(toy_eyes(SETTINGS), reader=Slow()))
    timed.eyes.detector.detect([image])
    timed.eyes.detector.detect([image])
    (found,) = timed.eyes.reader.read([image])
    assert found.engine == "toy"
    assert len(timed.milliseconds) == 2
    assert timed.milliseconds[1] >= 20


FOOTAGE = "video,plate,first_frame,last_frame"


def test_footage_is_scored_to_the_gates_events(tmp_path: Path, evaluated: Evaluated) -> None:
    record_gate(tmp_path / "gate.mp4", 6, [ToyCar(0, 0.5)])
    table = truth(
        tmp_path,
        f"gate.mp4,{PLATES[0]},5,40",
        "gate.mp4,ABC1235,5,40",
        "gate.mp4,ABCI234,5,40",
        "gate.mp4,?,50,59",
        "none.mp4,ABC1234,0,9",
        head=FOOTAGE,
    )
    kept = tmp_path / "kept.jsonl"
    done, refused = evaluated("footage", table, "--save", kept, "--against", _peer(tmp_path))
    assert len(refused) == done.refused == 1
    assert "none.mp4" in refused[0]
    expected = {
        "pictures": 3,
        "exact": 1 / 3,
        "exact_folded": 2 / 3,
        "within_one": 1.0,
        "found": 1,
        "missed": 2,
        "misread": 2,
        "false": 0,
        "recall_50": None,
    }
    assert {name: done.keys[name] for name in expected} == expected
    assert (done.keys["ms_median"] or 0) > 0
    assert [json.loads(line)["read"] for line in kept.read_text().splitlines()] == ["ABC1234"] * 3
    assert any(line.startswith("against the other run") for line in done.lines)


def _peer(folder: Path) -> Path:
    path = folder / "peer.jsonl"
    path.write_text('{"image": "gate.mp4", "plate": "ABC1234", "read": null}\n')
    return path


def test_footage_without_a_readable_video_is_refused(tmp_path: Path, evaluated: Evaluated) -> None:
    (tmp_path / "folder").mkdir()
    table = truth(tmp_path, "none.mp4,A1,0,9", "folder,A1,0,9", head=FOOTAGE)
    with pytest.raises(Unreadable, match="no video of"):
        evaluated("footage", table)


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["pictures"], "TRUTH"),
        (["films", "t.csv"], "films"),
        (["pictures", "t.csv", "--detector", "onnx="], "names no weights"),
        (["pictures", "t.csv", "--against", "none.jsonl"], "cannot read none.jsonl"),
        (["footage", "t.csv", "--report", "r.html"], "--report"),
        (["pictures", "none.csv"], "cannot read none.csv"),
        (["pictures", "none.csv", "--region", "moon"], "is no region of plates"),
    ],
)
def test_wrong_words_end_in_one_line(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    words: list[str],
    why: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(words, {}) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("evaluate: ")
    assert why in line


@pytest.fixture
def networks(tmp_path: Path) -> tuple[Path, Path]:
    return write_detector(tmp_path / "d.onnx"), write_reader(tmp_path / "r.onnx")


def painted(folder: Path) -> Path:
    """Write a picture with one green plate, as the tiny detector sees it."""
    image = np.zeros((64, 64, 3), np.uint8)
    image[24:32, 16:24] = (0, 255, 0)
    cv2.imwrite(str(folder / "a.png"), image)
    return truth(folder, "a.png,A1,4,24,36,32")


def test_the_command_opens_the_named_engines_and_says_one_line_of_json(
    tmp_path: Path, networks: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    table = painted(tmp_path)
    engines = ["--detector", f"onnx={networks[0]}", "--reader", f"crnn={networks[1]}"]
    assert main(["pictures", str(table), "--json", "--quiet", *engines], {}) == 0
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line)["pictures"] == 1
    with table.open("a") as more:
        more.write("none.png,A1,,,,\n")
    assert main(["pictures", str(table), "--quiet", *engines], {}) == 1
    assert "none.png" in capsys.readouterr().err


def test_wrong_weights_are_refused_before_any_picture(
    tmp_path: Path, networks: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    detector, reader = networks
    table = painted(tmp_path)
    words = ["pictures", str(table), "--quiet"]
    swapped = ["--detector", f"onnx={reader}", "--reader", f"crnn={detector}"]
    assert main([*words, *swapped], {}) == 2
    assert "is the wrong network" in capsys.readouterr().err
    assert main([*words, "--detector", f"onnx={table}"], {}) == 5
    assert "is no network" in capsys.readouterr().err
    reader.with_suffix(".json").write_text(json.dumps({"sha256": "0" * 64}))
    assert main([*words, "--detector", f"onnx={detector}", "--reader", f"crnn={reader}"], {}) == 5
    assert "is not the file that its card r.json describes" in capsys.readouterr().err
    assert main([*words, "--reader", "nobody"], {}) == 2
    assert "nobody" in capsys.readouterr().err


def test_a_damaged_table_ends_with_its_own_status(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(b"\xff\xfe\x00")
    assert main(["pictures", str(path)], {}) == 2
    assert "is no CSV in UTF-8" in capsys.readouterr().err
    assert WrongUsage.exit_status == 2
