"""`python -m server rotate`: a new sheet, a new RSA pair, or a new vault key with all of it.

A new pair is announced only when the keys part of the backup holds it: what edges seal under it
would else be lost with this card.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from lot.clock import now_us
from lot.errors import DONE, WrongUsage
from server.api.ways_in import after_opening
from server.backup import house
from server.commands import signed, slot_giving, talk
from server.commands.signed import Console
from server.keys.holder import calls


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("rotate", help="a new recovery sheet, RSA pair or vault key")
    works = parser.add_subparsers(required=True, metavar="WHAT")
    recovery = works.add_parser("recovery", help="the sheet before opens nothing any more")
    recovery.set_defaults(run=_recovery)
    rsa = works.add_parser("rsa", help="edges seal under a new pair; old ones stay for old records")
    rsa.set_defaults(run=_rsa)
    vault = works.add_parser(
        "vault",
        help="a new vault key, RSA pair and sheet: afterwards you and the sheet alone open it",
    )
    vault.set_defaults(run=_vault)
    announce = works.add_parser("announce", help="what a rotation that was cut did not come to")
    announce.set_defaults(run=_announce)
    slot_giving.add_again_flags(vault)
    for one in (recovery, vault):
        one.add_argument(
            "--to", type=Path, metavar="FILE", help="below /run or a pipe; left out: the terminal"
        )
    for one in (rsa, vault, announce):
        one.add_argument(
            "--no-backup", action="store_true", help="there is none, and none is to be waited for"
        )
    for one in (recovery, rsa, vault, announce):
        signed.add_flags(one)


def _recovery(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_to(asked)
    with signed.signed_in(asked, env) as (here, by):
        code = slot_giving.slots_of(here).renew_sheet(by)
    _show_sheet(asked, code)
    return DONE


def _rsa(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_backup(asked, env)
    with signed.signed_in(asked, env) as (here, by):
        slot_giving.slots_of(here).rotate_rsa(by)
        _announced(asked, here, by)
    return DONE


def _vault(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_to(asked)
    _check_backup(asked, env)
    with signed.signed_in(asked, env) as (here, by):
        passphrase, typed = slot_giving.again(asked)
        slots = slot_giving.slots_of(here)
        code = slots.rotate_vault(by, passphrase, typed, here.parts.clock())
        _show_sheet(asked, code)
        _announced(asked, here, by)
        slots.tidy(by)
    talk.say(
        "Everybody else needs a new slot: python -m server user slot NAME\n"
        "Backups of before open with the old slots and sheet: destroy them when a new one is made."
    )
    return DONE


def _announce(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    _check_backup(asked, env)
    with signed.signed_in(asked, env) as (here, by):
        _announced(asked, here, by)
    return DONE


def _announced(asked: argparse.Namespace, here: Console, by: calls.Caller) -> None:
    """Let the backup hold the new pair first, and then the edges know it."""
    places = here.parts.settings.places
    if not asked.no_backup:
        kept = house.keys_anew(places, here.parts.database, now_us())
        sys.stdout.write(f"{kept}: holds the new pair\n")
    slot_giving.slots_of(here).announce_rsa(by)
    after_opening(here.parts)(by)
    sys.stdout.write("the new pair is announced; each edge takes it with its next delivery\n")


def _check_backup(asked: argparse.Namespace, env: Mapping[str, str]) -> None:
    if asked.no_backup:
        return
    with signed.console(env) as here:
        if house.noted_folder(here.parts.settings.places) is None:
            raise WrongUsage(
                "no backup was made yet, and a new pair lies nowhere but here",
                then="run python -m server backup DIR first, or say --no-backup",
            )


def _check_to(asked: argparse.Namespace) -> None:
    if asked.to is not None:
        talk.check_off_the_card(asked.to)


def _show_sheet(asked: argparse.Namespace, code: str) -> None:
    if asked.to is not None:
        talk.put_off_the_card(asked.to, code.encode() + b"\n")
    else:
        talk.say(f"Recovery code, to be written down and kept in a safe:\n\n{code}\n")
