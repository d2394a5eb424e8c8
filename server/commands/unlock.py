"""`python -m server unlock`: open the vault at the machine itself, also by the recovery sheet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from lot.errors import DONE
from server.commands import signed, talk


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("unlock", help="open the vault with passphrase and code")
    signed.add_flags(parser)
    signed.add_recovery_flags(parser)
    parser.add_argument(
        "--keep-session", type=Path, metavar="FILE", help="leave a session here, below /run"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Open it; sign out again unless the session is to be kept."""
    if asked.keep_session is not None:
        talk.check_off_the_card(asked.keep_session)
    with signed.console(env) as here:
        admission = signed.came_in(asked, here)
        if asked.keep_session is not None:
            talk.put_off_the_card(asked.keep_session, admission.token.encode())
        else:
            here.door.sign_out(here.caller(admission.token))
    said = "was open already" if not admission.opened_vault else "is open"
    sys.stdout.write(f"the vault {said}\n")
    return DONE
