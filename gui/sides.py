"""What stands at the sides of every page: the lot, the lock, the bell, the five places."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from flask import request

from gui.carried import carried, server
from gui.plaque import aloud
from gui.words import Words


@dataclass(frozen=True, slots=True)
class Frame:
    """The frame around a page."""

    place: str
    lot: str
    locked: bool
    locks_in_s: int
    alarms: int
    asked: str
    places: tuple[tuple[str, str], ...]

    @property
    def locks_in(self) -> str:
        return f"{self.locks_in_s // 60}:{self.locks_in_s % 60:02d}"


def frame(place: str) -> Frame:
    """Ask the server how things stand, for the frame around the page `place`."""
    said = server().get("/status", carried().holder)
    lots = said["lots"]
    assert isinstance(lots, list)
    return Frame(
        place=place,
        lot=str(lots[0]["name"]) if len(lots) == 1 else carried().words("All lots"),
        locked=bool(said["locked"]),
        locks_in_s=int(str(said.get("locks_in_s") or 0)),
        alarms=int(str(said.get("alarms") or 0)),
        asked=request.args.get("q", "")[:100],
        places=places(carried().words),
    )


def places(_: Words) -> tuple[tuple[str, str], ...]:
    """The five places, in the order of the bar."""
    return (
        ("now", _("Now")),
        ("visits", _("Visits")),
        ("desk", _("Desk")),
        ("day", _("Day")),
        ("more", _("More")),
    )


def context() -> dict[str, object]:
    """What every template may use."""
    _ = carried().words
    return {
        "_": _,
        "_n": _.count,
        "clock": carried().clock,
        "csrf": carried().csrf,
        "aloud": aloud,
        "kinds": {"entry": _("in"), "exit": _("out"), "seen": _("seen"), "void": _("taken back")},
        "sureness": {"certain": _("certain"), "likely": _("likely"), "open": _("open")},
        "seconds": lambda number: timedelta(seconds=number),
        "vehicles": {
            "car": _("car"),
            "motorcycle": _("motorcycle"),
            "bus": _("bus"),
            "truck": _("truck"),
        },
        "flag_words": {
            "missed_entry": _("coming not seen"),
            "missed_exit": _("leaving not seen"),
            "blind": _("camera was blind"),
            "near_match": _("one letter apart"),
            "kind_decided": _("turned round"),
            "corrected": _("corrected"),
            "two_candidates": _("two cars fit"),
            "checked_out": _("handed out"),
            "unread": _("not read"),
        },
        "flag_reasons": {
            "missed_entry": _("It left, and no camera saw it come."),
            "missed_exit": _("It came again, and no camera saw it leave before."),
            "blind": _("A camera was blind while this car may have crossed."),
            "near_match": _("Coming and going were read one letter apart: probably the same car."),
            "two_candidates": _("More than one car inside may be the one that left."),
        },
        "door_words": {
            "wrong_credentials": _("Name, passphrase and code do not belong together."),
            "too_many_tries": _("Too many tries."),
            "console_needed": _("Too many tries: only the server's own console goes on."),
            "busy": _("Others are signing in just now."),
            "keeper_away": _("The share keeper does not answer. The recovery sheet opens too."),
            "locked": _("The vault is locked: an owner must unlock it first."),
        },
        "problem_words": {
            "forbidden": _("Your role may not do this."),
            "code_needed": _("This needs a fresh one-time code."),
            "reason_needed": _("Say why this plate is looked for."),
            "not_found": _("It is not there, or you may not see it."),
            "gone": _("It was forgotten, as its days were over."),
            "conflict": _("Somebody else changed it meanwhile. Look again before you do."),
            "too_fast": _("That was too much at once."),
            "storage_full": _("The server's disk is full."),
        },
        "reasons": {
            "too_small": _("too small"),
            "blurred": _("blurred"),
            "dark": _("dark"),
            "hidden": _("hidden"),
            "none_found": _("none found"),
        },
    }
