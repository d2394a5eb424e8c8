"""How many eyes are opened for so many cameras, and on how many cores each."""

from __future__ import annotations

from dataclasses import replace

import pytest

from edge.eyes import Eyes, several
from edge.settings import Settings, settings_from
from tests.edge.toys import toy_eyes

SETTINGS = settings_from({})


def opened(settings: Settings, cameras: int) -> list[int | None]:
    """Return on how many threads each of the eyes was opened."""
    threads: list[int | None] = []

    def noted(own: Settings) -> Eyes:
        threads.append(own.threads)
        return toy_eyes(own)

    assert len(several(settings, cameras, noted)) == len(threads)
    return threads


@pytest.mark.parametrize(
    ("cores", "cameras", "threads"),
    [
        (2, 2, [1, 1]),
        (4, 2, [2, 2]),
        (4, 3, [1, 1, 1]),
        (2, 5, [1, 1]),  # the third shares the first one's eyes
        (4, 1, [4]),
        (1, 3, [1]),
    ],
)
def test_each_camera_has_eyes_of_its_own_while_there_are_cores(
    cores: int, cameras: int, threads: list[int]
) -> None:
    assert opened(replace(SETTINGS, threads=cores), cameras) == threads


@pytest.mark.parametrize(("detector", "reader"), [("tensorrt", "crnn"), ("onnx", "openalpr")])
def test_what_is_large_or_on_a_gpu_is_there_once(detector: str, reader: str) -> None:
    assert opened(replace(SETTINGS, threads=4, detector=detector, reader=reader), 3) == [4]
