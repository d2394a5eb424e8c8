"""`python -m server user`: who has an account, and how they sign in; here misses are forgiven."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from lot.errors import DONE, WrongUsage
from server.access.roles import Right, Role, limit
from server.commands import signed, slot_giving, talk
from server.commands.signed import Console
from server.keys import passphrases
from server.keys.holder import calls
from server.keys.holder.bodies import Account
from server.people.accounts import New, People, check_password
from server.store import lots, vouched

_ROLES = tuple(role.value for role in Role)


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("user", help="accounts: list, add, password, slot, close, reopen")
    works = parser.add_subparsers(required=True, metavar="WORK")
    works.add_parser("list", help="who has an account").set_defaults(run=_list)
    add = works.add_parser("add", help="somebody with a password; an owner with a slot")
    add.add_argument("name", metavar="NAME")
    add.add_argument("--role", choices=_ROLES, required=True)
    add.add_argument("--lot", action="append", default=[], metavar="LOT", help="left out: all")
    add.set_defaults(run=_add)
    password = works.add_parser("password", help="a new password for who has one")
    password.add_argument("name", metavar="NAME")
    password.set_defaults(run=_password)
    for one in (add, password):
        one.add_argument("--password-file", type=Path, metavar="FILE", help="as /dev/fd/4")
    slot = works.add_parser(
        "slot",
        help="a new passphrase and phone that open the vault, for an owner or manager: also where "
        "one of the two was lost",
    )
    slot.add_argument("name", metavar="NAME")
    slot.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help="as /dev/fd/4")
    slot.set_defaults(run=_slot)
    close = works.add_parser(
        "close", help="end an account, its sessions and its slot; its name stays"
    )
    close.add_argument("name", metavar="NAME")
    close.set_defaults(run=_close)
    reopen = works.add_parser("reopen", help="forgive somebody's wrong codes")
    reopen.add_argument("name", metavar="NAME")
    reopen.set_defaults(run=_reopen)
    for one in (add, slot):
        one.add_argument("--otp-address", type=Path, metavar="FILE", help="the phone's, as text")
    for one in (add, password, slot, close):
        signed.add_flags(one)
    for one in (add, password, slot):
        signed.add_fresh_code_flag(one)


def _named(people: People, name: str) -> Account:
    found = [one for one in people.every() if one.name == name]
    if not found:
        raise WrongUsage(f"nobody here is called {name}", then="see python -m server user list")
    return found[0]


def _list(_: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        for one in here.people.every():
            how = "closed" if one.closed else "open"
            sys.stdout.write(f"{one.role.value:<9} {how:<6} {one.name}\n")
    return DONE


def _add(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if asked.otp_address is not None:
        talk.check_off_the_card(asked.otp_address)
    role = Role(asked.role)
    secret = _secret(asked.password_file, asked.name, is_new_slot=role is Role.OWNER)
    with signed.signed_in(asked, env) as (here, by):
        password = None if role is Role.OWNER else secret
        new = New(asked.name, role, _lots(here, asked.lot), password)
        signed.see_to_code(asked, here, by, "admit" if password else "manage_keys")
        added = here.people.add(by, new)
        seed = added.seed if password is not None else _new_seed(here, by, added.account, secret)
    if seed is not None:
        slot_giving.show_phone(asked.name, seed, asked.otp_address)
    sys.stdout.write(f"{asked.name} may sign in on an approved browser\n")
    return DONE


def _password(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    secret = _secret(asked.password_file, asked.name, is_new_slot=False)
    with signed.signed_in(asked, env) as (here, by):
        known = _named(here.people, asked.name)
        if known.password is None:
            raise WrongUsage(
                f"{asked.name} opens the vault with a passphrase",
                then="python -m server user slot gives a new one",
            )
        signed.see_to_code(asked, here, by, "admit")
        here.people.change(by, known.id, known.version, lambda one: one, password=secret)
    sys.stdout.write(f"{asked.name} signs in with this password from now on\n")
    return DONE


def _slot(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if asked.otp_address is not None:
        talk.check_off_the_card(asked.otp_address)
    secret = _secret(asked.new_passphrase_file, asked.name, is_new_slot=True)
    with signed.signed_in(asked, env) as (here, by):
        known = _named(here.people, asked.name)
        if limit(known.role, Right.UNLOCK) is None:
            raise WrongUsage(
                f"a {known.role.value} opens no vault",
                then="python -m server user password gives a new password",
            )
        signed.see_to_code(asked, here, by, "manage_keys")
        if known.password is not None:
            known = here.people.change(
                by, known.id, known.version, lambda one: replace(one, password=None, code=False)
            )
        seed = _new_seed(here, by, known, secret)
    slot_giving.show_phone(asked.name, seed, asked.otp_address)
    sys.stdout.write(f"{asked.name} signs in with this passphrase and phone from now on\n")
    return DONE


def _new_seed(here: Console, by: calls.Caller, whose: Account, passphrase: str) -> bytes:
    """Write somebody's slot anew, in place of the one they had; return the phone's seed."""
    with here.parts.database.read() as read:
        row = vouched.found(read, "accounts", whose.id)
    assert row is not None  # it was listed, or added, a moment ago
    slots = slot_giving.slots_of(here)
    seed = slots.give(by, row, passphrase)
    slots.tidy(by)
    return seed


def _secret(path: Path | None, name: str, *, is_new_slot: bool) -> str:
    what = "passphrase" if is_new_slot else "password"
    if path is not None:
        found = talk.secret_in(path)
    else:
        found = talk.asked_unseen(f"New {what} for {name}: ")
    (passphrases.check_own if is_new_slot else check_password)(found)
    return found


def _close(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        known = _named(here.people, asked.name)
        here.people.change(by, known.id, known.version, lambda one: replace(one, closed=True))
        sys.stdout.write(f"{asked.name} signs in no more\n")
        slot_giving.slots_of(here).tidy(by)  # a share of theirs; a keeper that is away is told of
    return DONE


def _reopen(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.console(env) as here:
        here.parts.keyholder.reopen(_named(here.people, asked.name).id)
    sys.stdout.write(f"{asked.name} may try again\n")
    return DONE


def _lots(here: Console, names: list[str]) -> tuple[bytes, ...]:
    with here.parts.database.read() as read:
        known = {one.name: one.lot for one in lots.every(read)}
    for name in names:
        if name not in known:
            raise WrongUsage(f"there is no lot {name}", then=f"known: {', '.join(sorted(known))}")
    return tuple(known[name] for name in names)
