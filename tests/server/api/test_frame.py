"""What every request passes and every answer bears, over a room made for these tests."""

from __future__ import annotations

import contextlib
import io
import json
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from openapi_spec_validator import OpenAPIV31SpecValidator

from lot.errors import LotError, Refused
from lot.web import openapi, problems
from lot.web.problems import Problem
from lot.web.shapes import Many, Matching, Maybe, Octets, Text, Truth, Whole, Word, fields
from server.access.roles import Right
from server.api import itself
from server.api.app import Asked, Frame, create
from server.api.openapi import HOUSE
from server.api.operations import Bytes, Door, Operation, Pace, Room
from server.api.watching import Watch
from tests.server.api.identities import Everybody, Unnoted

PLATE = "8ABC123"


@dataclass
class Counted:
    """Lets each through as often as its pace says, and has no clock."""

    tries: dict[tuple[str, str], int] = field(default_factory=dict)

    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        number = self.tries[door, who] = self.tries.get((door, who), 0) + 1
        return 0 if number <= most else seconds


def _room() -> Room:
    room = Room("cars", "Cars")
    sent = fields(optional=["note"], plate=Text(16), note=Maybe(Text(20, lines=True)))

    @room.answers(
        Operation(
            "put_car",
            "POST",
            "/cars/{car}",
            Right.CORRECT,
            "Keep a car.",
            answer=fields(plate=Text(16)),
            path_shapes={"car": Octets(2)},
            query={"lane": Many(Text(4), 3), "bay": Whole(1, 9), "way": Word(("in", "out"))},
            body=sent,
            problems=("locked",),
        )
    )
    def put(asked: Asked) -> Mapping[str, object]:
        if asked.body.text("plate") == "LOCKED":
            raise Refused("the vault is locked", then="unlock it")
        if asked.body.text("plate") == "BUG":
            raise ZeroDivisionError
        return {
            "plate": asked.body.text("plate"),
        }

    @room.answers(
        Operation(
            "knock",
            "POST",
            "/knock",
            Door.DEVICE,
            "Knock.",
            body=fields(ok=Truth()),
            pace=Pace(2, 60),
        )
    )
    def knock(_: Asked) -> None:
        return None

    @room.answers(
        Operation(
            "deliver", "POST", "/deliver", Door.EDGE, "Bring.", body=Bytes("application/x-lot", 100)
        )
    )
    def deliver(asked: Asked) -> Mapping[str, object]:
        return {"bytes": len(asked.data)}

    return room


def _problem_of(error: LotError) -> Problem:
    return Problem("locked", error.what)


@pytest.fixture
def client() -> FlaskClient:
    rooms, watch = [_room()], Watch()
    first = itself.room(rooms, watch, unready=lambda: None)
    frame = Frame(Everybody(), Counted(), watch, _problem_of, Unnoted())
    return create(frame, [first, *rooms]).test_client()


def _put(client: FlaskClient, **more: object) -> tuple[int, str]:
    given = {
        "path": "/api/v1/cars/0a0b",
        "json": {"plate": PLATE},
        "headers": {"Authorization": "Bearer owner"},
        **more,
    }
    answer = client.post(**given)
    kind = str((answer.json or {}).get("type", ""))
    return answer.status_code, kind.rpartition(":")[2]


def test_who_has_the_right_is_answered(client: FlaskClient) -> None:
    assert _put(client) == (200, "")


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"headers": {}}, (401, "unauthenticated")),
        ({"headers": {"Authorization": "Bearer nobody"}}, (401, "session_ended")),
        ({"headers": {"Authorization": "Bearer " + "x" * 5000}}, (401, "unauthenticated")),
        ({"headers": {"Authorization": "Bearer viewer"}}, (403, "forbidden")),
        ({"path": "/api/v1/cars/zz"}, (404, "not_found")),
        ({"path": "/api/v1/lorries"}, (404, "not_found")),
        ({"path": "/api/v1/openapi.json"}, (405, "wrong_method")),
        ({"query_string": "bay=12"}, (400, "wrong_field")),
        ({"query_string": "bay=1&bay=2"}, (400, "wrong_field")),
        ({"query_string": "bay=%F0%9F%98%80"}, (400, "wrong_field")),
        ({"query_string": "plate=" + PLATE}, (400, "wrong_field")),
        ({"query_string": "lane=a&lane=b&lane=c&lane=d"}, (400, "wrong_field")),
        ({"json": {"plate": ""}}, (400, "wrong_field")),
        ({"json": {"plate": "A\x00"}}, (400, "wrong_field")),
        ({"json": {"plate": "A", "more": 1}}, (400, "wrong_field")),
        ({"json": {}}, (400, "wrong_field")),
        ({"json": []}, (400, "wrong_field")),
        ({"json": {"plate": 5}}, (400, "wrong_field")),
        ({"json": {"plate": "LOCKED"}}, (423, "locked")),
        ({"json": {"plate": "BUG"}}, (500, "internal")),
        ({"json": None, "data": b"x" * 70_000}, (413, "too_large")),
        ({"json": None, "data": b"x"}, (415, "wrong_media")),
    ],
)
def test_what_is_refused_has_a_code_of_the_table(
    client: FlaskClient, more: dict[str, object], refusal: tuple[int, str]
) -> None:
    assert _put(client, **more) == refusal
    assert problems.KINDS[refusal[1]].status == refusal[0]


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{",
        b'{"plate": "A", "plate": "B"}',
        b'{"plate": 1e400}',
        b'{"plate": NaN}',
        b"[" * 60_000,
        b'{"plate": ' + b"9" * 5000 + b"}",
        b'{"plate": "\xff"}',
        b'{"plate": "\\ud800"}',
    ],
)
def test_a_body_that_is_no_json_of_ours_is_refused(client: FlaskClient, data: bytes) -> None:
    status, code = _put(client, json=None, data=data, content_type="application/json")
    assert (status, code in ("malformed", "wrong_field")) == (400, True)


