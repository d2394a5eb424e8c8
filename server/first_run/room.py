"""The walk over HTTP: all that a server answers before it is set up, to who has the code."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import get_args

from flask import Flask, request

from lot.web.problems import Problem
from lot.web.shapes import Maybe, Octets, Text, Whole, Word, fields
from server.access.refusing import Refusal
from server.api.app import Asked, Frame, create
from server.api.callers import Device, Edge, Person
from server.api.operations import PREFIX, Door, Operation, Room
from server.api.refused import problem_of
from server.api.watching import Watch
from server.first_run.code import SetUpCode
from server.first_run.walk import Step, Walk, Wanted
from server.keys import sheet
from server.lot_keeping import CAPACITY_MAX

PATH = "/setup"
_TOKEN, _SECRET = Text(64), Text(1024)
_STEP = Word(("code", *get_args(Step)))
_SHOWN = fields(
    step=_STEP,
    owner=Maybe(Text(64)),
    timezone=Text(64),
    offered=Maybe(Text(200)),
    trouble=Maybe(Text(500)),
    otp=Maybe(Text(500)),
    recovery=Maybe(Text(64)),
    root=Maybe(Octets(32)),
    sign=Maybe(Octets(32)),
)
_log = logging.getLogger("lotkeeper.first_run")


def app(code: SetUpCode, walk: Walk) -> Flask:
    """Return what answers until the server is set up."""
    frame = Frame(_Nobody(), _Nobody(), Watch(), problem_of, _Nobody())
    made = create(frame, [room(code, walk)])

    @made.before_request
    def unconfigured() -> None:
        if not request.path.startswith(PREFIX + PATH):
            raise Problem("unconfigured", "the server is being set up, and answers that alone")

    return made


def room(code: SetUpCode, walk: Walk) -> Room:
    """Return the walk's operations, each for the browser that entered the code."""
    here = Room("setup", "The first run")
    _bind_entering(here, code, walk)
    _bind_steps(here, code, walk)
    return here


def _bind_entering(here: Room, code: SetUpCode, walk: Walk) -> None:
    @here.answers(
        Operation(
            "enter_setup",
            "POST",
            f"{PATH}/code",
            Door.ANYBODY,
            "Type the code that the machine shows; it is good once.",
            answer=fields(token=_TOKEN),
            body=fields(code=Text(64)),
            problems=("setup_code_wrong",),
        )
    )
    def enter(asked: Asked) -> Mapping[str, object]:
        return {"token": code.enter(asked.body.text("code"))}

    @here.answers(
        Operation(
            "see_setup",
            "POST",
            f"{PATH}/look",
            Door.ANYBODY,
            "Where the walk stands, and what its step shows.",
            answer=_SHOWN,
            body=fields(token=_TOKEN),
            problems=("unauthenticated",),
        )
    )
    def look(asked: Asked) -> Mapping[str, object]:
        code.check(asked.body.text("token"))
        return _shown(walk)


def _bind_steps(here: Room, code: SetUpCode, walk: Walk) -> None:
    problems = ("unauthenticated", "conflict")

    @here.answers(
        Operation(
            "begin_setup",
            "POST",
            f"{PATH}/begin",
            Door.ANYBODY,
            "Who owns the server, by which passphrase, and what the first lot is: keys are made.",
            body=fields(
                token=_TOKEN,
                owner=Text(64),
                passphrase=_SECRET,
                again=_SECRET,
                lot=Text(64),
                timezone=Text(64),
                capacity=Maybe(Whole(0, CAPACITY_MAX)),
            ),
            problems=problems,
            status=204,
        )
    )
    def begin(asked: Asked) -> None:
        body = asked.body
        code.check(body.text("token"))
        walk.begin(
            Wanted(
                body.text("owner"),
                body.text("passphrase"),
                body.text("again"),
                body.text("lot"),
                body.text("timezone"),
                body.whole_or_none("capacity"),
            )
        )

    @here.answers(
        Operation(
            "show_phone",
            "POST",
            f"{PATH}/phone",
            Door.ANYBODY,
            "The digits that the phone shows now: they say that it has the seed.",
            body=fields(token=_TOKEN, code=Text(16)),
            problems=problems,
            status=204,
        )
    )
    def phone(asked: Asked) -> None:
        code.check(asked.body.text("token"))
        walk.phone(asked.body.text("code"))

    @here.answers(
        Operation(
            "type_sheet_back",
            "POST",
            f"{PATH}/sheet",
            Door.ANYBODY,
            "The recovery code from the printed sheet: with it the server is set up. `device` is "
            "what this browser is known by from then on.",
            answer=fields(device=Text(128)),
            body=fields(token=_TOKEN, recovery=Text(128)),
            problems=problems,
        )
    )
    def typed_back(asked: Asked) -> Mapping[str, object]:
        code.check(asked.body.text("token"))
        return {"device": walk.typed_back(asked.body.text("recovery"))}


def _shown(walk: Walk) -> Mapping[str, object]:
    step, begun = walk.step, walk.begun
    made = None if begun is None else begun.foundation
    is_phone, is_sheet = made is not None and step == "phone", made is not None and step == "sheet"
    return {
        "step": step,
        "owner": walk.owner,
        "timezone": walk.zone_name,
        "offered": walk.offered if step == "asks" else None,
        "trouble": walk.trouble,
        "otp": sheet.otp_address(made.seed, walk.owner or "") if made and is_phone else None,
        "recovery": made.recovery if made and is_sheet else None,
        "root": made.root_fingerprint if made and is_sheet else None,
        "sign": made.sign_fingerprint if made and is_sheet else None,
    }


class _Nobody:
    """Before a server is set up nobody has an account, and no log could tell of who tried."""

    def person(self, token: str, device: str | None, *, acts: bool) -> Person:
        raise Problem("unconfigured", "nobody has an account yet")

    def edge(self, token: str) -> Edge:
        raise Problem("unconfigured", "no edge is enrolled yet")

    def device(self, text: str) -> Device:
        raise Problem("unconfigured", "no browser is approved yet")

    def wait_s(self, door: str, who: str, *, most: int, seconds: int) -> int:
        return 0

    def note(self, one: Refusal) -> None:
        _log.warning("refused=%s code=%s address=%s", one.what, one.code, one.address)
