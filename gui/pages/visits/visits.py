"""Who was here: one field, few filters, rows that stay fast at a million."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from flask import Blueprint, Response, render_template, request

from gui import days, values
from gui.carried import carried, rights, server, settings
from gui.server_api import Problem
from gui.sides import frame
from gui.values import Visit
from lot import times
from lot.cells import harmless, write_rows

blueprint = Blueprint("visits", __name__)

ROWS = 50
COLUMNS = (
    "plate",
    "entered_at",
    "left_at",
    "stay_seconds",
    "sureness",
    "flags",
    "entry_camera",
    "exit_camera",
)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_SORTS = ("at", "plate", "confidence", "camera", "stay")


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; what it does not say leaves nothing out."""

    q: str = ""
    how: str = "partial"
    day: str = ""
    side: str = ""
    vehicle: str = ""
    camera: str = ""
    lot: str = ""
    doubt: str = ""
    flagged: str = ""
    unread: str = ""
    sort: str = "at"
    rising: str = ""
    reason: str = ""

    def asked(self) -> dict[str, str | int | None]:
        """Return the parameters of the API."""
        first, last = _bounds(self.day)
        return {
            "plate": self.q or None,
            "how": self.how if self.q else None,
            "first": first,
            "last": last,
            "when": "there" if self.day else None,
            "side": self.side,
            "vehicle": self.vehicle,
            "camera": self.camera,
            "lot": self.lot,
            "sureness": self.doubt,
            "flagged": "true" if self.flagged else None,
            "unread": "true" if self.unread else None,
            "sort": self.sort,
            "rising": "true" if self.rising else None,
            "reason": self.reason,
        }

    def given(self) -> dict[str, str]:
        """Return what an address says of these filters: those that leave something out."""
        mine, plain = asdict(self), asdict(Filters())
        return {name: value for name, value in mine.items() if value != plain[name]}

    @property
    def narrowed(self) -> int:
        """How many filters beside the field are set."""
        return len([name for name in self.given() if name not in ("q", "how", "sort", "rising")])


def filters(arguments: Mapping[str, str]) -> Filters:
    """Read the address; a word that is none of ours leaves nothing out."""
    plate = re.sub(r"[^A-Za-z0-9 .-]", "", arguments.get("q", ""))[:23].strip(" .-")
    return Filters(
        q=plate,
        how=_word(arguments, "how", ("partial", "exact", "near")) or "partial",
        day=arguments.get("day", "") if _bounds(arguments.get("day", "")) != (None, None) else "",
        side=_word(arguments, "side", ("in", "out")),
        vehicle=_word(arguments, "vehicle", ("car", "motorcycle", "bus", "truck")),
        camera=arguments.get("camera", "")[:64],
        lot=arguments.get("lot", "") if _is_id(arguments) else "",
        doubt=_word(arguments, "doubt", ("certain", "likely", "open")),
        flagged=_word(arguments, "flagged", ("1",)),
        unread=_word(arguments, "unread", ("1",)),
        sort=_word(arguments, "sort", _SORTS) or "at",
        rising=_word(arguments, "rising", ("1",)),
        reason=arguments.get("reason", "")[:200],
    )


@blueprint.get("/visits")
def page() -> str:
    """List visits, the newest first."""
    chosen, cursor = filters(request.args), request.args.get("cursor", "")[:1000]
    found = _found(chosen, cursor)
    return render_template(
        "pages/visits/visits.html",
        frame=frame("visits"),
        filters=chosen,
        found=found,
        cursor=cursor or None,
        may_export="export" in rights(),
        today=carried().clock.now.date(),
    )


@blueprint.get("/visits/table")
def table() -> Response:
    """Save exactly the rows that the page of the same address shows."""
    if "export" not in rights():
        raise Problem(403, "forbidden", "this role exports nothing")
    found = _found(filters(request.args), request.args.get("cursor", "")[:1000])
    text = io.StringIO()
    write_rows(text, [COLUMNS, *map(_cells, found.rows)])
    answer = Response(text.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="visits.csv"'
    return answer


def _found(chosen: Filters, cursor: str) -> values.Page:
    asked = chosen.asked() | {"limit": ROWS, "cursor": cursor}
    return values.page(server().get("/visits", carried().holder, **asked))


def _cells(visit: Visit) -> tuple[str, ...]:
    zone, ends = settings().zone, (visit.entry, visit.exit)

    def at(moment_us: int | None) -> str:
        return "" if moment_us is None else times.local_text(times.moment(moment_us), zone)

    return (
        harmless(visit.plate or ""),
        at(visit.entered_at),
        at(visit.left_at),
        "" if visit.stay_us is None else str(visit.stay_us // 1_000_000),
        visit.sureness,
        " ".join(visit.flags),
        *(harmless(end.camera) if end else "" for end in ends),
    )


def _word(arguments: Mapping[str, str], name: str, words: tuple[str, ...]) -> str:
    given = arguments.get(name, "")
    return given if given in words else ""


def _is_id(arguments: Mapping[str, str]) -> bool:
    return re.fullmatch("[0-9a-f]{32}", arguments.get("lot", "")) is not None


def _bounds(day: str) -> tuple[int | None, int | None]:
    """Return when a day of the lot begins and ends; none where it is no day."""
    if not _DAY.fullmatch(day):
        return None, None
    try:
        return days.bounds(date.fromisoformat(day), settings().zone)
    except (ValueError, OverflowError):
        return None, None
