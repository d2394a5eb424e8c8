"""Still pictures: their time, how they lie, and the damaged ones named."""

import struct
import zlib
from datetime import datetime, timezone
from pathlib import Path

import cv2
import numpy as np
import pytest
import pytz
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from edge.sources.headers import header
from edge.sources.stills import Still, open_still, picture_in
from lot.errors import Unreadable
from tests.edge.clips import picture

CHICAGO = pytz.timezone("America/Chicago")
SUFFIXES = [".jpg", ".png", ".webp", ".bmp"]


def opened(path: Path) -> Still:
    return open_still(path, camera="gate", zone=CHICAGO)


def tiff(orientation: int = 1, taken: str = "", offset: str = "", order: str = "<") -> bytes:
    """Write an EXIF block: one directory, in it the place of EXIF's own with two texts."""
    texts = [(0x9003, taken.encode() + b"\0"), (0x9011, offset.encode() + b"\0")]
    own_at = 8 + 2 + 2 * 12 + 4
    first = struct.pack(order + "H", 2)
    first += struct.pack(order + "HHIHH", 0x0112, 3, 1, orientation, 0)
    first += struct.pack(order + "HHII", 0x8769, 4, 1, own_at) + bytes(4)
    text_at = own_at + 2 + len(texts) * 12 + 4
    own, behind = struct.pack(order + "H", len(texts)), b""
    for tag, text in texts:
        own += struct.pack(order + "HHII", tag, 2, max(5, len(text)), text_at + len(behind))
        behind += text.ljust(5, b"\0")
    mark = b"II" if order == "<" else b"MM"
    return mark + struct.pack(order + "HI", 42, 8) + first + own + bytes(4) + behind


def with_exif(path: Path, block: bytes) -> Path:
    data = picture(path).read_bytes()
    if path.suffix == ".jpg":
        body = b"Exif\0\0" + block
        data = data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:]
    elif path.suffix == ".png":
        chunk = struct.pack(">I", len(block)) + b"eXIf" + block
        data = data[:33] + chunk + struct.pack(">I", zlib.crc32(chunk[4:])) + data[33:]
    else:
        chunk = b"EXIF" + struct.pack("<I", len(block)) + block + bytes(len(block) % 2)
        data = b"RIFF" + struct.pack("<I", len(data) + len(chunk) - 8) + data[8:] + chunk
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_picture_is_a_recording_of_one_frame(tmp_path: Path, suffix: str) -> None:
    still = opened(picture(tmp_path / f"p{suffix}"))
    (frame,) = still
    assert (frame.index, frame.camera, frame.image.shape) == (0, "gate", (48, 64, 3))
    assert (still.facts.width, still.facts.height, still.facts.frames) == (64, 48, 1)
    assert not frame.image.flags.writeable
    assert not still.start.known


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_the_cameras_time_is_the_lots(tmp_path: Path, suffix: str, order: str) -> None:
    block = tiff(taken="2024:05:01 13:45:00", order=order)
    still = opened(with_exif(tmp_path / f"20230101_000000{suffix}", block))
    assert still.start.at == datetime(2024, 5, 1, 18, 45, tzinfo=timezone.utc)
    assert still.start.ground == "exif"


def test_a_camera_that_knows_its_zone_is_believed(tmp_path: Path) -> None:
    block = tiff(taken="2024:05:01 13:45:00", offset="+02:00")
    still = opened(with_exif(tmp_path / "p.jpg", block))
    assert still.start.at == datetime(2024, 5, 1, 11, 45, tzinfo=timezone.utc)


