"""How a main ends: errors of ours are a line and a status, a bug is told whole."""

from __future__ import annotations

import argparse
import os
import select
import sys
import traceback
from collections.abc import Callable, Iterable
from typing import NoReturn, TypeVar, overload

from lot.errors import BUG, NOBODY_READS, STOPPED_BY_HAND, LotError, WrongUsage

_N = TypeVar("_N")


class Parser(argparse.ArgumentParser):
    """Complains in one line, in the words of the house, instead of repeating the usage."""

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message, then=f"see {self.prog} --help")

    @overload
    def parse_known_args(
        self, args: Iterable[str] | None = None, namespace: None = None
    ) -> tuple[argparse.Namespace, list[str]]: ...

    @overload
    def parse_known_args(
        self, args: Iterable[str] | None, namespace: _N
    ) -> tuple[_N, list[str]]: ...

    @overload
    def parse_known_args(self, *, namespace: _N) -> tuple[_N, list[str]]: ...

    def parse_known_args(
        self, args: Iterable[str] | None = None, namespace: object = None
    ) -> tuple[object, list[str]]:
        """Let the command that does not know a word complain, and name its own help."""
        found, rest = super().parse_known_args(args, namespace)
        if rest:
            self.error(f"unrecognized arguments: {' '.join(rest)}")
        return found, rest


def status_of(name: str, work: Callable[[], int]) -> int:
    """Do the work of the main called `name`; return its exit status, whatever becomes of it."""
    try:
        return _told(work())
    except LotError as error:
        complain(name, error)
        return error.exit_status
    except KeyboardInterrupt:
        return STOPPED_BY_HAND
    except BrokenPipeError:
        if _is_still_read():
            traceback.print_exc()
            return BUG
        return NOBODY_READS
    except Exception:  # the outermost place: a bug is told whole, and has a status of its own
        traceback.print_exc()
        return BUG


def _told(status: int) -> int:
    sys.stdout.flush()
    return status


def _is_still_read() -> bool:
    """Say whether somebody takes what we print; where nobody does, what is left goes nowhere."""
    out = sys.stdout.fileno()
    poll = select.poll()
    poll.register(out, 0)  # a pipe without a reader says so unasked
    if not any(state & select.POLLERR for _, state in poll.poll(0)):
        return True
    os.dup2(os.open(os.devnull, os.O_WRONLY), out)
    return False


def complain(name: str, error: LotError) -> None:
    """Say on standard error what is wrong, a line each."""
    for line in str(error).splitlines():
        sys.stderr.write(f"{name}: {line}\n")
