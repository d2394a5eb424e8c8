"""Which part of a recording is wanted: --from and --to, counted from its first frame."""

import re
from dataclasses import dataclass

from lot.errors import WrongUsage

_CLOCK = re.compile(r"(?:(?:(\d{1,4}):)?(\d{1,2}):)?(\d{1,7}(?:\.\d{1,6})?)")


@dataclass(frozen=True, slots=True)
class Span:
    """From `since` on and before `until`, in seconds of the recording."""

    since: float = 0.0
    until: float | None = None

    def __post_init__(self) -> None:
        if self.until is not None and self.until <= self.since:
            raise WrongUsage(
                f"nothing lies from second {self.since:g} to second {self.until:g}",
                then="let --to be later than --from",
            )


WHOLE = Span()


def span(since: str | None, until: str | None) -> Span:
    """Read --from and --to: seconds, M:SS or H:MM:SS, each with decimals if wanted."""
    return Span(
        0.0 if since is None else _seconds("--from", since),
        None if until is None else _seconds("--to", until),
    )


def _seconds(flag: str, text: str) -> float:
    found = _CLOCK.fullmatch(text.strip())
    if found is not None:
        hours, minutes, seconds = (float(part or 0) for part in found.groups())
        led = ":" in text  # behind a colon, 75 seconds are a slip of the hand
        if not (led and seconds >= 60) and not (found.group(1) and minutes >= 60):
            return hours * 3600 + minutes * 60 + seconds
    raise WrongUsage(
        f"{flag} {text} is no time in a recording", then="write seconds (90.5) or H:MM:SS"
    )
