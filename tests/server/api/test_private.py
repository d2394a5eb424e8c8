"""Private rows: kept under the people key, changed by version, read as far as a role goes."""

from __future__ import annotations

from typing import Any

import pytest

from server.access.roles import Role
from server.api import private_room
from server.private.rows import Private
from server.store.tables import private_rows
from tests.contract.writers import AN_EVENT, LOT
from tests.server.api.vaulted import Vaulted

ROWS = f"/lots/{LOT.hex()}"
ADA: dict[str, object] = {
    "name": "Ada",
    "phone": "555 0100",
    "mail": None,
    "plates": ["8ABC123"],
    "note": None,
}


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    private = Private(vault.database, vault.home.keyholder, vault.ledger)
    vault.serve(private_room.room(private))
    return vault


def _add(vault: Vaulted, kind: str, content: dict[str, object]) -> Any:
    answer = vault.ask("POST", f"{ROWS}/{kind}", json=content)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def _known(plate: str) -> dict[str, object]:
    plain = {"list": "staff", "plate": plate, "holder": "Bo", "note": "knows the gate"}
    return {**plain, "begins": None, "ends": None, "alarm": False}


def test_a_row_is_kept_read_changed_and_deleted_and_all_of_it_is_audited(served: Vaulted) -> None:
    made = _add(served, "customers", ADA)
    path = f"{ROWS}/customers/{made['id']}"
    assert served.said(path) == {**made, "content": ADA}

    changed = served.ask("PUT", path, json={"version": 1, "content": {**ADA, "name": "Eve"}})
    assert changed.get_json()["version"] == 2
    (row,) = served.said(f"{ROWS}/customers")["rows"]
    assert row["content"]["name"] == "Eve"

    assert served.ask("DELETE", path, json={"version": 2}).status_code == 204
    assert served.said(f"{ROWS}/customers") == {"rows": [], "after": None}
    assert served.acts() == ["row", "rows_read", "row", "rows_read", "row", "rows_read"]


def test_of_two_changes_to_one_version_the_second_is_told(served: Vaulted) -> None:
    path = f"{ROWS}/customers/{_add(served, 'customers', ADA)['id']}"
    first, second = (
        served.ask("PUT", path, json={"version": 1, "content": {**ADA, "name": name}})
        for name in ("Bo", "Cy")
    )
    assert (first.status_code, second.status_code) == (200, 409)
    assert served.ask("DELETE", path, json={"version": 1}).status_code == 409
    assert served.said(path)["content"]["name"] == "Bo"


def test_nothing_of_it_lies_open_and_one_that_was_put_back_says_nothing(served: Vaulted) -> None:
    path = f"{ROWS}/customers/{_add(served, 'customers', ADA)['id']}"
    with served.database.read() as read:
        old = dict(read.execute(private_rows.select()).one()._mapping)
    assert b"Ada" not in old["box"]
    served.ask("PUT", path, json={"version": 1, "content": {**ADA, "name": "Bo"}})
    served.database.write(lambda write: write.execute(private_rows.update().values(**old)))
    assert served.said(path)["content"] is None
    served.database.write(lambda write: write.execute(private_rows.delete()))
    assert served.ask("GET", path).status_code == 404


def test_a_deleted_row_that_is_put_back_says_nothing(served: Vaulted) -> None:
    path = f"{ROWS}/customers/{_add(served, 'customers', ADA)['id']}"
    with served.database.read() as read:
        old = dict(read.execute(private_rows.select()).one()._mapping)
    served.ask("DELETE", path, json={"version": 1})
    served.database.write(lambda write: write.execute(private_rows.insert().values(**old)))
    assert served.said(path)["content"] is None


def test_an_attendant_reads_the_known_plates_that_are_inside_and_an_auditor_says_why(
    served: Vaulted,
) -> None:
    assert AN_EVENT.plate is not None
    served.keep(served.edge.an_event())
    served.indexing.feed()
    _add(served, "known", _known("NOT 4421"))
    inside = _add(served, "known", _known(AN_EVENT.plate))
    attendant, auditor = served.person("At", Role.ATTENDANT), served.person("Au", Role.AUDITOR)
    assert [row["id"] for row in served.said(f"{ROWS}/known", attendant)["rows"]] == [inside["id"]]
    assert served.ask("POST", f"{ROWS}/known", attendant, json=_known("X")).status_code == 403
    assert served.ask("GET", f"{ROWS}/known", auditor).status_code == 400
    assert len(served.said(f"{ROWS}/known?reason=police", auditor)["rows"]) == 2


def test_while_locked_nothing_is_read_and_nothing_changed(served: Vaulted) -> None:
    made = _add(served, "customers", ADA)
    served.home.keyholder.lock(served.owner)
    path = f"{ROWS}/customers/{made['id']}"
    assert served.ask("GET", path).status_code == 423
    assert served.ask("DELETE", path, json={"version": 1}).status_code == 423
    assert served.ask("POST", f"{ROWS}/customers", json=ADA).status_code == 423
