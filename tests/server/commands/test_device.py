"""A kept session lets browsers in: within ten minutes of its code, and later by a fresh one."""

from __future__ import annotations

import time

from contract import otp
from contract.otp import Typed
from lot.clock import now_us
from lot.errors import DONE, LOCKED
from server.access.approving import Approving
from server.api.ways_in import way_in
from server.commands import signed
from server.keys.holder import calls
from tests.server.commands.console import Console
from tests.server.commands.test_user import NEW, phone_of


def test_a_session_whose_code_counts_no_more_lets_a_browser_in_by_a_fresh_one(
    console: Console,
) -> None:
    of, given, phone = console.vault.parts, str(console.file("new", NEW)), console.pipe()
    add = ("user", "add", "Bo", "--role", "owner", "--password-file", given)
    assert console.owner(*add, "--otp-address", phone.path)[0] == DONE
    seed = phone_of(phone.read())

    def code(ahead: int) -> str:
        return otp.code_at(seed, int(time.time()) // otp.STEP_S + ahead)

    session = console.pipe()
    by_code = ("--passphrase-file", given, "--code-file", str(console.file("code", code(-1))))
    assert console.do("unlock", "--by", "Bo", *by_code, "--keep-session", session.path)[0] == DONE
    token, door = session.read().strip(), way_in(of, lambda: None)
    bo = signed.Console(of, door).caller(token)
    # A code that is typed for something else takes the place of the one of signing in.
    door.confirm(bo, "export", calls.Range(None, None, None), Typed(code(0)))

    asking = Approving(of.database, of.keyholder, of, now_us).ask("booth", "10.0.0.1")
    kept = ("--session", str(console.file("kept", token)))
    approve = ("device", "approve", asking.number, "--fresh-code-file")
    assert console.do(*approve, str(console.file("wrong", "000000")), *kept)[0] == LOCKED
    assert "waits booth" in console.do("device", "list")[1]
    approved = console.do(*approve, str(console.file("fresh", code(1))), *kept)
    assert approved == (DONE, "booth may sign in now\n", "")
