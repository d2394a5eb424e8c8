"""Signing in at the console, for the commands that the keyholder lets only an owner do.

A command signs in for itself and out again; `unlock --keep-session` leaves a session that the
next ones show with --session, so that a row of them asks for one code.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from contract.otp import Typed
from lot.clock import WallClock
from lot.errors import Refused, WrongUsage
from server.access.roles import Role
from server.access.signing_in import Attempt, Door
from server.api.holders import Holders
from server.api.parts import Parts
from server.api.problems import Problem
from server.api.ways_in import way_in
from server.commands import asked as common
from server.commands import talk
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.store import schema, vouched
from server.store.database import Database

_CODES = re.compile(r"([0-9]{6})(?: ([0-9]{6}))?")


@dataclass(frozen=True, slots=True)
class Console:
    """What a command works with."""

    parts: Parts
    door: Door

    def caller(self, token: str) -> calls.Caller:
        """Return whose session a token is; Refused where it is nobody's any more."""
        holders = Holders(self.parts.database, self.parts.keyholder, self.parts.wall.now_us)
        try:
            return holders.person(token, None).by
        except Problem as problem:
            raise Refused(
                f"this session opens nothing here: {problem.detail}",
                then="python -m server unlock --keep-session makes a new one",
            ) from None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add how somebody signs in at the console."""
    parser.add_argument("--by", metavar="NAME", help="who signs in; left out: the only owner")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="as /dev/fd/3")
    parser.add_argument("--code-file", type=Path, metavar="FILE", help="the six digits; or two")
    parser.add_argument(
        "--session", type=Path, metavar="FILE", help="a session that unlock --keep-session left"
    )


@contextmanager
def console(env: Mapping[str, str]) -> Iterator[Console]:
    """Give what a command works with, on a server that is set up."""
    settings = common.settings(env)
    with closing(Database.open(settings.database)) as database:
        schema.check(database)
        parts = Parts(settings, database, Keyholder(settings.places.socket), WallClock())
        yield Console(parts, way_in(parts, _nothing_more))


@contextmanager
def signed_in(
    asked: argparse.Namespace, env: Mapping[str, str]
) -> Iterator[tuple[Console, calls.Caller]]:
    """Give the console and who sits at it; signed out at the end, unless a session was shown."""
    with console(env) as here:
        if asked.session is not None:
            yield here, here.caller(talk.secret_in(asked.session))
            return
        by = here.caller(admitted(asked, here).token)
        try:
            yield here, by
        finally:
            here.door.sign_out(by)


def admitted(asked: argparse.Namespace, here: Console) -> calls.Admission:
    """Sign in by what flags name or somebody types; who has a slot opens the vault with it."""
    name = asked.by or _only_owner(here.parts.database)
    if asked.passphrase_file is not None:
        passphrase = talk.secret_in(asked.passphrase_file)
    else:
        passphrase = talk.asked_unseen(f"Passphrase of {name}: ")
    if asked.code_file is not None:
        typed = code_typed(talk.secret_in(asked.code_file))
    else:
        typed = code_typed(talk.asked("Code: "))
    return here.door.sign_in(Attempt(name, passphrase, typed), calls.Console())


def account_named(name: str | None, database: Database) -> calls.Vouched:
    """Return the account of this name, or of the only owner."""
    wanted = name or _only_owner(database)
    with database.read() as read:
        found = vouched.account_named(read, wanted)
    if found is None:
        raise WrongUsage(f"nobody here is called {wanted}", then="see python -m server user list")
    return found


def code_typed(text: str) -> Typed:
    """Return a code, or two in a row, as typed."""
    found = _CODES.fullmatch(" ".join(text.split()))
    if found is None:
        raise WrongUsage("this is no code of six digits", then="type what the phone shows now")
    return Typed(found[1], found[2])


def _only_owner(database: Database) -> str:
    with database.read() as read:
        rows = vouched.every(read, "accounts")
    accounts = [bodies.account(row.body) for row in rows]
    owners = [one.name for one in accounts if one.role is Role.OWNER and not one.closed]
    if len(owners) != 1:
        raise WrongUsage(f"there are {len(owners)} owners here", then="say with --by who signs in")
    return owners[0]


def _nothing_more() -> None:
    """The web process sees by itself that the vault was opened, and feeds its index."""
