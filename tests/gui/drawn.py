"""Pictures for the page's tests, drawn: a car's back and its plate."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import cv2
import cv2.typing
import numpy as np

from edge.daemon import clips


def plate(text: str) -> bytes:
    """Return a plate as a camera would crop it."""
    picture = np.full((120, 320, 3), (225, 230, 228), np.uint8)
    cv2.rectangle(picture, (4, 4), (315, 115), (60, 60, 60), 4)
    cv2.putText(picture, text, (22, 82), cv2.FONT_HERSHEY_DUPLEX, 1.7, (40, 30, 30), 4)
    return _jpeg(cv2.GaussianBlur(picture, (5, 5), 0))


def vehicle(text: str) -> bytes:
    """Return a car from behind, at the gate."""
    picture = np.full((400, 640, 3), (120, 118, 112), np.uint8)
    cv2.rectangle(picture, (0, 0), (640, 150), (190, 180, 168), -1)
    cv2.rectangle(picture, (170, 110), (470, 320), (88, 62, 44), -1)
    cv2.rectangle(picture, (200, 125), (440, 195), (52, 48, 46), -1)
    for x in (182, 428):
        cv2.rectangle(picture, (x, 215), (x + 30, 240), (40, 40, 200), -1)
        cv2.rectangle(picture, (x, 315), (x + 34, 350), (28, 28, 28), -1)
    small = cv2.resize(cv2.imdecode(np.frombuffer(plate(text), np.uint8), 1), (96, 36))
    picture[250:286, 272:368] = small
    return _jpeg(cv2.GaussianBlur(picture, (3, 3), 0))


def both(text: str) -> dict[str, bytes]:
    """Return the pictures of a crossing by their names."""
    return {"plate": plate(text), "vehicle": vehicle(text)}


def with_clip(text: str) -> dict[str, bytes]:
    """Return them with a clip as an edge makes it: two seconds of the car."""
    began, shown = datetime(2026, 5, 1, tzinfo=timezone.utc), vehicle(text)
    seen = [clips.Kept("gate", began + timedelta(seconds=n / 5), shown) for n in range(10)]
    clip = clips.clip_of(seen)
    assert clip is not None
    return {**both(text), "clip": clip}


def _jpeg(picture: cv2.typing.MatLike) -> bytes:
    done, data = cv2.imencode(".jpg", picture)
    assert done
    return bytes(data.tobytes())