@pytest.mark.parametrize("taken", ["", "0000:00:00 00:00:00", "    :  :     :  :  ", "yesterday"])
def test_without_exif_the_name_tells(tmp_path: Path, taken: str) -> None:
    still = opened(with_exif(tmp_path / "20240501_134500.jpg", tiff(taken=taken)))
    assert still.start.ground == "name"


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [
        (1, (0, 0)),
        (2, (0, 1)),
        (3, (1, 1)),
        (4, (1, 0)),
        (5, (0, 0)),
        (6, (0, 1)),
        (7, (1, 1)),
        (8, (1, 0)),
    ],
)
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_turned_picture_is_set_upright(
    tmp_path: Path, orientation: int, corner: tuple[int, int], suffix: str
) -> None:
    still = opened(with_exif(tmp_path / f"p{suffix}", tiff(orientation)))
    (frame,) = still
    height, width = frame.image.shape[:2]
    assert (height > width) == (orientation >= 5)
    white = np.argwhere(frame.image[..., 0] > 200)
    middle = tuple(int(np.median(white[:, i]) > (height, width)[i] / 2) for i in (0, 1))
    assert middle == corner


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("share", [0.2, 0.6, 0.95])
def test_a_picture_cut_off_is_named_and_nothing_else_is_said(
    tmp_path: Path, suffix: str, share: float, capfd: pytest.CaptureFixture[str]
) -> None:
    path = picture(tmp_path / f"p{suffix}", (320, 240))
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * share)])
    with pytest.raises(Unreadable, match=r"p\.\w+ is (damaged or cut off|no jpg)"):
        opened(path)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_damage_in_the_middle_is_named_and_nothing_else_is_said(
    tmp_path: Path, suffix: str, capfd: pytest.CaptureFixture[str]
) -> None:
    path = picture(tmp_path / f"p{suffix}", (320, 240))
    data = bytearray(path.read_bytes())
    data[len(data) // 2 : len(data) // 2 + 20] = b"\x5a" * 20
    path.write_bytes(data)
    with pytest.raises(Unreadable, match=r"p\.\w+ is damaged or cut off"):
        opened(path)
    assert capfd.readouterr() == ("", "")


def test_what_a_phone_writes_behind_a_picture_is_passed_over(tmp_path: Path) -> None:
    path = picture(tmp_path / "motion.jpg")
    path.write_bytes(path.read_bytes() * 2 + b"ftypmp42" + bytes(range(256)) * 4)
    (frame,) = opened(path)
    assert frame.image.shape == (48, 64, 3)


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((48, 64), 100, np.uint8),
        np.full((48, 64, 4), 100, np.uint8),
        np.full((48, 64, 3), 100 * 257, np.uint16),
    ],
)
def test_grey_clear_and_deep_pictures_are_read(tmp_path: Path, pixels: NDArray[np.uint8]) -> None:
    path = tmp_path / "p.png"
    path.write_bytes(cv2.imencode(".png", pixels)[1].tobytes())
    (frame,) = opened(path)
    assert frame.image.shape == (48, 64, 3)
    assert np.abs(frame.image.astype(int) - 100).max() <= 1


def test_another_format_is_named(tmp_path: Path) -> None:
    path = tmp_path / "p.jpg"
    path.write_bytes(b"GIF89a" + bytes(100))
    with pytest.raises(Unreadable, match="is no jpg, png, webp or bmp picture"):
        opened(path)
    path.write_bytes(b"")
    with pytest.raises(Unreadable, match="is empty"):
        opened(path)
    with pytest.raises(Unreadable, match="No such file"):
        opened(tmp_path / "missing.jpg")


def test_a_few_bytes_do_not_become_gigabytes() -> None:
    data = bytearray(cv2.imencode(".png", np.zeros((4, 4, 3), np.uint8))[1].tobytes())
    data[16:24] = struct.pack(">II", 30_000, 30_000)
    with pytest.raises(Unreadable, match="has 30000 x 30000 pixels"):
        picture_in(bytes(data), "bomb")


@given(st.data())
def test_damaged_headers_are_refused_or_read_but_never_a_bug(data: st.DataObject) -> None:
    suffix = data.draw(st.sampled_from(SUFFIXES))
    whole = bytearray(cv2.imencode(suffix, np.zeros((8, 8, 3), np.uint8))[1].tobytes())
    for _ in range(data.draw(st.integers(1, 6))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    found = header(bytes(whole[: data.draw(st.integers(0, len(whole)))]))
    assert found is None or found.width >= 0


@given(st.binary(max_size=200))
def test_a_damaged_exif_block_is_as_good_as_none(block: bytes) -> None:
    body = b"Exif\0\0" + block
    size = b"\xff\xc0" + struct.pack(">HBHHB", 8, 8, 4, 5, 1)
    data = b"\xff\xd8\xff\xe1" + struct.pack(">H", len(body) + 2) + body + size + b"\xff\xda\0\2"
    found = header(data + b"\xff\xd9")
    assert found is not None
    assert (found.width, found.height, found.whole) == (5, 4, True)
