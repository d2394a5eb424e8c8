"""`python -m server init`: from nothing to a server that may be served, step by step."""

from __future__ import annotations

import argparse
import signal
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NoReturn

from contract import codes
from lot import addresses, times
from lot.addresses import Address
from lot.clock import now_us
from lot.errors import DONE, WrongUsage
from lot.serving import check_free
from server import lot_keeping, setting_up
from server.commands import asked as common
from server.commands import slot_giving, talk
from server.first_run import passing, room, serving
from server.first_run.code import SetUpCode, kept_at
from server.first_run.passing import Passing
from server.first_run.walk import Walk
from server.keys import passphrases, phone, sheet
from server.keys.founding import Begun, Owner
from server.lot_keeping import New
from server.people.naming import check_name
from server.running.tls_leaf import found_at
from server.settings import ServerSettings

_IN_MEMORY = Path("/run")
_LOT_ASKED = "Name of the parking lot: "
# However the walk is broken off, also by a lost line to the machine, page and code go with it.
_ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True)
class Answers:
    """What the owner chose."""

    owner: str
    passphrase: str = field(repr=False)
    lot: New


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
    parser.add_argument(
        "--text-days", type=int, default=90, metavar="DAYS", help="how long events are kept"
    )
    parser.add_argument(
        "--picture-days", type=int, default=30, metavar="DAYS", help="how long pictures are"
    )
    parser.add_argument("--passphrase-file", type=Path, metavar="FILE", help="your own passphrase")
    parser.add_argument(
        "--otp-png", type=Path, metavar="FILE", help="the phone's QR code goes here"
    )
    parser.add_argument("--otp-address", type=Path, metavar="FILE", help="what is in it, as text")
    parser.add_argument("--sheet", type=Path, metavar="FILE", help="the recovery sheet goes here")
    parser.add_argument(
        "--unattended", action="store_true", help="ask nothing: every answer comes by a flag"
    )
    parser.add_argument(
        "--browser",
        metavar="HOST:PORT",
        help="walk in a browser there instead, with the code that is printed here: 127.0.0.1:8440 "
        "for this machine, 0.0.0.0:8440 for the lot's network",
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Set the server up; cut anywhere, it is begun anew."""
    settings = common.settings(env)
    _check(asked)
    setting_up.check_new(settings)
    if asked.browser:
        return _in_a_browser(settings, env, addresses.address(asked.browser))
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
    lot_keeping.check_numbers(
        asked.capacity, text_days=asked.text_days, picture_days=asked.picture_days
    )
    if asked.browser:
        _check_alone(asked)
    if not asked.unattended:
        return
    needed = ("owner", "lot", "passphrase_file", "sheet")
    lacking = [name for name in needed if not getattr(asked, name)]
    if not (asked.otp_png or asked.otp_address):
        lacking.append("otp_address")
    if lacking:
        words = ", ".join("--" + name.replace("_", "-") for name in lacking)
        raise WrongUsage(f"--unattended needs {words} too", then="give them, or leave it out")


def _check_alone(asked: argparse.Namespace) -> None:
    """Refuse answers beside a browser: it asks for them all."""
    beside = ("owner", "lot", "timezone", "passphrase_file", "otp_png", "otp_address", "sheet")
    given = [name for name in (*beside, "capacity", "unattended") if getattr(asked, name)]
    if given:
        words = ", ".join("--" + name.replace("_", "-") for name in given)
        raise WrongUsage(f"in a browser {words} is asked there", then="leave it out")


def _in_a_browser(settings: ServerSettings, env: Mapping[str, str], where: Address) -> int:
    """Walk in a browser, until the sheet was typed back there."""
    check_free(where)
    shows = None if where.is_loopback else passing.certificate(settings.names)
    for ending in _ENDINGS:
        signal.signal(ending, _broken_off)
    code = SetUpCode(kept_at(_IN_MEMORY), lambda text: talk.say(f"The set-up code: {text}"))
    walk = Walk(settings, now_us)
    try:
        with serving.page(settings, env, where, shows, room.app(code, walk)) as page:
            talk.say(_way(settings, where, shows))
            serving.wait(page, walk)
    finally:
        code.forget()
    talk.say("The server is set up. Next: python -m server serve --bind 0.0.0.0:8443")
    return DONE


def _broken_off(_number: int, _frame: object) -> NoReturn:
    raise KeyboardInterrupt


def _way(settings: ServerSettings, where: Address, shows: Passing | None) -> str:
    """Say where the walk begins, and what must be compared on the way."""
    if shows is None:
        return f"Open http://{where}/first-run on this machine. Ctrl-C breaks off."
    name = found_at(settings.names).host
    return (
        f"Open https://{name}:{where.port}/first-run in the lot's network. Ctrl-C breaks off.\n"
        "The browser warns, since nobody vouches for this server yet. Go on only where the "
        f"certificate that it shows has this SHA-256:\n{sheet.fingerprint(shows.fingerprint)}"
    )


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
    return slot_giving.typed_twice("Type them, or a passphrase of your own: ")


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
            "The six digits that it shows: ", lambda typed: phone.check_code(made.seed, typed)
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
    check_name(name)
    return name


def _lot(asked: argparse.Namespace, settings: ServerSettings) -> New:
    zone_name = asked.timezone or str(settings.zone)
    times.zone(zone_name)
    name = _name(asked.lot) if asked.lot else talk.asked_until_right(_LOT_ASKED, _name)
    return New(name, zone_name, asked.capacity, asked.text_days, asked.picture_days)


def _check_recovery(made: str, typed: str) -> str:
    if codes.recovery_code(typed) != codes.recovery_code(made):
        raise WrongUsage("this is another sheet's code", then="type the one that is shown above")
    return typed
