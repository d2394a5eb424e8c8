"""Exports: streamed, formula-safe, signed, and about nobody but who was asked for."""

import csv
import io
import tracemalloc
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

import av
import numpy as np
import pytest
import pytz

from contract import manifest
from contract.audit import NOTHING_SEEN
from contract.event import Spelling
from contract.manifest import Manifest
from lot.cells import plain
from lot.errors import LotError
from server.exports import crops, subject
from server.exports.film import BANNER, HEIGHT, WIDTH, film
from server.exports.package import MANIFEST_NAME, Asked, Piece, checked, packed
from server.exports.shot import Shot
from server.exports.tables import EVENT_COLUMNS, VISIT_COLUMNS, event_lines, visit_lines
from server.visits.values import Visit
from tests.contract import golden
from tests.contract.writers import NOON
from tests.server.exports.opened import clip, event, jpeg
from tests.server.verify.filled import SERVER_ID, VAULT

CHICAGO = pytz.timezone("America/Chicago")
ASKED = Asked(SERVER_ID, bytes(16), NOON, NOON, NOON + 1, NOTHING_SEEN)
PUBLIC = golden.key("vault_public")


def sign(one: Manifest) -> bytes:
    return manifest.signed(one, VAULT)


def rows(lines: Iterable[bytes]) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(b"".join(lines).decode(), newline="")))


def unpacked(stream: Iterable[bytes]) -> zipfile.ZipFile:
    return zipfile.ZipFile(io.BytesIO(b"".join(stream)))


def test_an_event_and_a_visit_are_rows_by_the_lots_clock() -> None:
    (row,) = rows(event_lines([event(plate="ABC123", lane="2")], CHICAGO))
    assert tuple(row) == EVENT_COLUMNS
    assert row["plate"] == "ABC123"
    assert row["first_seen"].endswith("-06:00")
    visit = Visit("ABC123", "a", "b", NOON, NOON + 90_000_000, 970, ("near_match",), ("c",))
    (row,) = rows(visit_lines([visit], CHICAGO))
    assert tuple(row) == VISIT_COLUMNS
    assert (row["stay_seconds"], row["sureness"], row["flags"]) == ("90", "certain", "near_match")
    (row,) = rows(visit_lines([Visit(None, None, "b", None, NOON, 100, ())], CHICAGO))
    assert (row["plate"], row["entered_at"], row["stay_seconds"]) == ("", "", "")


@pytest.mark.parametrize("text", ["=1+1", "+49", "-2", "@SUM(A1)"])
def test_no_cell_is_a_formula(text: str) -> None:
    told = event(plate=text, camera=text, lane=text, alternatives=(Spelling(text, 5),))
    (row,) = rows(event_lines([told], CHICAGO))
    for column in ("plate", "camera", "lane", "alternatives"):
        assert row[column].startswith("'")
        assert plain(row[column]).startswith(text)


def test_an_export_is_checked_by_whoever_has_the_key(tmp_path: Path) -> None:
    lines = event_lines([event(1), event(2)], CHICAGO)
    pieces = [Piece("events.csv", lines, is_table=True), Piece("one.jpg", [b"jp", b"eg"])]
    path = tmp_path / "export.zip"
    path.write_bytes(b"".join(packed(pieces, ASKED, sign, ("a note",))))
    found = checked(str(path), PUBLIC)
    assert (found.rows, [one.name for one in found.files]) == (2, ["events.csv", "one.jpg"])
    with zipfile.ZipFile(path) as whole:
        contents = {name: whole.read(name) for name in whole.namelist()}
    for name in ("events.csv", "one.jpg"):
        altered = contents | {name: contents[name] + b"x"}
        less = {one: data for one, data in contents.items() if one != name}
        more = contents | {"other": b""}
        for wrong in (altered, less, more):
            with zipfile.ZipFile(path, "w") as package:
                for one, data in wrong.items():
                    package.writestr(one, data)
            with pytest.raises(LotError):
                checked(str(path), PUBLIC)


def test_an_export_goes_out_while_it_is_made_and_holds_one_row() -> None:
    asked: list[int] = []

    def many() -> Iterator[bytes]:
        for n in range(20_000):
            asked.append(n)
            yield b"x" * 500

    stream = packed([Piece("a.jpg", many())], ASKED, sign)
    next(stream)
    assert len(asked) < 10
    tracemalloc.start()
    size = sum(map(len, stream))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size > 9_900_000
    assert peak < 2_000_000


