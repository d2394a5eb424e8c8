"""`python -m server restore DIR`: a backup becomes this machine's server, and is verified."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path

from server.access.roles import Right
from server.backup import putting_back, restoring
from server.backup.putting_back import Found
from server.commands import asked as common
from server.commands import signed, talk, verify
from server.commands.signed import Console
from server.running import own_keyholder, tls_leaf
from server.settings import ServerSettings
from server.store.database import Database
from server.store.migrations.run import migrate
from server.verify.report import Report


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser(
        "restore",
        help="put a backup on this empty machine; ends with unlocking and verify; 5: damage",
    )
    parser.add_argument("folder", type=Path, metavar="DIR", help="where backup wrote to")
    parser.add_argument("--data", metavar="NAME", help="which data part; left out: the newest")
    parser.add_argument("--keys", metavar="NAME", help="which keys part; left out: the newest")
    parser.add_argument("--open", action="store_true", help="at the end open every part too")
    signed.add_sign_in_flags(parser)
    signed.add_recovery_flags(parser)
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Put everything back, open the vault, complete the server, and walk all of it."""
    settings = common.settings(env)
    tls_leaf.check_names(tls_leaf.names_here(settings.names))
    found = putting_back.chosen(asked.folder, asked.data, asked.keys)
    _put(settings, found)
    talk.say("The vault is opened now. If that fails, run the same again: it goes on from here.")
    with own_keyholder.running(settings, env), signed.console(env) as here:
        by = here.caller(signed.came_in(asked, here).token)
        signed.check_right(here, by, Right.ADMINISTER)
        restoring.complete(here.parts, by, found)
        report = verify.opened(here, by) if asked.open else _walked(here)
        without = sorted(one.name for one in here.people.every() if one.password is not None)
        here.door.sign_out(by)
    status = verify.told(report, settings)
    restoring.finish(settings.places)
    for name in without:
        talk.say(f"{name} needs a new password: python -m server user password {name}")
    talk.say("The server is restored. Next: python -m server serve --bind 0.0.0.0:8443")
    return status


def _walked(here: Console) -> Report:
    with here.parts.database.read() as read:
        return verify.walked(here.parts.settings, read)


def _put(settings: ServerSettings, found: Found) -> None:
    with closing(Database.open(settings.database)) as database:
        migrate(database)
        put = restoring.put(settings, found, database)
    if put is None:
        talk.say("An earlier try had put all of it back.")
        return
    sys.stdout.write(
        f"{found.data_place}: {put.rows} rows, {put.pictures} pictures\n"
        f"{found.keys_place}: what opens them\n"
    )
    if put.pictures_missing:
        sys.stdout.write(f"{put.pictures_missing} pictures are not in the backup\n")
