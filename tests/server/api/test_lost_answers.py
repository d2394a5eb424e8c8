"""A commit whose answer was lost is done again: to whoever asked, and in the audit, it was once."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import Connection

from lot.clock import now_us
from server.access.approving import Approving
from server.store import alarms
from server.store.alarms import Alarm
from server.store.database import Answer, Database
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted


@pytest.fixture
def served(vault: Vaulted, monkeypatch: pytest.MonkeyPatch) -> Vaulted:
    """A vault of which every commit's answer is lost once, so that all is done twice."""
    vault.serve()
    alarm = Alarm(LOT, b"a" * 16, "blind", None, "gate", "the camera is blind", now_us())
    vault.database.write(lambda write: alarms.add(write, alarm))
    once = Database._once

    def twice(database: Database, work: Callable[[Connection], Answer]) -> Answer:
        once(database, work)
        return once(database, work)

    monkeypatch.setattr(Database, "_once", twice)
    return vault


@pytest.mark.parametrize(
    ("method", "path", "act"),
    [
        ("DELETE", f"/lots/{LOT.hex()}/alarms/{(b'a' * 16).hex()}", "alarm_ended"),
        ("POST", "/edges/EDGE/token", "token_rotated"),
        ("DELETE", "/edges/EDGE", "edge_revoked"),
    ],
)
def test_what_is_committed_twice_was_done_once(
    served: Vaulted, method: str, path: str, act: str
) -> None:
    answer = served.ask(method, path.replace("EDGE", served.edge.id.hex()))
    assert answer.status_code in (201, 204)
    assert served.acts() == [act]


def test_a_browser_is_approved_and_closed_once(served: Vaulted) -> None:
    of = served.parts
    approving = Approving(of.database, of.keyholder, of, of.wall.now_us)
    asking = approving.ask("booth", "::1")
    approving.approve(served.owner, asking.id, asking.number, is_desk=False)
    approving.revoke(served.owner, asking.id)
    assert served.acts() == ["device_approved", "device_revoked"]
