"""`python -m server init`: from nothing to a server that may be served, step by step."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from contract import codes, otp
from lot import times
from lot.errors import DONE, LotError, WrongUsage
from server import setting_up
from server.clock import now_us
from server.commands import asked as common
from server.commands import talk
from server.keys import passphrases, sheet
from server.keys.founding import Begun, Owner
from server.setting_up import FirstLot
from server.settings import ServerSettings

_DAYS_MAX = 3650
_CARS_MAX = 1_000_000
_NAME_MAX = 64
_LOT_ASKED = "Name of the parking lot: "


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner chose."""

    owner: str
    passphrase: str = field(repr=False)
    lot: FirstLot


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "init",
        help="set the server up: vault, phone, recovery sheet, certificate, tables",
        description="Asks for what no flag says. Secrets come from files or descriptors and go "
        "below /run or into pipes, as /dev/fd/3.",
    )
    parser.add_argument("--owner", metavar="NAME", help="who owns the server")
    parser.add_argument("--lot", metavar="NAME", help="the first parking lot")
    parser.add_argument("--timezone", metavar="ZONE", help="the lot's, as America/Chicago")
    parser.add_argument("--capacity", type=int, metavar="CARS", help="how many cars fit")
    parser.add_argument("--text-days", type=int, default=90, metavar="N", help="events are kept")
    parser.add_argument("--picture-days", type=int, default=30, metavar="N", help="pictures are")
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="an own passphrase")
    parser.add_argument(
        "--otp-png", type=Path, metavar="FILE", help="the phone's QR code goes here"
    )
    parser.add_argument("--otp-address", type=Path, metavar="FILE", help="what is in it, as text")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="the recovery sheet goes here")
    parser.add_argument(
        "--unattended", action="store_true", help="ask nothing: every answer comes by a flag"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Set the server up; cut anywhere, it is begun anew."""
    settings = common.settings(env)
    _check(asked)
    setting_up.check_new(settings)
    answers = _given(asked, settings) if asked.unattended else _asked(asked, settings)
    if not asked.unattended:
        talk.say("Making keys. This takes a while on a small machine.")
    begun = setting_up.begin(settings, Owner(answers.owner, answers.passphrase), now_us())
    _show(asked, begun, answers)
    setting_up.complete(settings, begun, answers.lot, now_us())
    talk.say(
        "The server is set up. Next: python -m server serve --bind 0.0.0.0:8443\n"
        f"Root certificate, SHA-256: {sheet.fingerprint(begun.foundation.root_fingerprint)}"
    )
    return DONE


def _check(asked: argparse.Namespace) -> None:
    for path in (asked.otp_png, asked.otp_address, asked.sheet):
        if path is not None:
            talk.check_off_the_card(path)
    for days in (asked.text_days, asked.picture_days):
        if not 1 <= days <= _DAYS_MAX:
            raise WrongUsage(f"{days} days are too few or too many", then=f"1 to {_DAYS_MAX}")
    if asked.capacity is not None and not 0 < asked.capacity <= _CARS_MAX:
        raise WrongUsage("--capacity is no number of cars", then="leave it out if unknown")
    if not asked.unattended:
        return
    needed = ("owner", "lot", "passphrase_file", "sheet")
    lacking = [name for name in needed if not getattr(asked, name)]
    if not (asked.otp_png or asked.otp_address):
        lacking.append("otp_address")
    if lacking:
        words = ", ".join("--" + name.replace("_", "-") for name in lacking)
        raise WrongUsage(f"--unattended needs {words} too", then="give them, or leave it out")


def _given(asked: argparse.Namespace, settings: ServerSettings) -> Answers:
    passphrase = talk.secret_in(asked.passphrase_file)
    passphrases.check_own(passphrase)
    return Answers(_name(asked.owner), passphrase, _lot(asked, settings))


def _asked(asked: argparse.Namespace, settings: ServerSettings) -> Answers:
    owner = _name(asked.owner) if asked.owner else talk.asked_until_right("Your name: ", _name)
    lot = _lot(asked, settings)
    if asked.passphrase_file is not None:
        passphrase = talk.secret_in(asked.passphrase_file)
        passphrases.check_own(passphrase)
    else:
        passphrase = _passphrase()
    return Answers(owner, passphrase, lot)


def _passphrase() -> str:
    """Offer six words, or take an own passphrase; either is typed once more."""
    offered = passphrases.offered()
    talk.say(f"Your passphrase could be these six words; write them down:\n\n    {offered}\n")
    while True:
        first = talk.asked_unseen("Type them, or a passphrase of your own: ")
        try:
            if passphrases.passphrase_bytes(first) != offered.encode():
                passphrases.check_own(first)
        except LotError as error:
            talk.say(str(error))
            continue
        again = talk.asked_unseen("Once more: ")
        if passphrases.passphrase_bytes(again) == passphrases.passphrase_bytes(first):
            return first
        talk.say("The two are not the same.")


def _show(asked: argparse.Namespace, begun: Begun, answers: Answers) -> None:
    """Bring seed and sheet to the owner, and see that both arrived."""
    made = begun.foundation
    address = sheet.otp_address(made.seed, answers.owner)
    if asked.otp_png is not None:
        talk.put_off_the_card(asked.otp_png, sheet.qr_png(address))
    if asked.otp_address is not None:
        talk.put_off_the_card(asked.otp_address, f"{address}\n".encode())
    if not asked.unattended:
        talk.say(f"Scan this with an authenticator app:\n\n{sheet.qr_text(address)}\n{address}\n")
        talk.asked_until_right(
            "The six digits that it shows: ", lambda typed: _check_code(made.seed, typed)
        )
    if asked.sheet is not None:
        when = times.local_text(times.moment(now_us()), times.zone(answers.lot.timezone))
        page = sheet.page(
            name=answers.owner,
            day=when[:10],
            recovery=made.recovery,
            root=made.root_fingerprint,
            sign=made.sign_fingerprint,
        )
        talk.put_off_the_card(asked.sheet, page)
    if not asked.unattended:
        talk.say(
            "This is the recovery code; it opens the vault if phone or passphrase are lost.\n"
            f"Write it down, or print the page of --sheet:\n\n    {made.recovery}\n\n"
            f"Root certificate   {sheet.fingerprint(made.root_fingerprint)}\n"
            f"Vault signing key  {sheet.fingerprint(made.sign_fingerprint)}\n"
        )
        talk.asked_until_right(
            "Type the recovery code from your sheet: ",
            lambda typed: _check_recovery(made.recovery, typed),
        )


def _name(text: str) -> str:
    name = text.strip()
    if not 0 < len(name) <= _NAME_MAX or not name.isprintable():
        raise WrongUsage(
            f"a name has from 1 to {_NAME_MAX} characters that can be seen", then="choose another"
        )
    return name


def _lot(asked: argparse.Namespace, settings: ServerSettings) -> FirstLot:
    zone_name = asked.timezone or str(settings.zone)
    times.zone(zone_name)
    name = _name(asked.lot) if asked.lot else talk.asked_until_right(_LOT_ASKED, _name)
    return FirstLot(name, zone_name, asked.capacity, asked.text_days, asked.picture_days)


def _check_code(seed: bytes, typed: str) -> str:
    """See that the phone has the seed; the code is not spent, since no door was opened by it."""
    step = int(time.time()) // otp.STEP_S
    good = [otp.code_at(seed, step + ahead) for ahead in (-1, 0, 1)]
    if typed.strip().replace(" ", "") not in good:
        raise WrongUsage(
            "this is not the code that it should show",
            then="compare both clocks, and type the next",
        )
    return typed


def _check_recovery(made: str, typed: str) -> str:
    if codes.recovery_code(typed) != codes.recovery_code(made):
        raise WrongUsage("this is another sheet's code", then="type the one that is shown above")
    return typed
