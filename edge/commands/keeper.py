"""`python -m edge keeper`: hold one share of each person's key, in a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from contract import codes
from contract.canonical import Malformed, octets, sized
from contract.codes import Invitation
from contract.head import ID_BYTES
from edge.commands.enrol import ENV_FILE
from edge.keeper.folder import Folder
from edge.keeper.inviting import Invitations
from edge.keeper.keeping import Keeping
from edge.keeper.service import Service
from lot import addresses
from lot.clock import now_us
from lot.errors import DONE, Refused, Unwritable, WrongUsage
from lot.serving import check_free
from lot.settings import Variables, given_values

BIND = "0.0.0.0:8444"  # the server is another box, and each message is signed

_Command = Callable[[Folder, argparse.Namespace], int]


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "keeper",
        help="keep shares of the vault's keys, which a right code gives out",
        description="Without a further word: listen until stopped.",
    )
    parser.add_argument("--bind", default=BIND, metavar="HOST:PORT")
    parser.set_defaults(run=run, work=_serve)
    works = parser.add_subparsers(metavar="WORK")
    pair = works.add_parser("pair", help="print a code for the server that is to be paired")
    pair.add_argument(
        "--address", default="", metavar="HOST:PORT", help="where the server finds this box"
    )
    pair.set_defaults(work=_pair)
    works.add_parser("list", help="whose shares are here").set_defaults(work=_list)
    forget = works.add_parser("forget", help="destroy a person's share: their slot opens no more")
    reopen = works.add_parser(
        "reopen", help="forgive a person's misses, and mend what is damaged of their codes' state"
    )
    for command, work in ((forget, _forget), (reopen, _reopen)):
        command.add_argument("person", metavar="PERSON", help="as `list` prints it")
        command.set_defaults(work=work)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    read = Variables(given_values(env, ENV_FILE), "edge")
    home = Path.home() / ".local" / "share" / "lotkeeper"
    folder = Folder(read.path("LOT_KEEPER_FOLDER", home))
    read.done()
    folder.check()
    work: _Command = asked.work
    return work(folder, asked)


def _serve(folder: Folder, asked: argparse.Namespace) -> int:
    bind = addresses.address(asked.bind)
    check_free(bind)
    folder.make(socket.gethostname())
    service = Service(Keeping(folder), folder.tls)

    def listening(port: int) -> None:
        sys.stderr.write(f"keeper: listening on port {port}\n")
        sys.stderr.flush()

    try:
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(service.run(bind, listening))
    except OSError as error:
        raise Unwritable(
            f"cannot listen at {bind}: {error.strerror or error}",
            then="name another address with --bind",
        ) from error
    return DONE


def _pair(folder: Folder, asked: argparse.Namespace) -> int:
    folder.make(socket.gethostname())
    port = addresses.address(asked.bind).port
    address = addresses.address(asked.address or f"{socket.gethostname()}:{port}")
    with folder.locked():
        secret = Invitations(folder).draw()
    text = codes.invitation_text(Invitation.to(folder.pack(), secret))
    sys.stdout.write(f"{text}@{address}\n")
    sys.stderr.write("keeper: good once and for fifteen minutes, while the keeper runs\n")
    return DONE


def _list(folder: Folder, _: argparse.Namespace) -> int:
    for person in folder.persons():
        sys.stdout.write(f"{person.hex()}\n")
    return DONE


def _forget(folder: Folder, asked: argparse.Namespace) -> int:
    person = _known(folder, asked.person)
    with folder.locked():
        folder.forget_secrets(person)
        folder.log(f"time={now_us()} act=forget person={person.hex()} by=console result=yes")
    sys.stdout.write(f"{person.hex()} is forgotten\n")
    return DONE


def _reopen(folder: Folder, asked: argparse.Namespace) -> int:
    person = _known(folder, asked.person)
    with folder.locked():
        folder.ask_to_reopen(person)
    sys.stdout.write(f"{person.hex()} may try again\n")
    return DONE


def _known(folder: Folder, text: str) -> bytes:
    try:
        person = octets(text, "a person")
        sized("a person", person, ID_BYTES)
    except Malformed as fault:
        raise WrongUsage(str(fault), then="see `python -m edge keeper list`") from None
    if person not in folder.persons():
        raise Refused(f"no share of {text} is here", then="see `python -m edge keeper list`")
    return person
