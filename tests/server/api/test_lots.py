"""A lot's capacity and retention are changed, and its alarms ended, by who may."""

from __future__ import annotations

import pytest

from lot.clock import now_us
from server.access.roles import Role
from server.store import alarms
from server.store.alarms import Alarm
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted

HERE = f"/lots/{LOT.hex()}"


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.serve()
    return vault


def test_capacity_is_a_managers_retention_an_owners(served: Vaulted) -> None:
    manager = served.person("Ma", Role.MANAGER)
    changed = served.ask("PUT", f"{HERE}/capacity", manager, json={"capacity": 7})
    assert changed.get_json()["capacity"] == 7
    days = {"text_days": 60, "picture_days": 14}
    assert served.ask("PUT", f"{HERE}/retention", manager, json=days).status_code == 403
    assert served.ask("PUT", f"{HERE}/retention", json=days).get_json()["picture_days"] == 14
    assert served.ask("PUT", f"{HERE}/retention", json={**days, "text_days": 7}).status_code == 400
    (lot,) = served.said("/lots")["rows"]
    assert (lot["capacity"], lot["text_days"], lot["picture_days"]) == (7, 60, 14)
    assert served.acts() == ["lot_changed", "refused", "lot_changed"]


def test_another_lot_is_an_owners_to_add_and_to_name(served: Vaulted) -> None:
    kept = {"capacity": None, "text_days": 60, "picture_days": 14}
    body = {"name": "south", "timezone": "America/Chicago", **kept}
    assert served.ask("POST", "/lots", json={**body, "name": "north"}).status_code == 400
    assert served.ask("POST", "/lots", json={**body, "timezone": "Mars"}).status_code == 400
    made = served.ask("POST", "/lots", json=body)
    assert (made.status_code, made.get_json()["name"]) == (201, "south")
    called = {"name": "harbour", "timezone": "UTC"}
    changed = served.ask("PUT", f"/lots/{made.get_json()['lot']}", json=called)
    assert changed.get_json() == {**made.get_json(), **called}


def test_an_alarm_is_ended_once_and_stays_in_the_list_of_all(served: Vaulted) -> None:
    alarm = Alarm(LOT, b"a" * 16, "blind", None, "gate", "the camera is blind", now_us())
    served.database.write(lambda write: alarms.add(write, alarm))
    path = f"{HERE}/alarms/{alarm.id.hex()}"
    assert served.ask("DELETE", path).status_code == 204
    assert served.ask("DELETE", path).status_code == 404
    assert served.said(f"{HERE}/alarms")["rows"] == []
    (row,) = served.said(f"{HERE}/alarms?which=all")["rows"]
    assert row["ended"] is not None
    assert served.acts() == ["alarm_ended"]
