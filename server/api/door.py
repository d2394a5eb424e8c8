"""The door: who signs in and out, fresh codes, and shutting the vault."""

from __future__ import annotations

from collections.abc import Mapping
from typing import get_args

from contract.otp import Typed
from lot.web.shapes import (
    TIME,
    Given,
    Many,
    Matching,
    Maybe,
    Named,
    Octets,
    Text,
    Truth,
    Whole,
    Word,
    fields,
)
from server.access.roles import TABLE, Limit, Right, Role
from server.access.signing_in import Attempt
from server.access.signing_in import Door as WayIn
from server.api.app import Asked
from server.api.callers import Device
from server.api.operations import Door, Operation, Pace, Room
from server.api.spoken import LOT
from server.keys.holder import calls

# Not so strict that a digit too many is a wrong field: what is no code is told apart, and is no
# miss, by the rules of the one-time code.
_CODE = Text(12)
_SECRET = Text(1024)
_SIGN_IN = fields(
    optional=["code", "code2"], name=Text(64), secret=_SECRET, code=_CODE, code2=_CODE
)
_IDENTITY = Named(
    "Identity",
    fields(
        account=Octets(16),
        name=Text(64),
        role=Word(tuple(role.value for role in Role)),
        lots=Many(LOT, 128),
        session=Octets(16),
        ends=TIME,
        unlocked=Truth(),
        rights=Many(
            fields(
                right=Word(tuple(right.value for right in Right)),
                limit=Word(tuple(limit.value for limit in Limit)),
            ),
            len(Right),
        ),
    ),
)
_ADMITTED = fields(token=Text(512), identity=_IDENTITY)
_REFUSALS = ("wrong_credentials", "too_many_tries", "console_needed", "busy", "keeper_away")
_PACE = Pace(20, 300)  # a desk that signs in after each break stays far below; a guesser waits
_PURPOSE = Word(get_args(calls.GrantPurpose))


def room(way: WayIn) -> Room:
    """Return the room."""
    door = Room("door", "Signing in and out")

    @door.answers(
        Operation(
            "sign_in",
            "POST",
            "/sessions",
            Door.DEVICE,
            "Sign in; who has a slot opens the vault with it.",
            answer=_ADMITTED,
            body=_SIGN_IN,
            problems=(*_REFUSALS, "locked"),
            status=201,
            pace=_PACE,
        )
    )
    def sign_in(asked: Asked) -> Mapping[str, object]:
        assert isinstance(asked.caller, Device)
        attempt = _attempt(asked.body)
        return _admitted(way.sign_in(attempt, asked.caller.by, asked.address))

    @door.answers(
        Operation(
            "read_session",
            "GET",
            "/sessions/own",
            Door.SIGNED_IN,
            "Who is signed in, with every right and how far it goes.",
            answer=_IDENTITY,
        )
    )
    def own(asked: Asked) -> Mapping[str, object]:
        person = asked.person
        return {
            "account": person.account,
            "name": person.name,
            "role": person.role.value,
            "lots": sorted(person.lots or ()),
            "session": person.session,
            "ends": person.ends,
            "unlocked": person.unlocked,
            "rights": _rights(person.role),
        }

    @door.answers(
        Operation("sign_out", "DELETE", "/sessions/own", Door.SIGNED_IN, "Sign out.", status=204)
    )
    def sign_out(asked: Asked) -> None:
        way.sign_out(asked.person.by)

    @door.answers(
        Operation(
            "lock", "POST", "/lock", Door.SIGNED_IN, "Shut the vault, for everybody.", status=204
        )
    )
    def lock(asked: Asked) -> None:
        way.lock(asked.person.by, asked.person.account)

    @door.answers(
        Operation(
            "confirm",
            "POST",
            "/grants",
            Right.EXPORT,
            "Type a fresh code: for one purpose and one range, good for ten minutes.",
            answer=fields(seconds=Whole()),
            body=fields(
                optional=["code2", "lot", "first", "last"],
                purpose=_PURPOSE,
                code=Matching("[0-9]{6}", "six digits"),
                code2=Matching("[0-9]{6}", "six digits"),
                lot=Maybe(LOT),
                first=Maybe(TIME),
                last=Maybe(TIME),
            ),
            problems=(*_REFUSALS, "locked"),
            status=201,
            pace=_PACE,
        )
    )
    def confirm(asked: Asked) -> Mapping[str, object]:
        body = asked.body
        purpose = next(one for one in get_args(calls.GrantPurpose) if one == body.text("purpose"))
        range_ = calls.Range(
            body.octets_or_none("lot"), body.whole_or_none("first"), body.whole_or_none("last")
        )
        typed = Typed(body.text("code"), body.text_or_none("code2"))
        return {"seconds": way.confirm(asked.person.by, purpose, range_, typed).seconds}

    return door


def _attempt(body: Given) -> Attempt:
    code = body.text_or_none("code")
    typed = None if code is None else Typed(code, body.text_or_none("code2"))
    return Attempt(body.text("name"), body.text("secret"), typed)


def _admitted(admission: calls.Admission) -> Mapping[str, object]:
    identity = admission.identity
    return {
        "token": admission.token,
        "identity": {
            "account": identity.account,
            "name": identity.name,
            "role": identity.role.value,
            "lots": identity.lots,
            "session": identity.session,
            "ends": identity.ends,
            "unlocked": identity.unlocked,
            "rights": _rights(identity.role),
        },
    }


def _rights(role: Role) -> list[dict[str, str]]:
    return [
        {"right": right.value, "limit": roles[role].value}
        for right, roles in TABLE.items()
        if role in roles
    ]
