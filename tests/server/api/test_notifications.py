"""Rules are an owner's; a test says at once what is wrong; a customer is told by the desk."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from lot.errors import WrongSettings
from server.access.roles import Role
from server.api.parts import Parts
from server.settings import settings_from
from tests.contract.writers import LOT
from tests.server.api.vaulted import Vaulted
from tests.server.notifying.receivers import Post, Web, post, web

HERE = f"/lots/{LOT.hex()}"
RULE = {"kind": "full", "channel": "hook", "hours": None, "quiet_minutes": 30, "plates": False}


@pytest.fixture(name="web")
def a_web() -> Iterator[Web]:
    with web() as found:
        yield found


@pytest.fixture(name="post")
def a_post() -> Iterator[Post]:
    with post() as found:
        yield found


@pytest.fixture
def served(vault: Vaulted, web: Web, post: Post) -> Vaulted:
    """A vault whose `.env` has a channel for rules and one for customers."""
    known = {"hook": web.address, "customer": post.address("{mail}")}
    settings = replace(vault.parts.settings, channels=known)
    vault.parts = Parts(settings, vault.database, vault.home.keyholder, vault.parts.wall)
    vault.serve()
    return vault


def test_a_rule_is_made_changed_and_dropped_by_an_owner(served: Vaulted) -> None:
    made = served.ask("POST", f"{HERE}/notifications", json=RULE)
    assert made.status_code == 201
    id_ = made.get_json()["id"]
    path = f"{HERE}/notifications/{id_}"
    new = {**RULE, "kind": "overstay", "hours": 24, "plates": True}
    assert served.ask("PUT", path, json=new).get_json() == {"id": id_, **new, "language": "en"}
    new["language"] = "es"
    assert served.ask("PUT", path, json=new).get_json() == {"id": id_, **new}
    assert served.said(f"{HERE}/notifications")["rows"] == [{"id": id_, **new}]
    assert served.ask("DELETE", path).status_code == 204
    assert served.ask("DELETE", path).status_code == 404
    assert served.said(f"{HERE}/notifications")["rows"] == []
    acts = [act for act in served.acts() if act != "row"]
    assert acts == ["notify_added", "notify_changed", "notify_changed", "notify_dropped"]


def test_nobody_else_sees_rules_or_channels(served: Vaulted) -> None:
    manager = served.person("Ma", Role.MANAGER)
    elsewhere = served.person("Ow", Role.OWNER, b"e" * 16)
    asks: tuple[tuple[str, str, object], ...] = (
        ("GET", f"{HERE}/notifications", None),
        ("POST", f"{HERE}/notifications", RULE),
        ("GET", "/notifications", None),
        ("POST", "/notifications/hook/test", {}),
    )
    for method, path, body in asks:
        assert served.ask(method, path, manager, json=body).status_code == 403
        assert served.ask(method, path, elsewhere, json=body).status_code in (403, 404)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "gone"},
        {"channel": "customer"},
        {"kind": "overstay"},
        {"hours": 5},
        {"plates": True},
        {"quiet_minutes": 0},
        {"kind": "weather"},
        {"language": "xx"},
    ],
)
def test_a_rule_that_makes_no_sense_is_refused_in_a_line(
    served: Vaulted, wrong: dict[str, Any]
) -> None:
    answer = served.ask("POST", f"{HERE}/notifications", json={**RULE, **wrong})
    assert (answer.status_code, answer.get_json()["type"].rpartition(":")[2]) == (
        400,
        "wrong_field",
    )
    assert served.said(f"{HERE}/notifications")["rows"] == []


def test_a_test_arrives_or_says_why_not_and_the_failure_stays_on_show(
    served: Vaulted, web: Web, post: Post
) -> None:
    path = "/notifications/hook/test"
    assert served.ask("POST", path, json={}).get_json() == {"why": None}
    assert len(web.came) == 1
    web.down = True
    why = served.ask("POST", path, json={}).get_json()["why"]
    assert "503" in why
    asked = served.ask("GET", "/notifications")
    hook, customer = asked.get_json()["rows"]
    assert (hook["sent"], hook["failed"], hook["why"]) == (1, 1, why)
    assert customer["reaches"] == "mail"
    assert "not-for-your-eyes" not in asked.get_data(as_text=True)

    for_customers = "/notifications/customer/test"
    assert served.ask("POST", for_customers, json={}).status_code == 400
    told = served.ask("POST", for_customers, json={"to": "me@example.org"})
    assert told.get_json() == {"why": None}
    assert [to for to, _ in post.came] == ["me@example.org"]
    assert served.ask("POST", "/notifications/gone/test", json={}).status_code == 404


def test_a_customer_is_told_that_the_car_is_ready(served: Vaulted, post: Post) -> None:
    desk = served.person("At", Role.ATTENDANT)
    words = dict.fromkeys(("name", "phone", "looks", "key", "note"))
    body = {**words, "once": "0" * 32, "plate": "KLM4421", "mail": "c@example.org", "bay": "7"}
    ticket = served.ask("POST", f"{HERE}/tickets", desk, json=body).get_json()["ticket"]
    assert served.said(f"{HERE}/ways", desk) == {"mail": True, "phone": False}

    path = f"{HERE}/tickets/{ticket['id']}/message"
    told = served.ask("POST", path, desk, json={"language": "es"})
    assert told.get_json() == {"by": "mail"}
    served.parts.outgoing.turn()
    ((to, mail),) = post.came
    assert to == "c@example.org"
    text = mail.get_body().get_content()  # type: ignore[union-attr]  # it has one
    assert "Plaza 7" in text
    assert "KLM4421" not in mail.as_string()
    assert "customer_told" in served.acts()

    none = {**body, "once": "1" * 32, "plate": "XYZ7", "mail": "at the bar"}
    other = served.ask("POST", f"{HERE}/tickets", desk, json=none).get_json()["ticket"]
    path = f"{HERE}/tickets/{other['id']}/message"
    assert served.ask("POST", path, desk, json={}).status_code == 404


def test_a_wrong_address_is_named_and_not_repeated() -> None:
    with pytest.raises(WrongSettings) as raised:
        settings_from({"LOT_NOTIFY_OFFICE": "bob:hunter2@example.org", "LOT_TIMEZONE": "UTC"})
    assert "LOT_NOTIFY_OFFICE" in str(raised.value.problems)
    assert "hunter2" not in str(raised.value.problems)
