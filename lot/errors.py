"""What can go wrong that a person can act on, each class with its exit status.

Anything else that is raised is a bug: it keeps its traceback and ends the process.
A class stands here when somebody catches it or when it has a status of its own.
"""

from collections.abc import Sequence
from typing import ClassVar

DONE = 0
SOME_REFUSED = 1
WRONG_USAGE = 2
NOTHING_READ = 3
NOTHING_WRITTEN = 4
DAMAGED = 5
LOCKED = 6
UNREACHABLE = 7
BUG = 70
STOPPED_BY_HAND = 130
NOBODY_READS = 141  # what we print goes to a pipe that was closed, as by `| head`


class LotError(Exception):
    """What happened, where, and what to do next, in one line."""

    exit_status: ClassVar[int] = WRONG_USAGE

    def __init__(self, what: str, *, then: str) -> None:
        super().__init__(f"{what}; {then}")
        self.what = what
        self.then = then

    def __reduce__(self) -> tuple[object, ...]:
        """Come back whole from another process, which pickles would otherwise prevent."""
        return _again, (type(self), self.what, self.then)


def _again(kind: type[LotError], what: str, then: str) -> LotError:
    return kind(what, then=then)


class WrongSettings(LotError):
    """Every wrong word or setting of one start, a line each."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        Exception.__init__(self, "\n".join(self.problems))

    def __reduce__(self) -> tuple[object, ...]:
        return type(self), (self.problems,)


class WrongUsage(LotError):
    """A wrong argument, or an engine, region or file format that nobody knows."""


class Unreadable(LotError):
    """An input that cannot be read: missing, empty, damaged, of another kind."""

    exit_status = NOTHING_READ


class Unwritable(LotError):
    """A result that cannot be kept: no permission, no space."""

    exit_status = NOTHING_WRITTEN


class NoSpace(Unwritable):
    """The disk is full: the same goes through once there is space."""


class Damaged(LotError):
    """Bytes that are not what was written: cut, altered, of an unknown version."""

    exit_status = DAMAGED


class Refused(LotError):
    """Locked, or not allowed."""

    exit_status = LOCKED


class WrongCode(Refused):
    """The other side does not know the code, or is not the one the code was printed for."""


class RolledBack(Damaged):
    """Rightly signed, and older than what was known: somebody put it back."""


class Unreachable(LotError):
    """The other side does not answer."""

    exit_status = UNREACHABLE
