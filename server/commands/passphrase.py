"""`python -m server passphrase`: one's own is changed, or somebody's slot is taken away."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping

from lot.errors import DONE
from server.commands import signed, slot_giving
from server.keys.holder import bodies


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("passphrase", help="change one's own; take a slot away")
    works = parser.add_subparsers(required=True, metavar="WORK")
    change = works.add_parser("change", help="another passphrase; the phone stays as it is")
    slot_giving.add_new_passphrase_flag(change)
    slot_giving.add_again_flags(change)
    change.set_defaults(run=_change)
    take = works.add_parser("take", help="somebody's passphrase and phone open nothing any more")
    take.add_argument("name", metavar="NAME")
    take.set_defaults(run=_take)
    for one in (change, take):
        signed.add_flags(one)


def _change(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        passphrase, typed = slot_giving.again(asked)
        name = bodies.account(by.account.body).name
        new = slot_giving.passphrase_for(name, asked.new_passphrase_file)
        slots = slot_giving.slots_of(here)
        slots.change_passphrase(by, passphrase, typed, new, here.parts.clock())
    sys.stdout.write("the new passphrase opens the vault from now on\n")
    return DONE


def _take(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    with signed.signed_in(asked, env) as (here, by):
        row = signed.account_named(asked.name, here.parts.database)
        slot_giving.slots_of(here).take(by, bodies.account(row.body).id)
    sys.stdout.write(f"{asked.name} opens the vault no more\n")
    return DONE
