"""What stands at the sides of every page: the lot, the lock, the bell, the places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from flask import request

from gui.carried import carried, server
from gui.server_api import Away, Problem


@dataclass(frozen=True, slots=True)
class Lot:
    """A lot that whoever is signed in may see."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around a page."""

    place: str
    lots: Sequence[Lot]
    locked: bool
    locks_in_s: int
    alarms: int
    asked: str
    places: Sequence[tuple[str, str]]

    @property
    def locks_in(self) -> str:
        return f"{self.locks_in_s // 60}:{self.locks_in_s % 60:02d}"


def frame(place: str) -> Frame:
    """Ask the server how things stand, for the frame around the page `place`."""
    check_signed_in()
    return framed(place, server().get("/status", carried().holder))


def check_signed_in() -> None:
    """Send a browser without a session to the door, before anything is asked."""
    if carried().holder.session is None:
        raise Problem(401, "unauthenticated", "nobody is signed in")


def framed(place: str, said: dict[str, Any]) -> Frame:
    """Return the frame around a page, from what the server says of how it stands."""
    return Frame(
        place=place,
        lots=[Lot(one["lot"], one["name"]) for one in said.get("lots", ())],
        locked=said["locked"],
        locks_in_s=said["locks_in_s"] or 0,
        alarms=said.get("alarms", 0),
        asked=request.args.get("q", "")[:100],
        places=places(),
    )


def frame_if_any(place: str) -> Frame | None:
    """Return the frame for a page that says what went wrong; None where that goes wrong too."""
    if carried().holder.session is None:
        return None
    try:
        return frame(place)
    except (Away, Problem):
        return None


def places() -> tuple[tuple[str, str], ...]:
    """The places, in the order of the bar."""
    _ = carried().words
    return (
        ("now", _("Now")),
        ("visits", _("Visits")),
        ("desk", _("Desk")),
        ("day", _("Day")),
        ("more", _("More")),
    )
