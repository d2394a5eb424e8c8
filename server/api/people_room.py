"""Accounts: who they are, what they are to which lots, and whether they may sign in."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import replace

from lot.web.problems import Problem
from lot.web.shapes import Many, Maybe, Named, Octets, Text, Truth, Whole, Word, fields
from server.access.roles import Right, Role
from server.api.app import Asked
from server.api.operations import Operation, Room
from server.api.spoken import LOT
from server.keys.holder.bodies import LOTS_MAX, Account
from server.people.accounts import PASSWORD_MAX, PASSWORD_MIN, New, People

_PEOPLE_MAX = 1000
_ID = Octets(16)
_ROLE = Word(tuple(role.value for role in Role))
_WITH_A_PASSWORD = Word(tuple(role.value for role in Role if role is not Role.OWNER))
_LOTS = Many(LOT, LOTS_MAX)
_PASSWORD = Text(PASSWORD_MAX, PASSWORD_MIN)
_ACCOUNT = Named(
    "Account",
    fields(
        id=_ID,
        version=Whole(1),
        name=Text(64),
        role=_ROLE,
        lots=_LOTS,
        password=Truth(),
        code=Truth(),
        closed=Truth(),
    ),
)


def room(people: People) -> Room:
    """Return the room."""
    here = Room("people", "Who has an account")

    @here.answers(
        Operation(
            "list_users",
            "GET",
            "/users",
            Right.ADMINISTER,
            "Every account by name, the closed ones too.",
            answer=fields(rows=Many(_ACCOUNT, _PEOPLE_MAX)),
        )
    )
    def every(_: Asked) -> Mapping[str, object]:
        return {"rows": [_said(one) for one in people.every()[:_PEOPLE_MAX]]}

    @here.answers(
        Operation(
            "add_user",
            "POST",
            "/users",
            Right.ADMINISTER,
            "Add somebody with a password; `secret` is for their authenticator, shown once. "
            "It asks for a fresh code to `admit`. Owners are added at the console.",
            answer=fields(account=_ACCOUNT, secret=Maybe(Text(64))),
            body=fields(name=Text(64), role=_WITH_A_PASSWORD, lots=_LOTS, password=_PASSWORD),
            problems=("locked", "already_there", "busy", "code_needed"),
            status=201,
        )
    )
    def add(asked: Asked) -> Mapping[str, object]:
        body = asked.body
        new = New(
            body.text("name"), Role(body.text("role")), body.several("lots"), body.text("password")
        )
        added = people.add(asked.person.by, new)
        secret = None if added.seed is None else base64.b32encode(added.seed).decode()
        return {"account": _said(added.account), "secret": secret}

    @here.answers(
        Operation(
            "change_user",
            "PUT",
            "/users/{id}",
            Right.ADMINISTER,
            "Change an account by the version that was read; whoever has it signs in anew. "
            "Closed ones stay in the list, since what they did names them. Nobody closes or "
            "confines their own. All but closing asks for a fresh code to `admit`, of an "
            "owner for one to `manage_keys`.",
            answer=_ACCOUNT,
            path_shapes={"id": _ID},
            body=fields(
                optional=["password"],
                version=Whole(1),
                lots=_LOTS,
                closed=Truth(),
                password=_PASSWORD,
            ),
            problems=("locked", "conflict", "busy", "code_needed"),
        )
    )
    def change(asked: Asked) -> Mapping[str, object]:
        body, id_ = asked.body, asked.path.octets("id")
        closed = bool(body.truth_or_none("closed"))

        def edit(known: Account) -> Account:
            if "password" in body and known.password is None:
                raise Problem("wrong_field", "this account has a slot, and no password")
            return replace(known, lots=body.several("lots"), closed=closed)

        password = body.text_or_none("password")
        changed = people.change(asked.person.by, id_, body.whole("version"), edit, password)
        return _said(changed)

    return here


def _said(one: Account) -> dict[str, object]:
    return {
        "id": one.id,
        "version": one.version,
        "name": one.name,
        "role": one.role.value,
        "lots": one.lots,
        "password": one.password is not None,
        "code": one.code,
        "closed": one.closed,
    }
