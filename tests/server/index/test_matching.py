"""A plate with one wrong character: what cameras confuse comes first, on every page."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.weeks import Scene, drawn
from contract.ids import uuid7
from server.index.asked import Order, PlateAsked, Query
from server.index.index import Index
from tests.server.index.test_index import LOT, SCOPE, ZONE

PLATES = ("XYZ9876", "8ABC123", "7ABC123", "BABC123", "BABC12", "8ABC123")


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 50])
def test_the_plate_itself_then_confusions_then_any_other(limit: int, *, descending: bool) -> None:
    event = drawn(Scene(weeks=0.2, commuters=1, residents=0, visitors_a_day=2), seed=1).events[0]
    index = Index({LOT: ZONE})
    index.add_events(
        LOT,
        [
            replace(
                event,
                id=uuid7(event.at + n, n),
                plate=plate,
                characters=(900,) * len(plate),
                alternatives=(),
            )
            for n, plate in enumerate(PLATES)
        ],
    )
    found: list[str | None] = []
    cursor = None
    while True:
        query = Query(
            plate=PlateAsked("8abc123", "near"),
            order=Order("at", descending),
            limit=limit,
            cursor=cursor,
        )
        page = index.search_events(SCOPE, query)
        found += [one.plate for one in page.rows]
        cursor = page.cursor
        if cursor is None:
            break
    assert found == ["8ABC123", "8ABC123", "BABC123", "7ABC123"]
