"""Before it is set up a server answers its set-up alone, and each step in its turn."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from lot.clock import now_us
from server.first_run import room
from server.first_run.code import SetUpCode
from server.first_run.walk import Walk
from server.settings import settings_from

WANTED = {
    "owner": "Ada",
    "passphrase": "a stone by the river sings",
    "again": "a stone by the river sings",
    "lot": "North",
    "timezone": "America/Chicago",
    "capacity": 50,
}


@pytest.fixture
def shown() -> list[str]:
    return []


@pytest.fixture
def client(tmp_path: Path, shown: list[str]) -> FlaskClient:
    folders = {"LOT_SERVER_FOLDER": f"{tmp_path}/server", "LOT_KEYS_FOLDER": f"{tmp_path}/keys"}
    walk = Walk(settings_from(folders), now_us)
    return room.app(SetUpCode(None, shown.append), walk).test_client()


def code_of(answer: TestResponse) -> str:
    said = answer.get_json()
    return str(said["type"]).rpartition(":")[2]


@pytest.mark.parametrize("path", ["/status", "/sessions", "/lots", "/trust", "/openapi.json", ""])
def test_everything_else_says_that_it_is_not_set_up(client: FlaskClient, path: str) -> None:
    answer = client.get(f"/api/v1{path}", headers={"Authorization": "Bearer x"})
    assert (answer.status_code, code_of(answer)) == (503, "unconfigured")


def test_a_step_out_of_turn_changes_nothing(client: FlaskClient, shown: list[str]) -> None:
    def sent(step: str, body: dict[str, object]) -> str:
        answer = client.post(f"/api/v1/setup/{step}", json=body)
        return "" if answer.status_code < 400 else code_of(answer)

    assert sent("look", {"token": "a-guess"}) == "unauthenticated"
    assert sent("begin", {"token": "a-guess", **WANTED}) == "unauthenticated"
    entered = client.post("/api/v1/setup/code", json={"code": shown[0]}).get_json()
    assert sent("phone", {**entered, "code": "000000"}) == "conflict"
    assert sent("sheet", {**entered, "recovery": "0000"}) == "conflict"
    look = client.post("/api/v1/setup/look", json=entered).get_json()
    assert (look["step"], look["recovery"], look["otp"]) == ("asks", None, None)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("owner", " Ada"),
        ("lot", "North  lot"),
        ("timezone", "Chicago"),
        ("capacity", -1),
        ("passphrase", "short"),
        ("again", "a stone by the river rings"),
    ],
)
def test_what_cannot_be_is_named_and_no_key_is_made(
    client: FlaskClient, shown: list[str], field: str, value: object
) -> None:
    entered = client.post("/api/v1/setup/code", json={"code": shown[0]}).get_json()
    refused = client.post("/api/v1/setup/begin", json={**entered, **WANTED, field: value})
    assert (code_of(refused), refused.get_json()["field"]) == ("wrong_field", field)
    assert client.post("/api/v1/setup/look", json=entered).get_json()["step"] == "asks"
