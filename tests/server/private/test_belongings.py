"""Which rows are a plate's own, and what becomes of each."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from server.private.belongings import Kind, Seen, belonging
from server.private.rows import Kept

SEEN = Seen("8ABC123", ("an-event",), ("a-held-one",))
TICKET = {"plate": "8ABC123", "event": "an-event", "handed": 1}
FATES: tuple[tuple[Kind, Mapping[str, object], str | None], ...] = (
    ("known", {"plate": "8abc 123", "list": "staff"}, "goes"),
    ("known", {"plate": "8ABC128", "list": "staff"}, None),
    ("customer", {"name": "Ortiz", "plates": ["8ABC123"]}, "goes"),
    ("customer", {"name": "Ortiz", "plates": ["8ABC123", "5XYZ987"]}, "loses_plate"),
    ("customer", {"name": "Weber", "plates": ["5XYZ987"]}, None),
    ("booking", {"name": "Ortiz", "plate": "8ABC123", "event": None}, "goes"),
    ("booking", {"name": "Ortiz", "plate": None, "event": "an-event"}, "goes"),
    ("booking", {"name": "Ortiz", "plate": "8ABC123", "event": "a-held-one"}, "stays"),
    ("booking", {"name": "Weber", "plate": None, "event": None}, None),
    ("ticket", TICKET, "goes"),
    ("ticket", {**TICKET, "plate": None}, "goes"),
    ("ticket", {**TICKET, "handed": None}, "stays"),  # the desk must still give the car back
    ("ticket", {**TICKET, "event": "a-held-one"}, "stays"),
    ("ticket", {**TICKET, "plate": "5XYZ987", "event": "another"}, None),
)


@pytest.mark.parametrize(("kind", "content", "fate"), FATES)
def test_a_row_is_the_plates_own_or_nobody_elses_is_touched(
    kind: Kind, content: Mapping[str, object], fate: str | None
) -> None:
    found = belonging(kind, Kept(b"r" * 16, 3, content), SEEN)
    assert (None if found is None else found.fate) == fate
