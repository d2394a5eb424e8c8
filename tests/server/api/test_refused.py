"""Every refusal leaves a line in the audit: who, what, why and from where."""

from __future__ import annotations

import argparse

import pytest
from sqlalchemy import select

from contract import audit
from server.access.roles import Role
from server.api.ways_in import way_in
from server.commands import verify
from server.commands.signed import Console, refusals_told
from server.keys.holder import bodies, calls
from server.keys.holder.refusals import NotAllowed
from server.store.database import Database
from server.store.tables import audit_lines
from tests.contract.writers import LOT
from tests.server.api.vaulted import FAR, Vaulted

VISITS = f"/lots/{LOT.hex()}/visits/01900000-0000-7000-8000-000000000000"


@pytest.fixture
def served(vault: Vaulted) -> Vaulted:
    vault.serve()
    return vault


def test_no_right_is_written_down_with_who_has_it_not(served: Vaulted) -> None:
    viewer = served.person("Vi", Role.VIEWER)
    assert served.ask("GET", "/users", viewer).status_code == 403
    assert served.ask("GET", "/users", viewer).status_code == 403
    (line,) = _refused(served.database)
    assert line.actor.hex() == served.said("/sessions/own", viewer)["account"]


def test_a_token_that_is_none_and_a_vault_that_is_locked_are_written_down(
    served: Vaulted,
) -> None:
    assert served.app is not None
    client = served.app.test_client()
    wrong = {"Authorization": "Bearer nobody's"}
    assert client.get("/api/v1/users", headers=wrong, environ_base=FAR).status_code == 401
    served.home.keyholder.lock(served.owner)
    assert served.ask("GET", VISITS).status_code == 423
    stranger, owner = _refused(served.database)
    assert stranger.actor == served.parts.writing.writer
    assert (owner.actor, owner.lot) == (served.home.founding.account.id, LOT)


def test_while_the_index_is_built_whoever_searches_is_told_to_wait_and_not_refused(
    served: Vaulted,
) -> None:
    answer = served.ask("GET", "/events")
    assert answer.get_json()["type"] == "urn:lotkeeper:problem:not_ready"
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert not _refused(served.database)


def test_what_is_refused_at_the_console_is_written_down_too(vault: Vaulted) -> None:
    manager = vault.person("Ma", Role.MANAGER, LOT)
    here = Console(vault.parts, way_in(vault.parts, lambda: None))
    command = argparse.Namespace(run=verify.run)
    with pytest.raises(NotAllowed), refusals_told(here, command, manager):
        vault.home.keyholder.invite(calls.Invite(manager, LOT, ("gate",)))
    (line,) = _refused(vault.database)
    assert line.actor == bodies.session(manager.session.body).account


def _refused(database: Database) -> list[audit.Line]:
    c = audit_lines.c
    wanted = select(c.line).where(c.act == "refused").order_by(c.seq)
    with database.read() as read:
        return [audit.decoded(data) for data in read.scalars(wanted)]
