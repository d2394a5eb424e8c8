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
from lot.times import zone
from lot.web.problems import Problem
from server.access.refusing import Refusal
from server.access.roles import Right, Role, limit
from server.access.signing_in import HERE, Attempt, Door
from server.api.holders import Holders
from server.api.parts import Parts
from server.api.ways_in import way_in
from server.commands import asked as common
from server.commands import talk
from server.indexing.days import days_with_rows
from server.indexing.feeding import Indexing, Shelves
from server.indexing.segment_files import segment_files
from server.keys.holder import bodies, calls
from server.keys.holder.client import Keyholder
from server.keys.holder.refusals import NeedsCode, NotAllowed, NotReady
from server.people.accounts import People
from server.store import lots, schema, vouched
from server.store.database import Database
from server.store.lots import Lot

_DAYS_AT_ONCE = 30
_CODES = re.compile(r"([0-9]{6})(?: ([0-9]{6}))?")


@dataclass(frozen=True, slots=True)
class Console:
    """What a command works with."""

    parts: Parts
    door: Door

    @property
    def people(self) -> People:
        """Return the accounts."""
        of = self.parts
        return People(of.database, of.keyholder, of, of.settings.places.pepper)

    def caller(self, token: str) -> calls.Caller:
        """Return whose session a token is; Refused where it is nobody's any more."""
        holders = Holders(self.parts.database, self.parts.keyholder, self.parts.wall.now_us)
        try:
            return holders.person(token, None, acts=True).by
        except Problem as problem:
            raise Refused(
                f"this session opens nothing here: {problem.detail}",
                then="python -m server unlock --keep-session makes a new one",
            ) from None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add how somebody signs in at the console, or shows that they have."""
    add_sign_in_flags(parser)
    parser.add_argument(
        "--session", type=Path, metavar="FILE", help="a session that unlock --keep-session left"
    )


def add_sign_in_flags(parser: argparse.ArgumentParser) -> None:
    """Add how somebody signs in at the console."""
    parser.add_argument("--by", metavar="NAME", help="who signs in; left out: the only owner")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="as /dev/fd/3")
    parser.add_argument("--code-file", type=Path, metavar="FILE", help="the six digits; or two")


def add_recovery_flags(parser: argparse.ArgumentParser) -> None:
    """Add the recovery sheet, which opens the vault in place of passphrase and code."""
    parser.add_argument(
        "--recovery", action="store_true", help="with the recovery sheet, in place of both"
    )
    parser.add_argument("--recovery-file", type=Path, metavar="FILE", help="the sheet's code")


def add_fresh_code_flag(parser: argparse.ArgumentParser) -> None:
    """Add the code that is typed for one purpose: none was accepted before."""
    parser.add_argument(
        "--fresh-code-file", type=Path, metavar="FILE", help="the code after the one of signing in"
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
            by = here.caller(talk.secret_in(asked.session))
            with refusals_told(here, asked, by):
                yield here, by
            return
        by = here.caller(admitted(asked, here).token)
        try:
            with refusals_told(here, asked, by):
                yield here, by
        finally:
            here.door.sign_out(by)


@contextmanager
def refusals_told(here: Console, asked: argparse.Namespace, by: calls.Caller) -> Iterator[None]:
    """Write down what is refused to who sits here, as what is refused over HTTP is."""
    try:
        yield
    except NotAllowed as error:
        code = "code_needed" if isinstance(error, NeedsCode) else "forbidden"
        what = str(asked.run.__module__).rpartition(".")[2]
        account = bodies.session(by.session.body).account
        here.parts.refusals.note(Refusal("refused", what, code, HERE, account, None))
        raise


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


def came_in(asked: argparse.Namespace, here: Console) -> calls.Admission:
    """Open the vault as flags say: with passphrase and code, or with the recovery sheet."""
    if not asked.recovery and asked.recovery_file is None:
        return admitted(asked, here)
    account = account_named(asked.by, here.parts.database)
    if asked.recovery_file is not None:
        code = talk.secret_in(asked.recovery_file)
    else:
        code = talk.asked_unseen("Recovery code: ")
    admission = here.door.recover(account, code, calls.Console())
    talk.say("Make a new sheet now: python -m server rotate recovery. Destroy this one.")
    return admission


def confirm(
    asked: argparse.Namespace,
    here: Console,
    by: calls.Caller,
    purpose: calls.GrantPurpose,
    range_: calls.Range,
) -> None:
    """Take a fresh code for one purpose and one range."""
    if asked.fresh_code_file is not None:
        typed = code_typed(talk.secret_in(asked.fresh_code_file))
    else:
        typed = code_typed(talk.asked("A fresh code, the next that the phone shows: "))
    here.door.confirm(by, purpose, range_, typed)


def see_to_code(
    asked: argparse.Namespace,
    here: Console,
    by: calls.Caller,
    purpose: calls.GrantPurpose,
    lot: bytes | None = None,
) -> None:
    """Take a fresh code where none counts: the one of signing in here does for ten minutes."""
    range_ = calls.Range(lot, None, None)
    try:
        here.parts.keyholder.check_grant(calls.CheckGrant(by, purpose, range_))
    except NeedsCode:
        confirm(asked, here, by, purpose, range_)


def see_to_index(here: Console) -> None:
    """Have an index to search in: a served vault sees to that itself, else it is fed from here."""
    of = here.parts
    if all(_is_indexed(here, lot) for lot in _lots(here)):
        return
    talk.say("The index lacks days, as nothing is served here: it is read first.")
    shelves = Shelves(of.database, of.pictures, of.wraps, segment_files(of.settings.places))
    Indexing(shelves, of.keyholder, of.wall.now_us).feed()


def _lots(here: Console) -> list[Lot]:
    with here.parts.database.read() as read:
        return lots.every(read)


def _is_indexed(here: Console, lot: Lot) -> bool:
    """Say whether the index has something of each day that has rows."""
    with here.parts.database.read() as read:
        days = tuple(days_with_rows(read, lot.lot, zone(lot.timezone)))
    try:
        chunks = [days[at : at + _DAYS_AT_ONCE] for at in range(0, len(days), _DAYS_AT_ONCE)]
        return all(
            one.count
            for some in chunks or [()]
            for one in here.parts.keyholder.index_state(lot.lot, some)
        )
    except NotReady:
        return False


def check_right(here: Console, by: calls.Caller, right: Right) -> None:
    """Refuse who may not do what this process does by itself, without a question to the vault."""
    role = here.parts.keyholder.who_am_i(by).role
    if limit(role, right) is None:
        raise NotAllowed(f"a {role.value} has not the right {right.value}", then="ask the owner")


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
