"""What a replay says on standard output: a line an event for a person, or JSON for a program."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Mapping
from datetime import tzinfo

from contract.event import Event, encoded
from edge.gate.values import Uncounted
from lot.errors import LotError
from lot.times import moment

_WHY = {
    "too_small": "plate too small",
    "blurred": "plate blurred",
    "dark": "too dark",
    "hidden": "plate hidden",
    "none_found": "no plate found",
}


_UNCOUNTED: Mapping[Uncounted, str] = {
    "no_lane": "touched no lane",
    "passed_by": "passed by on the street",
    "went_back": "turned back before it was in",
    "stood_unread": "stood in view, plate not read",
    "doubtful": "a text of no plate format, on nothing that moved",
    "illegible": "too far off to be read",
}


def uncounted_words(counts: Mapping[Uncounted, int]) -> list[str]:
    """Say in plain words what was seen and made no event."""
    return [f"no event: {n} x {_UNCOUNTED[why]}" for why, n in sorted(counts.items())]


def line(event: Event, zone: tzinfo) -> str:
    """Return an event in a line that fits 80 columns as a rule; flags come last."""
    at = moment(event.at).astimezone(zone)
    dated = "no_clock" not in event.flags
    when = f"{at:%Y-%m-%d %H:%M:%S}" if dated else f"{at:%H:%M:%S}"
    if event.plate is not None:
        what = f"{event.plate:<10} {(event.confidence or 0) / 10:3.0f} %"
    else:
        what = f"({_WHY[event.reason or 'none_found']})".ljust(16)
    flags = " ".join(flag for flag in event.flags if flag != "no_clock")
    ground = event.kind_by or ""
    return f"{when}  {event.kind:<5}  {what}  {event.vehicle or '':<10} {ground} {flags}".rstrip()


def tell(event: Event, zone: tzinfo, *, as_json: bool) -> None:
    """Say an event at once: who reads along should not wait for the end."""
    _say(encoded(event).decode() if as_json else line(event, zone))


def tell_summary(counts: Mapping[str, object], words: Iterable[str], *, as_json: bool) -> None:
    """Say how the whole went: one JSON object, or lines."""
    if as_json:
        _say(json.dumps({"summary": counts}, sort_keys=True))
    else:
        for word in words:
            _say(word)


def complain(error: LotError) -> None:
    """Say on standard error what was refused, and go on."""
    note(str(error))


def note(text: str) -> None:
    """Say on standard error what the operator should know."""
    sys.stderr.write(f"local: {text}\n")


def _say(text: str) -> None:
    try:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our lines has gone (`| head`); the table and the films are still wanted.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
