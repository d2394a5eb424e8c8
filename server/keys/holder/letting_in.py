"""Accounts and browsers: which versions of them the keyholder vouches for, and on whose word."""

from __future__ import annotations

from server.access.roles import Right, Role
from server.keys.holder import bodies, calls, trying
from server.keys.holder.bodies import Account
from server.keys.holder.desk import Desk
from server.keys.holder.refusals import BeingChanged, NotAllowed
from server.keys.holder.sessions import allowed_in, may_let_in, may_manage_keys
from server.keys.slots import Cost


def vouched(desk: Desk, asked: calls.Vouch) -> calls.Mac:
    """Vouch for a new version of a row, and note it; all but an end asks for a fresh code."""
    own = desk.sessions.present(asked.by)
    allowed_in(own, Right.ADMINISTER, None)
    if asked.table == "sessions":
        raise NotAllowed("sessions are made by signing in", then="sign in")
    body = bodies.decoded(asked.table, asked.body)
    if isinstance(body, bodies.Session) or not body.closed:
        may_let_in(desk.sessions, asked.by, None)
    # One at a time: each is judged by what those before it noted.
    with desk.noting:
        if isinstance(body, Account):
            _check_owners(desk, asked.by, own.account, body)
        desk.newest.note(calls.Version.of(asked.table, body.id, body.version, asked.body))
    return calls.Mac(desk.voucher.vouched(asked.table, asked.body).mac)


def password(desk: Desk, asked: calls.SetPassword) -> calls.PasswordMade:
    """Derive a password's hash."""
    allowed_in(desk.sessions.present(asked.by), Right.ADMINISTER, None)
    with desk.derivations.turn():
        made = trying.password_made(asked.password, asked.pepper, Cost())
    return calls.PasswordMade(made.salt, made.cost.memory_kib, made.cost.rounds, made.hash)


def _check_owners(desk: Desk, by: calls.Caller, own: Account, new: Account) -> None:
    """Refuse what would leave no owner, or make one of whoever sees an owner's session.

    Even the recovery sheet opens in an owner's name: without one the vault is shut for ever. So
    whoever changes another's account stays: nothing newer was vouched for of their own, which may
    be that it is closed. Of owners who close each other at one moment the first alone does.
    """
    if new.id == own.id:
        if new.closed or new.lots or new.role is not own.role:
            raise NotAllowed(
                "nobody closes or confines their own account", then="let another owner do it"
            )
    elif not desk.newest.is_latest("accounts", own.id, own.version):
        raise BeingChanged(
            "your own account is being changed at this moment",
            then="try again; if it stays so, keep your own account once more as it is",
        )
    if new.role is Role.OWNER and not new.closed:
        may_manage_keys(desk.sessions, by)
