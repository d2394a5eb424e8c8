"""`python -m server keeper`: two boxes instead of one, so that a stolen server opens for nobody."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from contract import codes
from lot import addresses
from lot.errors import DONE, WrongUsage
from server.commands import signed, slot_giving, talk
from server.commands.signed import Console
from server.keys.holder import calls
from server.keys.holder.bodies import Account
from server.keys.keeper_link import KeeperLink


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("keeper", help="a second box that keeps a share of each key")
    works = parser.add_subparsers(required=True, metavar="WORK")
    pair = works.add_parser("pair", help="with the code that `python -m edge keeper pair` prints")
    pair.add_argument("--pair-code-file", type=Path, metavar="FILE", help="CODE@HOST:PORT")
    pair.set_defaults(run=_pair)
    listed = works.add_parser("list", help="who has a slot, and where; does the keeper answer?")
    listed.set_defaults(run=_list)
    address = works.add_parser("address", help="say where the paired keeper listens now")
    address.add_argument("address", metavar="HOST:PORT")
    address.set_defaults(run=_address)
    move = works.add_parser("move", help="a new slot whose seed and share lie with the keeper")
    move.set_defaults(run=_move)
    back = works.add_parser("back", help="a new slot whose seed lies on the card again")
    back.set_defaults(run=_back)
    for one in (move, back):
        slot_giving.add_flags(one)
    forget = works.add_parser("forget", help="destroy somebody's share: their slot opens no more")
    forget.set_defaults(run=_forget)
    for one in (move, back, forget):
        one.add_argument("name", metavar="NAME")
    tidy = works.add_parser("tidy", help="let the keeper forget the shares that no slot needs")
    tidy.set_defaults(run=_tidy)
    unpair = works.add_parser("unpair", help="be without a keeper, when nobody needs it any more")
    unpair.set_defaults(run=_unpair)
    for one in (pair, listed, move, back, forget, tidy, unpair):
        signed.add_flags(one)


def _pair(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    if asked.pair_code_file is not None:
        text = talk.secret_in(asked.pair_code_file)
    else:
        text = talk.asked("Code of the keeper, with its @HOST:PORT: ")
    codes.invitation_at(text)  # mistyped: said before anybody signs in
    with signed.signed_in(asked, env) as (here, by):
        pinned = _link(here).pair(by, text)
        slot_giving.slots_of(here).note_paired(by, pinned)
    sys.stdout.write(f"paired with keeper {pinned.keeper.hex()}\n")
    talk.say("Nobody has moved there yet. Next, for each who has a slot: server keeper move NAME")
    return DONE


def _list(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        names = {one.id: one.name for one in here.people.every()}
        for slot in here.parts.keyholder.slots(by):
            whose = "recovery sheet" if slot.person is None else names.get(slot.person, "?")
            where = "card" if slot.keeper is None else "keeper"
            sys.stdout.write(f"{slot.id.hex()} {where:<6} {whose}\n")
        if here.parts.keyholder.pinned_keeper() is not None:
            talk.say(f"The keeper answers at {_link(here).check()}.")
    return DONE


def _address(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    where = addresses.address(asked.address)
    with signed.console(env) as here:
        if here.parts.keyholder.pinned_keeper() is None:
            raise WrongUsage("no keeper is paired", then="pair one: python -m server keeper pair")
        _link(here).keep_address(where)
    sys.stdout.write(f"the keeper is looked for at {where}\n")
    return DONE


def _move(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_paired(env)
    _given(asked, env, "as_paired")
    sys.stdout.write(f"{asked.name} opens the vault with the keeper's help from now on\n")
    talk.say(
        "The slot of before lies on in flash and in backups. When everybody who needs a slot has\n"
        "moved, or before the others do: python -m server rotate vault"
    )
    return DONE


def _back(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_paired(env)
    _given(asked, env, "on_the_card")
    sys.stdout.write(f"{asked.name} opens the vault without the keeper from now on\n")
    return DONE


def _given(asked: argparse.Namespace, env: Mapping[str, str], where: calls.Where) -> None:
    if asked.otp_address is not None:
        talk.check_off_the_card(asked.otp_address)
    passphrase = slot_giving.passphrase_for(asked.name, asked.new_passphrase_file)
    with signed.signed_in(asked, env) as (here, by):
        row = signed.account_named(asked.name, here.parts.database)
        slots = slot_giving.slots_of(here)
        seed = slots.give(by, row, passphrase, where)
        slot_giving.show_phone(asked.name, seed, asked.otp_address)
        slots.tidy(by)


def _forget(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        slot_giving.slots_of(here).take(by, _named(here, asked.name).id)
    sys.stdout.write(f"{asked.name} opens the vault no more\n")
    return DONE


def _tidy(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        forgotten = slot_giving.slots_of(here).tidy(by)
    sys.stdout.write(f"{forgotten} shares forgotten\n")
    return DONE


def _unpair(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        slots = slot_giving.slots_of(here)
        slots.tidy(by)
        slots.unpair(by)
        _link(here).forget_address()
    sys.stdout.write("no keeper is paired any more\n")
    return DONE


def _check_paired(env: Mapping[str, str]) -> None:
    """Say it before anybody types a passphrase."""
    with signed.console(env) as here:
        if here.parts.keyholder.pinned_keeper() is None:
            raise WrongUsage("no keeper is paired", then="pair one: python -m server keeper pair")


def _named(here: Console, name: str) -> Account:
    found = [one for one in here.people.every() if one.name == name]
    if not found:
        raise WrongUsage(f"nobody here is called {name}", then="see python -m server user list")
    return found[0]


def _link(here: Console) -> KeeperLink:
    return KeeperLink(here.parts.keyholder, here.parts.settings.places.keeper)