def test_nobody_s_body_is_read_before_it_is_known_who_calls(client: FlaskClient) -> None:
    class Unread(io.BytesIO):
        def read(self, *_: object) -> bytes:
            raise AssertionError("it was read")

    for length, media in ((10, "application/x-lot"), (101, "application/x-lot"), (10, "text/x")):
        answer = client.post(
            "/api/v1/deliver",
            input_stream=Unread(),
            content_type=media,
            headers={"Content-Length": str(length)},
        )
        assert answer.status_code in (401, 413, 415)


def test_packed_and_chunked_bodies_are_refused(client: FlaskClient) -> None:
    headers = {"Authorization": "Bearer owner"}
    assert _put(client, headers={**headers, "Content-Encoding": "gzip"}) == (415, "wrong_media")
    answer = client.post(
        "/api/v1/cars/0a0b",
        headers={**headers, "Transfer-Encoding": "chunked"},
        content_type="application/json",
    )
    assert (answer.json or {})["type"].endswith("length_required")


def test_an_edge_s_token_is_taken_as_its_clients_spell_it(client: FlaskClient) -> None:
    for spelt in ("Token edge", "Bearer edge", "Basic OmVkZ2U="):
        answer = client.post(
            "/api/v1/deliver",
            data=b"12345",
            content_type="application/x-lot",
            headers={"Authorization": spelt},
        )
        assert answer.json == {"bytes": 5}


def test_who_knocks_too_often_waits(client: FlaskClient) -> None:
    headers = {"Lot-Device": "browser"}
    asked = [client.post("/api/v1/knock", json={"ok": True}, headers=headers) for _ in range(3)]
    assert [answer.status_code for answer in asked] == [204, 204, 429]
    assert asked[-1].headers["Retry-After"] == "60"


def test_every_answer_bears_the_headers(client: FlaskClient) -> None:
    for path in ("/api/v1/health", "/api/v1/nowhere", "/api/v1/openapi.json", "/api/v1/"):
        headers = client.get(path).headers
        assert headers["Cache-Control"] == "no-store"
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]


def test_the_log_and_the_figures_hold_the_route_s_template_only(
    client: FlaskClient, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "lotkeeper")
    _put(client, path="/api/v1/cars/" + PLATE, query_string="plate=" + PLATE)
    client.get("/api/v1/" + PLATE)
    figures = client.get("/api/v1/metrics", environ_base={"REMOTE_ADDR": "127.0.0.1"}).data
    assert "route=/api/v1/cars/<car>" in caplog.text
    assert b'route="/api/v1/cars/<car>"' in figures
    assert PLATE not in caplog.text
    assert PLATE.encode() not in figures


def test_figures_are_for_this_machine_and_who_administers(client: FlaskClient) -> None:
    far = {"REMOTE_ADDR": "192.168.1.9"}
    assert client.get("/api/v1/metrics", environ_base=far).status_code == 401
    headers = {"Authorization": "Bearer owner"}
    assert client.get("/api/v1/metrics", environ_base=far, headers=headers).status_code == 200
    forged = {"X-Forwarded-For": "127.0.0.1"}
    assert client.get("/api/v1/metrics", environ_base=far, headers=forged).status_code == 401


def test_the_document_is_openapi_and_lists_every_code(client: FlaskClient) -> None:
    said = client.get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(said).validate()
    listed = said["components"]["schemas"]["Problem"]["properties"]["type"]["enum"]
    assert {one.rpartition(":")[2] for one in listed} == set(problems.KINDS)
    operation = said["paths"]["/api/v1/cars/{car}"]["post"]
    assert "423" in operation["responses"]
    assert "`correct`" in operation["description"]


def test_the_page_needs_no_script_and_nothing_from_elsewhere(client: FlaskClient) -> None:
    answer = client.get("/api/v1/")
    assert "script" not in answer.text
    assert "://" not in answer.text
    assert "/api/v1/cars/{car}" in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists))
def test_a_shape_reads_or_complains_and_never_breaks(value: object) -> None:
    inner = fields(a=Whole(), b=Text(5), c=Many(Truth(), 2), d=Octets(1), e=Matching("x+", "x"))
    for shape in (inner, *inner.fields.values(), Word(("in",)), Maybe(Whole())):
        with contextlib.suppress(Problem):
            shape.read(value, "it")


def test_every_problem_of_an_operation_is_in_the_table() -> None:
    for bound in _room().bound:
        assert set(openapi.codes(bound.operation, HOUSE)) <= set(problems.KINDS)
    assert json.dumps(problems.schema("locked"))
