"""A slot is given at the console: a passphrase that is typed twice, a phone that shows its code."""

from __future__ import annotations

import argparse
from pathlib import Path

from contract.otp import Typed
from lot.errors import LotError
from server.access.slots import Slots
from server.commands import signed, talk
from server.commands.signed import Console
from server.keys import passphrases, phone, sheet


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Add where a new passphrase comes from, and where the phone's seed goes."""
    add_new_passphrase_flag(parser)
    parser.add_argument("--otp-address", type=Path, metavar="FILE", help="the phone's, as text")


def add_new_passphrase_flag(parser: argparse.ArgumentParser) -> None:
    """Add where a new passphrase comes from."""
    parser.add_argument("--new-passphrase-file", type=Path, metavar="FILE", help="as /dev/fd/4")


def add_again_flags(parser: argparse.ArgumentParser) -> None:
    """Add the code of who is signed in and must say once more that it is them."""
    parser.add_argument("--next-code-file", type=Path, metavar="FILE", help="a code not used yet")


def slots_of(here: Console) -> Slots:
    """Return what changes slots."""
    of = here.parts
    return Slots(of.database, of.keyholder, of, here.door.carrier)


def again(asked: argparse.Namespace) -> tuple[str, Typed]:
    """Return passphrase and a code once more: the slot itself is opened by them."""
    if asked.passphrase_file is not None:
        passphrase = talk.secret_in(asked.passphrase_file)
    else:
        passphrase = talk.asked_unseen("Your passphrase, once more: ")
    if asked.next_code_file is not None:
        return passphrase, signed.code_typed(talk.secret_in(asked.next_code_file))
    return passphrase, signed.code_typed(talk.asked("The next code that the phone shows: "))


def passphrase_for(name: str, path: Path | None) -> str:
    """Return a new passphrase that is good enough: out of a file, or typed twice."""
    if path is not None:
        found = talk.secret_in(path)
        passphrases.check_own(found)
        return found
    talk.say(f"These six words would do for {name}:\n\n    {passphrases.offered()}\n")
    return typed_twice(f"New passphrase of {name}: ")


def typed_twice(what: str) -> str:
    """Ask for a passphrase until it is good enough and typed the same twice."""
    while True:
        first = talk.asked_unseen(what)
        try:
            passphrases.check_own(first)
        except LotError as error:
            talk.say(str(error))
            continue
        again = talk.asked_unseen("Once more: ")
        if passphrases.passphrase_bytes(again) == passphrases.passphrase_bytes(first):
            return first
        talk.say("The two are not the same.")


def show_phone(name: str, seed: bytes, to: Path | None) -> None:
    """Bring a seed to somebody's phone, and see that it arrived."""
    address = sheet.otp_address(seed, name)
    if to is not None:
        talk.put_off_the_card(to, f"{address}\n".encode())
        return
    talk.say(
        f"{name} scans this with an authenticator app:\n\n{sheet.qr_text(address)}\n{address}\n"
    )
    talk.asked_until_right(
        "The six digits that it shows: ", lambda typed: phone.check_code(seed, typed)
    )
