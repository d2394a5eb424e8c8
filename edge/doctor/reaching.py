"""Whether each camera gives a picture: opened as the gate opens it, one picture taken, closed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from edge.cameras import Camera
from edge.doctor.finding import Finding, advice, fault, ok
from edge.sources.live.address import address
from edge.sources.live.opening import pictures
from lot.errors import LotError


def reached(cameras: Iterable[Camera], password: Callable[[str], str]) -> Iterator[Finding]:
    """Look at every camera that has a source."""
    none = True
    for camera in cameras:
        if camera.source:
            none = False
            yield _reached(camera, password(camera.name))
    if none:
        yield advice(
            "cameras: none is named, so none was tried",
            "write cameras.toml and name it in LOT_CAMERAS_FILE, or give camerainfr.py its source",
        )


def _reached(camera: Camera, password: str) -> Finding:
    name = f"camera {camera.name}"
    try:
        source = address(camera.source, password=password)
        # In software: what is asked is whether it answers, and a hardware decoder may be taken.
        coming = pictures(source, udp=camera.transport == "udp", hardware=False)
        height, width = next(coming)().shape[:2]
    except LotError as error:
        return fault(f"{name}: {error}", _where_to_look(camera))
    except StopIteration:
        return fault(f"{name}: it opens and sends no picture", _where_to_look(camera))
    return ok(f"{name}: {source.shown} sends {width} x {height}")


def _where_to_look(camera: Camera) -> str:
    if "://" in camera.source:
        return "look at its power, its cable and its address in cameras.toml"
    return "look whether it is plugged in; while the gate runs, the gate has it"
