"""What every template may use: words for the API's codes, times, and the form's token."""

from __future__ import annotations

from datetime import timedelta

from gui.carried import carried
from gui.plaque import aloud


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
            "two_plates": _("two plates"),
            "doubtful": _("doubtful"),
            "wrong_way": _("wrong way"),
            "state_unknown": _("began anew"),
            "after_blind": _("after a blind time"),
            "restless": _("restless picture"),
            "no_clock": _("clock not set"),
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
            "already_there": _("There is one already."),
        },
        "standings": {
            "expected": _("expected"),
            "late": _("late"),
            "no_show": _("did not come"),
            "came": _("is here"),
            "left": _("has left"),
            "cancelled": _("cancelled"),
        },
        "unread_words": {
            "edge_away": _("The box at the gate does not answer. Type the plate in by hand."),
            "no_picture": _("That is no picture that can be read. Type the plate in by hand."),
            "too_large": _("That picture is too large. Type the plate in by hand."),
            "wrong_field": _("No photo came along. Type the plate in by hand."),
            "wrong_media": _("No photo came along. Type the plate in by hand."),
            "no_plate": _("No plate was found in the photo. Type it in by hand."),
        },
        "list_words": {"staff": _("Staff"), "vip": _("VIP"), "blocked": _("Blocked")},
        "row_kinds": {
            "known": _("Known plate"),
            "customer": _("Customer"),
            "booking": _("Booking"),
            "ticket": _("Ticket"),
        },
        "sayings": {
            "plate": _("Plate corrected"),
            "kind": _("Direction corrected"),
            "void": _("No car passed"),
            "join": _("Joined"),
            "split": _("Parted"),
            "settle": _("Settled"),
            "checked_out": _("Checked out"),
            "note": _("Note"),
            "withdraw": _("Taken back"),
        },
        "report_states": {
            "running": _("under way"),
            "whole": _("nothing missing, nothing altered"),
            "damaged": _("something is missing or altered"),
            "failed": _("did not come to an end"),
        },
        "roles": {
            "owner": _("owner"),
            "manager": _("manager"),
            "attendant": _("attendant"),
            "auditor": _("auditor"),
            "viewer": _("viewer"),
        },
        "reasons": {
            "too_small": _("too small"),
            "blurred": _("blurred"),
            "dark": _("dark"),
            "hidden": _("hidden"),
            "none_found": _("none found"),
        },
    }
