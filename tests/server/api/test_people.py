"""Accounts are kept by an owner; whoever is added signs in, whoever is closed does not."""

from __future__ import annotations

import base64
import time
from typing import Any

import pytest

from contract import otp
from contract.otp import Typed
from server.access.roles import Role
from server.access.signing_in import Attempt
from server.api import people_room
from server.api.ways_in import way_in
from server.keys.holder import calls, refusals
from server.people.accounts import People
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted

PASSWORD = "a long enough password"  # noqa: S105 - a test's own


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    people = People(vault.database, vault.home.keyholder, vault.parts, vault.places.pepper)
    vault.serve(people_room.room(people))
    return vault


def _add(vault: Vaulted, name: str, role: str) -> Any:
    body = {"name": name, "role": role, "lots": [], "password": PASSWORD}
    answer = vault.ask("POST", "/users", json=body)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.get_json()


def _sign_in(vault: Vaulted, name: str, code: str | None, password: str = PASSWORD) -> Role:
    door = way_in(vault.parts, lambda: None)
    typed = None if code is None else Typed(code)
    return door.sign_in(Attempt(name, password, typed), calls.Console()).identity.role


def test_whoever_is_added_signs_in_until_the_account_is_closed(served: Vaulted) -> None:
    made = _add(served, "At", "attendant")
    assert made["secret"] is None
    assert _sign_in(served, "At", None) is Role.ATTENDANT

    path = f"/users/{made['account']['id']}"
    answer = served.ask("PUT", path, json={"version": 1, "lots": [], "closed": True})
    assert (answer.status_code, answer.get_json()["version"]) == (200, 2)
    with pytest.raises(refusals.SignedOut):
        _sign_in(served, "At", None)
    again = served.ask("PUT", path, json={"version": 1, "lots": [], "closed": False})
    assert again.status_code == 409
    rows = served.said("/users")["rows"]
    assert [(row["name"], row["closed"]) for row in rows] == [("Ada", False), ("At", True)]
    assert [act for act in served.acts() if act.startswith("user")] == [
        "user_added",
        "user_changed",
    ]


def test_a_manager_has_a_code_of_their_own(served: Vaulted) -> None:
    seed = base64.b32decode(_add(served, "Ma", "manager")["secret"])
    with pytest.raises(refusals.NotThem):
        _sign_in(served, "Ma", None)
    code = otp.code_at(seed, int(time.time()) // otp.STEP_S)
    assert _sign_in(served, "Ma", code) is Role.MANAGER


def test_a_new_password_takes_the_place_of_the_old_one(served: Vaulted) -> None:
    path = f"/users/{_add(served, 'At', 'attendant')['account']['id']}"
    new = "another long password"
    body = {"version": 1, "lots": [], "closed": False, "password": new}
    assert served.ask("PUT", path, json=body).status_code == 200
    with pytest.raises(refusals.NotThem):
        _sign_in(served, "At", None)
    assert _sign_in(served, "At", None, new) is Role.ATTENDANT


def test_a_taken_name_and_an_owner_are_refused(served: Vaulted) -> None:
    body = {"name": "Ada", "role": "viewer", "lots": [], "password": PASSWORD}
    assert served.ask("POST", "/users", json=body).status_code == 409
    assert served.ask("POST", "/users", json={**body, "role": "owner"}).status_code == 400
    manager = served.person("Ma", Role.MANAGER)
    assert served.ask("GET", "/users", manager).status_code == 403


def test_nobody_closes_or_confines_their_own_account_so_an_owner_is_left(served: Vaulted) -> None:
    own = f"/users/{served.home.founding.account.id.hex()}"
    stays = {"version": 1, "lots": [], "closed": False}
    for change in ({"closed": True}, {"lots": [LOT.hex()]}):
        answer = served.ask("PUT", own, json={**stays, **change})
        assert (answer.status_code, answer.get_json()["type"][-9:]) == (403, "forbidden")
    assert served.said("/users")["rows"][0]["version"] == 1


def test_an_owner_is_opened_again_only_after_a_code_and_closed_without(served: Vaulted) -> None:
    other = served.person("Bo", Role.OWNER)  # no code was typed for this session
    ada = f"/users/{served.home.founding.account.id.hex()}"
    shut = {"version": 1, "lots": [], "closed": True}
    assert served.ask("PUT", ada, other, json=shut).status_code == 200
    answer = served.ask("PUT", ada, other, json={"version": 2, "lots": [], "closed": False})
    assert (answer.status_code, answer.get_json()["type"][-11:]) == (403, "code_needed")


def test_nobody_is_added_by_a_session_that_no_code_was_typed_for(served: Vaulted) -> None:
    other = served.person("Bo", Role.OWNER)
    for role in ("viewer", "manager"):
        new: Any = {"name": "Vi", "role": role, "lots": [], "password": PASSWORD}
        answer = served.ask("POST", "/users", other, json=new)
        assert (answer.status_code, answer.get_json()["type"][-11:]) == (403, "code_needed")
    assert [row["name"] for row in served.said("/users")["rows"]] == ["Ada", "Bo"]
