"""`python -m server user`: who has an account, added and closed; misses are forgiven here alone."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lot.errors import DONE, WrongUsage
from server.access.roles import Role
from server.commands import signed, talk
from server.commands.signed import Console
from server.keys import sheet
from server.keys.holder.bodies import Account
from server.people import New, People
from server.store import lots

_ROLES = tuple(role.value for role in Role if role is not Role.OWNER)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("user", help="accounts: list, add, close, reopen")
    works = parser.add_subparsers(required=True, metavar="WORK")
    works.add_parser("list", help="who has an account").set_defaults(run=_list)
    add = works.add_parser("add", help="somebody with a password; owners are made by init")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=_ROLES, required=True)
    add.add_argument("--lot", action="append", default=[], metavar="LOT", help="left out: all")
    add.add_argument("--password-file", type=Path, metavar="FILE", help="as /dev/fd/4")
    add.set_defaults(run=_add)
    close = works.add_parser("close", help="end an account and its sessions; its name stays")
    close.add_argument("name", metavar="NAME")
    close.set_defaults(run=_close)
    reopen = works.add_parser("reopen", help="forgive somebody's wrong codes")
    reopen.add_argument("name", metavar="NAME")
    reopen.set_defaults(run=_reopen)
    for one in (add, close):
        signed.add_flags(one)


def _people(here: Console) -> People:
    parts = here.parts
    return People(parts.database, parts.keyholder, parts, parts.settings.places.pepper)


def _named(people: People, name: str) -> Account:
    found = [one for one in people.every() if one.name == name]
    if not found:
        raise WrongUsage(f"nobody here is called {name}", then="see python -m server user list")
    return found[0]


def _list(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        for one in _people(here).every():
            how = "closed" if one.closed else "open"
            sys.stdout.write(f"{one.role.value:<9} {how:<6} {one.name}\n")
    return DONE


def _add(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if asked.password_file is not None:
        password = talk.secret_in(asked.password_file)
    else:
        password = talk.asked_unseen(f"Password for {asked.name}: ")
    with signed.signed_in(asked, env) as (here, by):
        new = New(asked.name, Role(asked.role), _lots(here, asked.lot), password)
        added = _people(here).add(by, new)
    if added.seed is not None:
        address = sheet.otp_address(added.seed, asked.name)
        talk.say(f"{asked.name} scans this with an authenticator app:\n\n{sheet.qr_text(address)}")
    sys.stdout.write(f"{asked.name} may sign in on an approved browser\n")
    return DONE


def _close(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        people = _people(here)
        known = _named(people, asked.name)
        people.change(by, known.id, known.version, lambda one: replace(one, closed=True))
    sys.stdout.write(f"{asked.name} signs in no more\n")
    return DONE


def _reopen(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        here.parts.keyholder.reopen(_named(_people(here), asked.name).id)
    sys.stdout.write(f"{asked.name} may try again\n")
    return DONE


def _lots(here: Console, names: list[str]) -> tuple[bytes, ...]:
    with here.parts.database.read() as read:
        known = {one.name: one.lot for one in lots.every(read)}
    for name in names:
        if name not in known:
            raise WrongUsage(f"there is no lot {name}", then=f"known: {', '.join(sorted(known))}")
    return tuple(known[name] for name in names)
