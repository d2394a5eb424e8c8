"""What outlives a session asks for a fresh code: whoever sees the session alone lets nobody in."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract import trust
from contract.chain import Point
from contract.otp import Typed
from server.access.roles import Role
from server.access.rows import RULE, SEEDS
from server.keys.holder import bodies, calls
from server.keys.holder.refusals import NeedsCode
from server.keys.holder.sessions import EVERYWHERE
from tests.server.keys.holder.edges import Edge, enrolled
from tests.server.keys.holder.running import House, house

LOT = b"l" * 16


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def _account(role: Role) -> bodies.Account:
    id_ = secrets.token_bytes(16)
    return bodies.Account(id_, 1, id_.hex(), role, (), None, code=False, closed=False)


def _device() -> bodies.Device:
    id_, by = secrets.token_bytes(16), b"a" * 16
    return bodies.Device(id_, 1, "Desk", b"h" * 32, by, 1, is_desk=True, closed=False)


def _vouch(by: calls.Caller, body: bodies.Account | bodies.Device) -> calls.Vouch:
    return calls.Vouch(by, body.TABLE, bodies.encoded(body))


def test_a_session_alone_ends_what_there_is_and_lets_nobody_in(home: House) -> None:
    owner, ask = home.owner(-1), home.keyholder._answer
    known, _ = enrolled(home, owner, Edge())
    pack = trust.pack_own(home.founding.trust_pack)
    before = trust.certificate_decoded(
        known.certificate, vault_sign=pack.vault_sign, server=pack.server
    )
    _forget_the_code_of_signing_in(home, owner)

    lets_in: dict[str, Callable[[], object]] = {
        "a person": lambda: ask(_vouch(owner, _account(Role.VIEWER))),
        "a browser": lambda: ask(_vouch(owner, _device())),
        "a one-time code": lambda: ask(_seed(owner)),
        "a rule that tells plates": lambda: ask(_rule(owner, "true")),
        "an edge": lambda: ask(calls.Invite(owner, LOT, ("gate",))),
        "a camera": lambda: ask(
            calls.Certify(owner, known.certificate, (*before.cameras, "yard"), None)
        ),
        "a writer": lambda: ask(calls.CertifyServer(owner, secrets.token_bytes(32))),
    }
    for what, let_in in lets_in.items():
        with pytest.raises(NeedsCode):
            let_in()
            pytest.fail(what)
    ask(_rule(owner, "false"))
    for body in (_account(Role.MANAGER), _device()):
        ask(_vouch(owner, replace(body, version=2, closed=True)))
    ask(calls.Certify(owner, known.certificate, before.cameras, Point(0, bytes(32))))
    gone = replace(_account(Role.OWNER), version=2, closed=True)
    mac = home.keyholder.vouch(_vouch(owner, gone))
    closed = calls.Vouched(bodies.encoded(gone), mac)
    ask(calls.ForgetSlot(owner, gone.id, closed))
    with pytest.raises(NeedsCode):
        ask(calls.ForgetSlot(owner, secrets.token_bytes(16), closed))

    typed = Typed(home.code(1))
    home.keyholder.confirm(calls.Confirm(owner, typed, "admit", EVERYWHERE, None, "ntp"))
    for let_in in lets_in.values():
        let_in()
    with pytest.raises(NeedsCode):  # what opens the vault that code was not typed for
        ask(_vouch(owner, _account(Role.OWNER)))
    with pytest.raises(NeedsCode):
        ask(calls.RenewRecovery(owner))


def _seed(by: calls.Caller) -> calls.RowsSeal:
    row = calls.PlainRow(SEEDS, secrets.token_bytes(16), 1, b'{"v":1}')
    return calls.RowsSeal(by, None, (row,))


def _rule(by: calls.Caller, plates: str) -> calls.RowsSeal:
    content = f'{{"plates":{plates},"v":1}}'.encode()
    return calls.RowsSeal(by, LOT, (calls.PlainRow(RULE, secrets.token_bytes(16), 1, content),))


def _forget_the_code_of_signing_in(home: House, by: calls.Caller) -> None:
    """Type a code for something else: it takes the place of the one of signing in."""
    typed = Typed(home.code())
    home.keyholder.confirm(calls.Confirm(by, typed, "export", EVERYWHERE, None, "ntp"))
