"""How a main ends: errors of ours are a line and a status, a bug is told whole."""

from __future__ import annotations

import argparse
import sys
import traceback
from collections.abc import Callable
from typing import NoReturn

from lot.errors import BUG, STOPPED_BY_HAND, LotError, WrongUsage


class Parser(argparse.ArgumentParser):
    """Complains in one line, in the words of the house, instead of repeating the usage."""

    def error(self, message: str) -> NoReturn:
        raise WrongUsage(message, then=f"see {self.prog} --help")


def status_of(name: str, work: Callable[[], int]) -> int:
    """Do the work of the main called `name`; return its exit status, whatever becomes of it."""
    try:
        return work()
    except LotError as error:
        complain(name, error)
        return error.exit_status
    except KeyboardInterrupt:
        return STOPPED_BY_HAND
    except Exception:  # the outermost place: a bug is told whole, and has a status of its own
        traceback.print_exc()
        return BUG


def complain(name: str, error: LotError) -> None:
    """Say on standard error what is wrong, a line each."""
    for line in str(error).splitlines():
        sys.stderr.write(f"{name}: {line}\n")