def test_a_film_shows_every_event_with_its_time_camera_and_plate() -> None:
    shots = [
        Shot(event(1, plate="ABC123"), {"frame": jpeg(value=120), "plate": jpeg(80, 20)}),
        Shot(event(2, plate=None, confidence=None, characters=(), reason="dark"), {"clip": clip()}),
        Shot(event(3), {"vehicle": b"no picture at all"}),
        Shot(event(4), {"clip": b"no clip"}),
        Shot(event(5), {}),
    ]
    data = b"".join(film(shots, CHICAGO))
    with av.open(io.BytesIO(data), "r") as container:
        frames = [frame.to_ndarray(format="gray") for frame in container.decode(video=0)]
        duration = float(container.streams.video[0].duration or 0)
    assert duration >= 0
    assert len(frames) == 4 + 10 + 4 + 1 + 4 + 1
    assert frames[0].shape == (HEIGHT, WIDTH)
    assert abs(int(frames[0][HEIGHT // 2, WIDTH // 2]) - 120) < 12
    assert all((frame[:BANNER] > 200).sum() > 200 for frame in frames)
    assert frames[4][BANNER:].max() > 200  # the clip's bar
    assert frames[-1][BANNER:].max() < 40


def test_a_film_is_sent_in_pieces() -> None:
    shots = (Shot(event(n), {"frame": jpeg(1280, 720, n)}) for n in range(1, 40))
    pieces = list(film(shots, CHICAGO))
    assert len(pieces) > 5
    assert max(map(len, pieces)) < 200_000
    with av.open(io.BytesIO(b"".join(pieces)), "r") as container:
        assert sum(1 for _ in container.decode(video=0)) == 39 * 4 + 1


def test_a_picture_that_says_it_is_enormous_is_not_decoded() -> None:
    small = jpeg(64, 64)
    at = small.index(b"\xff\xc0") + 5
    bomb = small[:at] + b"\xff\xff\xff\xff" + small[at + 4 :]
    data = b"".join(film([Shot(event(), {"frame": bomb})], CHICAGO))
    with av.open(io.BytesIO(data), "r") as container:
        frame = next(container.decode(video=0)).to_ndarray(format="gray")
    assert np.asarray(frame)[BANNER:].max() < 40


def test_a_subjects_pack_holds_exact_matches_and_the_vehicle_alone() -> None:
    events = [
        event(1, plate="ABC123"),
        event(2, plate="ABC128"),
        event(3, plate="XYZ999"),
        event(4, plate="BBBBBB", alternatives=(Spelling("ABC123", 5),)),
        event(5, plate="XYZ999", others=(Spelling("ABC123", 900),)),
        event(6, plate=None, confidence=None, characters=(), alternatives=()),
    ]
    found = subject.sorted_out("abc 123", events)
    assert [one.sequence for one in found.exact] == [1]
    assert [one.sequence for one in found.doubtful] == [2, 4, 5]
    theirs = subject.settled(found, {events[1].id, events[2].id})
    assert [one.sequence for one in theirs] == [1, 2]
    pictures = {name: jpeg() for name in ("plate", "vehicle", "frame")} | {"clip": b"film"}
    shots = [Shot(one, pictures) for one in theirs]
    visits = [
        Visit("ABC123", events[0].id, events[1].id, NOON, NOON, 900, ()),
        Visit("ABC123", events[0].id, events[2].id, NOON, NOON, 900, ()),
    ]
    pack = unpacked(packed(subject.pieces(shots, visits, CHICAGO), ASKED, sign))
    names = {name.split("-")[-1] for name in pack.namelist()}
    assert names == {"plate.jpg", "vehicle.jpg", "events.csv", "visits.csv", MANIFEST_NAME}
    assert len(rows([pack.read("events.csv")])) == 2
    assert len(rows([pack.read("visits.csv")])) == 1
    assert b"XYZ999" not in b"".join(pack.read(name) for name in pack.namelist())


def test_crops_leave_with_what_they_say_where_it_was_read_surely() -> None:
    shots = [
        Shot(event(1, plate="ABC123", confidence=950), {"plate": jpeg(), "frame": jpeg()}),
        Shot(event(2, plate="ABC124", confidence=899), {"plate": jpeg()}),
        Shot(event(3, plate="ABC125", confidence=999), {}),
    ]
    pack = unpacked(packed(crops.pieces(shots, CHICAGO), ASKED, sign))
    (row,) = rows([pack.read("crops.csv")])
    assert row["text"] == "ABC123"
    assert pack.read(row["file"]) == shots[0].pictures["plate"]
    assert len(pack.namelist()) == 3
