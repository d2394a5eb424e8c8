"""Over HTTP: edges are listed, invited, given cameras and tokens, sent away; by owners alone."""

from __future__ import annotations

from typing import Any

import pytest

from contract import tokens
from contract.digest import H
from lot.clock import now_us
from server.access.roles import Role
from server.store import tokens as kept
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.serve()
    return vault


def _path(vault: Vaulted) -> str:
    return f"/edges/{vault.edge.id.hex()}"


def _type(vault: Vaulted, method: str, path: str, **more: Any) -> str:
    said = vault.ask(method, path, **more).get_json()
    return str(said["type"]).rpartition(":")[2]


def test_edges_are_listed_with_when_they_last_brought_something(served: Vaulted) -> None:
    (edge,) = served.said("/edges")["rows"]
    assert (edge["id"], edge["lot"]) == (served.edge.id.hex(), LOT.hex())
    assert (edge["state"], edge["brought"]) == ("good", None)
    before = now_us()
    served.keep(served.edge.an_event(at=before))
    attendant = served.person("At", Role.ATTENDANT)
    (edge,) = served.said("/edges", attendant)["rows"]
    assert edge["brought"] >= before
    assert served.ask("POST", _path(served) + "/token", attendant).status_code == 403


def test_an_edge_is_given_a_camera_once_and_a_code_invites_another(served: Vaulted) -> None:
    had = served.said("/edges")["rows"][0]["cameras"]
    more = {"cameras": ["yard", *had]}
    assert served.ask("POST", _path(served) + "/cameras", json=more).status_code == 204
    assert served.said("/edges")["rows"][0]["cameras"] == [*had, "yard"]
    answer = served.ask("POST", f"/lots/{LOT.hex()}/invitations", json={"cameras": ["south"]})
    assert answer.status_code == 201
    assert answer.get_json()["code"].endswith(":8443")
    invited = f"/lots/{LOT.hex()}/invitations"
    assert _type(served, "POST", invited, json={"cameras": []}) == "wrong_field"
    assert served.acts()[:2] == ["edge_cameras", "edge_invited"]


def test_nothing_is_let_in_by_a_session_that_no_code_was_typed_for(served: Vaulted) -> None:
    other, invited = served.person("Bo", Role.OWNER), f"/lots/{LOT.hex()}/invitations"
    for path in (invited, _path(served) + "/cameras"):
        answer = served.ask("POST", path, other, json={"cameras": ["south"]})
        assert (answer.status_code, answer.get_json()["type"][-11:]) == (403, "code_needed")
    assert served.ask("DELETE", _path(served), other).status_code == 204


def test_a_token_is_replaced_and_taken_away(served: Vaulted) -> None:
    text = served.ask("POST", _path(served) + "/token").get_json()["token"]
    token = tokens.token(text)
    with served.database.read() as read:
        assert kept.holder(read, token, now_us()) is not None
    assert served.ask("DELETE", _path(served) + "/token").status_code == 204
    with served.database.read() as read:
        assert kept.holder(read, token, now_us()) is None
    assert served.acts() == ["token_rotated", "token_revoked"]


def test_an_edge_that_was_sent_away_stays_in_the_list_and_gets_nothing_more(
    served: Vaulted,
) -> None:
    assert served.ask("DELETE", _path(served)).status_code == 204
    assert served.said("/edges")["rows"][0]["state"] == "revoked"
    assert _type(served, "POST", _path(served) + "/token") == "conflict"
    assert served.ask("DELETE", _path(served)).status_code == 204
    assert served.acts().count("edge_revoked") == 1
    assert _type(served, "DELETE", "/edges/" + "00" * 16) == "not_found"


def test_the_fingerprints_are_those_of_the_recovery_sheet(served: Vaulted) -> None:
    said = served.said("/fingerprints")
    pack = served.parts.trust.pack()
    assert said == {"root": H(pack.root).hex(), "sign": H(pack.vault_sign).hex()}
