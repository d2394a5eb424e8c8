"""The vault: what serves it, and what its owner does at the console. A thin main.

python -m server serve --bind 0.0.0.0:8443
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from importlib import import_module

from lot.mains import Parser, status_of

_COMMANDS = (
    *("init", "unlock", "lock", "lot", "user", "passphrase", "device", "edge", "keeper", "token"),
    *("rotate", "serve", "keyholder"),
    *("export", "erase", "hold", "migrate", "retention", "backup", "restore", "verify", "doctor"),
)


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("server", lambda: _done(words, env))


def _done(words: Sequence[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        prog="python -m server",
        description=__doc__,
        epilog="Exit status: 0 done; 1 done, but some was refused; 2 wrong usage or setting; "
        "3 nothing read; 4 nothing written; 5 damage; 6 locked or refused; "
        "7 the other side cannot be reached; 70 a bug; 130 stopped by hand.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    # The named one alone: the keyholder's process shall hold nothing of the web process's.
    for name in words[:1] if words[:1] and words[0] in _COMMANDS else _COMMANDS:
        import_module(f"server.commands.{name}").add_to(commands)
    asked = parser.parse_args(words)
    return int(asked.run(asked, env))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
