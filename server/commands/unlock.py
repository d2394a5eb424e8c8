"""`python -m server unlock`: open the vault at the machine itself, also by the recovery sheet."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from pathlib import Path

from lot.errors import DONE
from server.commands import signed, talk
from server.commands.signed import Console
from server.keys.holder import calls


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    parser = commands.add_parser("unlock", help="open the vault with passphrase and code")
    signed.add_flags(parser)
    parser.add_argument(
        "--recovery", action="store_true", help="with the recovery sheet, in place of both"
    )
    parser.add_argument("--recovery-file", type=Path, metavar="FILE", help="the sheet's code")
    parser.add_argument(
        "--keep-session", type=Path, metavar="FILE", help="leave a session here, below /run"
    )
    parser.set_defaults(run=run)


def run(asked: argparse.Namespace, env: Mapping[str, str]) -> int:
    """Open it; sign out again unless the session is to be kept."""
    if asked.keep_session is not None:
        talk.check_off_the_card(asked.keep_session)
    with signed.console(env) as here:
        if asked.recovery or asked.recovery_file is not None:
            admission = _recovered(asked, here)
        else:
            admission = signed.admitted(asked, here)
        if asked.keep_session is not None:
            talk.put_off_the_card(asked.keep_session, admission.token.encode())
        else:
            here.door.sign_out(here.caller(admission.token))
    said = "was open already" if not admission.opened_vault else "is open"
    sys.stdout.write(f"the vault {said}\n")
    return DONE


def _recovered(asked: argparse.Namespace, here: Console) -> calls.Admission:
    """Open the vault by the sheet, and keep the session as signing in does."""
    account = signed.account_named(asked.by, here.parts.database)
    if asked.recovery_file is not None:
        code = talk.secret_in(asked.recovery_file)
    else:
        code = talk.asked_unseen("Recovery code: ")
    admission = here.door.recover(account, code, calls.Console())
    talk.say("Make a new sheet now: python -m server rotate recovery. Destroy this one.")
    return admission
