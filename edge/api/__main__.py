"""The recognition API on the edge: pictures in, plates out. A thin main.

python -m edge.api --bind 127.0.0.1:8445
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from edge.api.commands import served, tabled
from edge.delivery.env_file import check_private
from lot.mains import Parser, status_of
from lot.settings import given_values

ENV_FILE = Path(".env")


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("edge.api", partial(_done, words, env))


def _done(words: Sequence[str], env: Mapping[str, str]) -> int:
    parser = Parser(
        prog="python -m edge.api",
        description="Answer with the plates of pictures that are sent, until stopped.",
        epilog="Exit status: 0 stopped as told, or all read; 1 some pictures were refused; 2 wrong"
        " usage or setting; 3 nothing read; 4 nothing written; 70 a bug; 130 stopped by hand.",
    )
    parser.add_argument("--bind", metavar="HOST:PORT", help="as 127.0.0.1:8445, else LOT_API_BIND")
    parser.add_argument(
        "--read",
        nargs="+",
        type=Path,
        metavar="PATH",
        help="read pictures and folders of them instead, a line of JSON each as the API answers",
    )
    asked = parser.parse_args(words)
    check_private(ENV_FILE)
    values = given_values(env, ENV_FILE)
    if asked.read:
        return tabled(values, asked.read)
    return served(values, asked.bind)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
