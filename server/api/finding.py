"""Events and visits, as far as the one who asks may see them; the keyholder finds and decides."""

from __future__ import annotations

from collections.abc import Mapping

from contract.audit import Act
from lot.web.problems import Problem
from server.access.ledger import Ledger
from server.access.roles import Limit, Right
from server.api.app import Asked
from server.api.operations import Operation, Room
from server.api.spoken import (
    EVENT,
    EVENT_ID,
    EVENTS_ASKED,
    LOT,
    REASON,
    VISIT,
    VISITS_ASKED,
    event_said,
    page_of,
    query_of,
    visit_said,
)
from server.keys.holder import calls
from server.keys.holder.client import Keyholder
from server.store.database import Database

_PROBLEMS = ("locked", "reason_needed", "forbidden", "too_fast")


def room(keyholder: Keyholder, database: Database, ledger: Ledger) -> Room:
    """Return the room of searching; each search is written down before it answers."""
    finding = Room("finding", "Events and visits")

    @finding.answers(
        Operation(
            "find_events",
            "GET",
            "/events",
            Right.SEE_VISITS,
            "Find events; `plate` needs the right to search.",
            answer=page_of(EVENT),
            query=EVENTS_ASKED,
            problems=_PROBLEMS,
        )
    )
    def events(asked: Asked) -> Mapping[str, object]:
        found = keyholder.search_events(
            calls.SearchEvents(asked.person.by, query_of(asked.query), _reason(asked))
        )
        _written(asked, database, ledger, {"of": "events", "found": found.total})
        return {
            "rows": [event_said(row) for row in found.rows],
            "cursor": found.cursor,
            "total": found.total,
        }

    @finding.answers(
        Operation(
            "find_visits",
            "GET",
            "/visits",
            Right.SEE_VISITS,
            "Find visits; `plate` needs the right to search.",
            answer=page_of(VISIT),
            query=VISITS_ASKED,
            problems=_PROBLEMS,
        )
    )
    def visits(asked: Asked) -> Mapping[str, object]:
        found = keyholder.search_visits(
            calls.SearchVisits(asked.person.by, query_of(asked.query), _reason(asked))
        )
        _written(asked, database, ledger, {"of": "visits", "found": found.total})
        return {
            "rows": [visit_said(row) for row in found.rows],
            "cursor": found.cursor,
            "total": found.total,
        }

    @finding.answers(
        Operation(
            "read_visit",
            "GET",
            "/lots/{lot}/visits/{visit}",
            Right.SEE_VISITS,
            "One visit.",
            answer=VISIT,
            path_shapes={"lot": LOT, "visit": EVENT_ID},
            query={"reason": REASON},
            problems=_PROBLEMS,
        )
    )
    def visit(asked: Asked) -> Mapping[str, object]:
        lot, id_ = asked.path.octets("lot"), asked.path.text("visit")
        reason = asked.query.text_or_none("reason")
        found = keyholder.visit(calls.OneVisit(asked.person.by, lot, id_, reason))
        if not found.rows:
            raise Problem("not_found", "there is no such visit, or you may not see it")
        _written(asked, database, ledger, {"visit": id_}, lot=lot)
        return visit_said(found.rows[0])

    return finding


def _written(
    asked: Asked,
    database: Database,
    ledger: Ledger,
    found: Mapping[str, object],
    *,
    lot: bytes | None = None,
) -> None:
    """Write down who searched for what: a search shows plates, so it is a look at each."""
    detail = {**asked.query.plain(), **found}
    act: Act = "search" if lot is None else "look"
    actor = asked.person.account
    database.write(lambda write: ledger.line(write, act, detail, lot=lot, actor=actor))


def _reason(asked: Asked) -> str | None:
    """Return why somebody searches for a plate, which some roles must say."""
    reason = asked.query.text_or_none("reason")
    if "plate" not in asked.query:
        return reason
    limit = asked.person.may(Right.SEARCH)
    if limit is None:
        raise Problem("forbidden", f"a {asked.person.role.value} may not search for a plate")
    if limit is Limit.WITH_A_REASON and reason is None:
        raise Problem("reason_needed", "say in `reason` why this plate is looked for")
    return reason
