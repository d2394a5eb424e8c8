"""Every word a person sees: catalogues by language, and how times and spans are said."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from pathlib import Path

from lot import times, words
from lot.words import LANGUAGES

_CATALOGUES = Path(__file__).parent / "catalogues"


class Words(words.Words):
    """One language's words of the page."""

    def __init__(self, language: str) -> None:
        super().__init__(language, "gui", _CATALOGUES)


def chosen(accepted: str | None) -> str:
    """Return the first language of an Accept-Language header that there is a catalogue of."""
    ranked = sorted(_ranked(accepted or ""), key=lambda one: -one[1])
    return next((name for name, _ in ranked if name in LANGUAGES), LANGUAGES[0])


def _ranked(accepted: str) -> list[tuple[str, float]]:
    found = []
    for piece in accepted.split(",")[:16]:
        name, _, quality = piece.partition(";q=")
        try:
            found.append((name.strip().lower()[:2], float(quality) if quality else 1.0))
        except ValueError:
            continue
    return found


class Clock:
    """The lot's own time, and how long ago a thing was."""

    def __init__(self, zone: tzinfo, now: datetime, words: Words) -> None:
        self.zone = zone
        self.now = now.astimezone(zone)
        self._ = words

    def local(self, at_us: int) -> datetime:
        return times.moment(at_us).astimezone(self.zone)

    def short(self, at_us: int) -> str:
        """9:40 of today, yesterday 18:02, else with its date."""
        at = self.local(at_us)
        clock = f"{at.hour}:{at.minute:02d}"
        days = (self.now.date() - at.date()).days
        if days == 0:
            return clock
        if days == 1:
            return self._("yesterday %(time)s", time=clock)
        if days == -1:
            return self._("tomorrow %(time)s", time=clock)
        return f"{at:%Y-%m-%d} {clock}"

    def full(self, at_us: int) -> str:
        """The whole time with its zone, for a touch and for machines."""
        return self.local(at_us).isoformat(timespec="seconds")

    def ago(self, at_us: int) -> str:
        """How long ago, in the largest fitting unit."""
        return self._("%(span)s ago", span=self.span(self.now - self.local(at_us)))

    def span(self, length: timedelta) -> str:
        """3 h 12, 12 min, 8 s; 2 d 4 h."""
        seconds = max(0, int(length.total_seconds()))
        days, hours, minutes = seconds // 86_400, seconds // 3600 % 24, seconds // 60 % 60
        if days:
            return self._("%(days)d d %(hours)d h", days=days, hours=hours)
        if hours:
            return self._("%(hours)d h %(minutes)02d", hours=hours, minutes=minutes)
        if minutes:
            return self._("%(minutes)d min", minutes=minutes)
        return self._("%(seconds)d s", seconds=seconds)
