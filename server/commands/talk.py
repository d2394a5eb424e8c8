"""How a command talks with whoever sits at the machine, and where secrets may come from and go.

A secret is never a flag's value, which every user of the machine can read: it is typed unseen, or
comes from a file of our own user's, or by a descriptor as /dev/fd/3. What goes out and must not
touch the card goes below /run or into a pipe.
"""

from __future__ import annotations

import getpass
import stat
import sys
from collections.abc import Callable
from pathlib import Path

from lot.errors import LotError, Unreadable, Unwritable, WrongUsage
from lot.files import write_private

_SECRET_CHARACTERS_MAX = 4096
_IN_MEMORY = Path("/run")


class NothingTyped(WrongUsage):
    """The end of what can be typed: asking again would ask for ever."""


def say(text: str) -> None:
    """Say it to the person; what a program reads goes to standard output instead."""
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


def asked(what: str) -> str:
    """Return what is typed, and shown while it is."""
    sys.stderr.write(what)
    sys.stderr.flush()
    return _line(sys.stdin.readline(), what)


def asked_unseen(what: str) -> str:
    """Return what is typed, and not shown; from a pipe it is a line."""
    if sys.stdin.isatty():
        return getpass.getpass(what, stream=sys.stderr)
    return asked(what)


def asked_until_right(what: str, read: Callable[[str], str]) -> str:
    """Ask until `read` takes what was typed; return what it made of it."""
    while True:
        typed = asked(what)
        try:
            return read(typed)
        except LotError as error:
            say(str(error))


def secret_in(path: Path) -> str:
    """Return the secret that a file holds, without its last end of line."""
    try:
        with path.open(encoding="utf-8") as file:
            mode = path.stat().st_mode
            text = file.read(_SECRET_CHARACTERS_MAX + 1)
    except (OSError, UnicodeDecodeError) as error:
        raise Unreadable(
            f"cannot read the secret in {path}", then="name a file of text, or /dev/fd/N"
        ) from error
    if stat.S_ISREG(mode) and mode & 0o077:
        raise Unreadable(f"{path} can be read by others", then=f"chmod 600 {path}")
    if not text.strip() or len(text) > _SECRET_CHARACTERS_MAX:
        raise Unreadable(f"{path} holds no secret of a possible length", then="write it anew")
    return text.rstrip("\r\n")


def check_off_the_card(path: Path) -> None:
    """Raise WrongUsage for a place where a secret would stay on the card."""
    try:
        mode = path.stat().st_mode
    except OSError:
        mode = 0
    if not (stat.S_ISFIFO(mode) or _IN_MEMORY in path.resolve().parents):
        raise WrongUsage(
            f"{path} would keep a secret on the card",
            then="name a file below /run, or a pipe as /dev/fd/3",
        )


def put_off_the_card(path: Path, data: bytes) -> None:
    """Write a secret where `check_off_the_card` lets it go."""
    check_off_the_card(path)
    if path.exists() and stat.S_ISFIFO(path.stat().st_mode):
        try:
            with path.open("wb") as pipe:
                pipe.write(data)
        except OSError as error:
            raise Unwritable(f"nobody reads {path}", then="read the pipe") from error
    else:
        write_private(path, data)


def _line(text: str, what: str) -> str:
    if not text:
        raise NothingTyped(
            f"nothing was typed at {what.strip()!r}", then="type it, or see --help for the flags"
        )
    return text.rstrip("\r\n")
