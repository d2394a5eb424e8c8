"""What an operator does once beside the camera: enrol, look, keep shares. A thin main.

python -m edge enrol
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence

from edge.commands import doctor, enrol, keeper
from lot.mains import Parser, status_of


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("edge", lambda: _done(words, env))


def _done(words: Sequence[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        prog="python -m edge",
        description=__doc__,
        epilog="Exit status: 0 done; 1 the doctor found something; 2 wrong usage or setting;"
        " 3 nothing read; 4 nothing written; 5 damage; 6 refused; 7 the other side"
        " cannot be reached; 70 a bug; 130 stopped by hand.",
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND", parser_class=Parser)
    for command in (enrol, doctor, keeper):
        command.add_to(commands)
    asked = parser.parse_args(words)
    return int(asked.run(asked, env))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
