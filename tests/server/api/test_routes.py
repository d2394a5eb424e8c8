"""Every route with every identity against the table of roles, and the document against itself."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings
from openapi_spec_validator import OpenAPIV31SpecValidator
from schemathesis import openapi as openapi_of
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    response_schema_conformance,
    status_code_conformance,
)

from lot.web import openapi, problems
from server.access.roles import Limit, Right, Role, limit
from server.api import assembling, itself
from server.api.app import Frame, create
from server.api.openapi import HOUSE
from server.api.operations import JSON, Bytes, Door, Operation, Room
from server.api.refused import problem_of
from server.api.watching import Watch
from server.api.ways_in import Taking
from server.settings import settings_from
from tests.server.api.identities import IDENTITIES, Everybody, Unnoted
from tests.server.databases import Server

FAR = {"REMOTE_ADDR": "192.168.1.9"}
ALL = list(HealthCheck)
NOT_LET_IN = {"unauthenticated", "session_ended", "forbidden", "device_unknown"}


class Unpaced:
    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0


@dataclass(frozen=True)
class Made:
    app: Flask
    rooms: tuple[Room, ...]

    def operations(self) -> Iterator[Operation]:
        for room in self.rooms:
            for bound in room.bound:
                yield bound.operation


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, database_servers: Callable[[str], Server]
) -> Made:
    """The whole app on a database of its own, beside a keyholder that does not answer."""
    folder: Path = tmp_path_factory.mktemp("routes")
    of = assembling.parts(
        settings_from(
            {
                "LOT_SERVER_FOLDER": str(folder / "server"),
                "LOT_KEYS_FOLDER": str(folder / "keys"),
                "LOT_DATABASE": database_servers("sqlite").new(),
                "LOT_TIMEZONE": "America/Chicago",
            }
        )
    )
    watch = Watch()
    others = assembling.rooms(of, Taking(of, lambda: None), watch)
    rooms = (itself.room(others, watch, of.unready), *others)
    return Made(create(Frame(Everybody(), Unpaced(), watch, problem_of, Unnoted()), rooms), rooms)


def _may(operation: Operation, name: str) -> bool:
    access = operation.access
    if access is Door.ANYBODY:
        return name not in ("somebody unknown", "edge")  # a session that is none is said to be
    if access is Door.THIS_MACHINE:
        access = Right.ADMINISTER
    if isinstance(access, Right):
        return name in {role.value for role in Role} and limit(Role(name), access) is not None
    if access is Door.SIGNED_IN:
        return name in {role.value for role in Role}
    return name == {Door.EDGE: "edge", Door.DEVICE: "browser"}[access]


def _code(made: Made, operation: Operation, headers: dict[str, str]) -> str:
    path = operation.route
    for name in operation.path_shapes:
        text = "01900000-0000-7000-8000-000000000000" if name != "lot" else "00" * 16
        path = path.replace(f"{{{name}}}", text)
    answer = made.app.test_client().open(
        path,
        method=operation.method,
        headers=headers,
        environ_base=FAR,
        content_type=_media(operation),
        data=None if operation.body is None else b"{}",
    )
    said = answer.get_json(silent=True) if answer.status_code >= 400 else None
    return str((said or {}).get("type", "")).rpartition(":")[2]


def _media(operation: Operation) -> str | None:
    if operation.body is None:
        return None
    return operation.body.media_type if isinstance(operation.body, Bytes) else JSON


@pytest.mark.parametrize("name", IDENTITIES)
def test_each_identity_passes_exactly_where_the_table_of_roles_says(made: Made, name: str) -> None:
    for operation in made.operations():
        let_in = _code(made, operation, IDENTITIES[name]) not in NOT_LET_IN
        assert let_in == _may(operation, name), (operation.name, name)


def test_a_role_that_must_say_why_is_asked_before_anything_is_looked_for(made: Made) -> None:
    client = made.app.test_client()
    auditor = IDENTITIES[Role.AUDITOR.value]
    assert limit(Role.AUDITOR, Right.SEARCH) is Limit.WITH_A_REASON
    said = client.get("/api/v1/events?plate=8ABC123", headers=auditor).get_json()
    assert said["type"].endswith(":reason_needed")
    said = client.get("/api/v1/events?plate=8ABC123", headers=IDENTITIES["viewer"]).get_json()
    assert said["type"].endswith(":forbidden")


def test_the_document_is_openapi_3_1_and_every_operation_is_in_it_once(made: Made) -> None:
    said = made.app.test_client().get("/api/v1/openapi.json").get_json()
    OpenAPIV31SpecValidator(said).validate()
    listed = sorted(
        one["operationId"] for methods in said["paths"].values() for one in methods.values()
    )
    assert listed == sorted(operation.name for operation in made.operations())
    routed = {re.sub(r"<(\w+)>", r"{\1}", str(rule)) for rule in made.app.url_map.iter_rules()}
    assert routed == set(said["paths"])


def test_every_code_that_an_operation_lists_is_in_the_table(made: Made) -> None:
    for operation in made.operations():
        assert set(openapi.codes(operation, HOUSE)) <= set(problems.KINDS), operation.name


def test_no_request_made_from_the_document_meets_a_fault_or_an_unlisted_answer(made: Made) -> None:
    document = openapi_of.from_wsgi("/api/v1/openapi.json", made.app)
    for found in document.get_all_operations():
        assert isinstance(found, Ok)
        strategy = found.ok().as_strategy()

        @settings(max_examples=6, deadline=None, database=None, suppress_health_check=ALL)
        @given(case=strategy)
        def call(case: schemathesis.Case[Any]) -> None:
            for name in ("nobody", "owner"):  # drawing a request costs more than asking twice
                answer = case.call(headers=IDENTITIES[name])
                assert answer.status_code != 500  # 503 is what the absent keyholder is said by
                case.validate_response(
                    answer, checks=[response_schema_conformance, status_code_conformance]
                )

        call()
