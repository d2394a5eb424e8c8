"""The campaign `cameras` in short: each fault once, with a car in view."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from lot.errors import Unreadable
from tests.campaigns import cameras
from tests.campaigns.cameras import Line, wrongly_told

pytestmark = pytest.mark.long
SEED = 7


@pytest.fixture
def found(tmp_path: Path) -> Iterator[list[Line]]:
    try:
        with cameras.lines(tmp_path, SEED) as lines:
            yield lines
    except Unreadable as missing:
        pytest.skip(str(missing))


def test_a_camera_is_back_and_the_car_before_it_is_one_entry(found: list[Line]) -> None:
    cameras.tried(found, 1)
    said = found[0].told
    # The camera that is done first shows nothing more, and is blind once again.
    first = {camera: why[0] for camera, why in said.blind.items()}
    assert first == {"unplugged": "no_frames", "frozen": "frozen", "black": "black"}
    (entry,) = said.finals("frozen")
    assert wrongly_told([entry], str(entry.plate), 1) == []
    assert wrongly_told([entry, entry], str(entry.plate), 1), "the control: a second event"
    assert wrongly_told([replace(entry, kind="exit")], str(entry.plate), 1), "and an exit"
