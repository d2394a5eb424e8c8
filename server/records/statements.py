"""What people say beside the events: corrections, joins, notes. Nothing said is rewritten.

A statement is the part `note` of a record that the server's own writer signs. Which events it
speaks of lies sealed with it, since a table that joined two events would tell who parked when.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Literal, get_args

from contract import canonical
from contract.canonical import CONTROLS, Fields, Malformed, matching, sized, within
from contract.head import ID_BYTES
from contract.ids import EVENT_ID

BYTES_MAX = 16 * 1024  # the longest text, in four-byte characters, has little more than half of it

SaidKind = Literal["entry", "exit", "seen"]
SaidSide = Literal["in", "out"]

_KINDS: tuple[SaidKind, ...] = get_args(SaidKind)
_SIDES: tuple[SaidSide, ...] = get_args(SaidSide)

_PLATE = re.compile(rf"[^\s{CONTROLS}]{{1,16}}")
_REGION = re.compile(r"[a-z0-9-]{1,16}")
_LINE = re.compile(rf"[^{CONTROLS}]{{1,200}}")
_TEXT = re.compile(rf"(?:[^{CONTROLS}]|\n){{1,2000}}")


@dataclass(frozen=True, slots=True)
class PlateCorrected:
    """What the vehicle of an event bore, None where nobody can tell."""

    event: str
    plate: str | None
    region: str | None = None

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)
        matching("plate", self.plate, _PLATE)
        matching("region", self.region, _REGION)
        if self.plate is None and self.region is not None:
            raise Malformed("a region is that of a plate")


@dataclass(frozen=True, slots=True)
class KindCorrected:
    """What the vehicle of an event did."""

    event: str
    kind: SaidKind

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)


@dataclass(frozen=True, slots=True)
class Voided:
    """No vehicle passed there: the event counts for nothing."""

    event: str

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)


@dataclass(frozen=True, slots=True)
class Joined:
    """An entry and an exit are of one visit."""

    entry: str
    exit: str

    def __post_init__(self) -> None:
        _check_pair(self.entry, self.exit)


@dataclass(frozen=True, slots=True)
class Split:
    """An entry and an exit are not of one visit."""

    entry: str
    exit: str

    def __post_init__(self) -> None:
        _check_pair(self.entry, self.exit)


@dataclass(frozen=True, slots=True)
class Settled:
    """Where the vehicle of an event was from `at` of the statement on."""

    event: str
    side: SaidSide

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)


@dataclass(frozen=True, slots=True)
class CheckedOut:
    """The visit that an event began or belongs to was ended at the desk."""

    event: str
    left_at: int  # µs UTC

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)
        within("left_at", self.left_at, 0)


@dataclass(frozen=True, slots=True)
class Noted:
    """A person's words about an event."""

    event: str
    text: str

    def __post_init__(self) -> None:
        matching("event", self.event, EVENT_ID)
        matching("text", self.text, _TEXT)


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An earlier statement counts no more; it stays where it is."""

    statement: str

    def __post_init__(self) -> None:
        matching("statement", self.statement, EVENT_ID)


Saying = (
    PlateCorrected
    | KindCorrected
    | Voided
    | Joined
    | Split
    | Settled
    | CheckedOut
    | Noted
    | Withdrawn
)


@dataclass(frozen=True, slots=True)
class Statement:
    """One saying, by whom and when. Of two that contradict, the later counts, then the higher id.

    Its id is that of its record, and `at` too.
    """

    id: str
    at: int  # µs UTC
    by: bytes  # the account
    reason: str | None
    says: Saying

    def __post_init__(self) -> None:
        matching("id", self.id, EVENT_ID)
        within("at", self.at, 0)
        sized("by", self.by, ID_BYTES)
        matching("reason", self.reason, _LINE)
        if isinstance(self.says, Withdrawn) and self.says.statement == self.id:
            raise Malformed("a statement withdraws itself")


def word(says: Saying) -> str:
    """Return what kind of saying it is."""
    return _WORDS[type(says)]


def events_of(says: Saying) -> frozenset[str]:
    """Return the events that a saying names; a withdrawal names none."""
    if isinstance(says, Joined | Split):
        return frozenset((says.entry, says.exit))
    return frozenset() if isinstance(says, Withdrawn) else frozenset((says.event,))


def encoded(statement: Statement) -> bytes:
    """Return the canonical bytes: the part `note` of a record."""
    return canonical.encoded(
        {
            "v": canonical.VERSION,
            "id": statement.id,
            "at": statement.at,
            "by": statement.by,
            "reason": statement.reason,
            "says": {"what": word(statement.says), **asdict(statement.says)},
        }
    )


@canonical.reading("a statement")
def decoded(data: bytes) -> Statement:
    """Return the statement that canonical bytes spell; Damaged for all other bytes."""
    value = canonical.decoded(data, bytes_max=BYTES_MAX)
    read = Fields(value, ("v", "id", "at", "by", "reason", "says"))
    read.version()
    return Statement(
        id=read.text("id"),
        at=read.whole("at"),
        by=read.octets("by"),
        reason=read.either("reason", read.text),
        says=read.of("says", _saying),
    )


def _saying(value: object, path: str) -> Saying:
    word = value.get("what") if isinstance(value, dict) else None
    kind = _KINDS_OF_SAYING.get(word) if isinstance(word, str) else None
    if kind is None:
        raise Malformed(f"{path} says nothing that is known")
    names = {"what", *(one.name for one in fields(kind))}
    return _READ[kind](Fields(value, names, within=path))


def _check_pair(entry: str, exit_: str) -> None:
    matching("entry", entry, EVENT_ID)
    matching("exit", exit_, EVENT_ID)
    if entry == exit_:
        raise Malformed("an event is not its own partner")


_WORDS: Mapping[type[Saying], str] = {
    PlateCorrected: "plate",
    KindCorrected: "kind",
    Voided: "void",
    Joined: "join",
    Split: "split",
    Settled: "settle",
    CheckedOut: "checked_out",
    Noted: "note",
    Withdrawn: "withdraw",
}
_KINDS_OF_SAYING = {word: kind for kind, word in _WORDS.items()}
_READ: Mapping[type[Saying], Callable[[Fields], Saying]] = {
    PlateCorrected: lambda read: PlateCorrected(
        read.text("event"), read.either("plate", read.text), read.either("region", read.text)
    ),
    KindCorrected: lambda read: KindCorrected(read.text("event"), read.word("kind", _KINDS)),
    Voided: lambda read: Voided(read.text("event")),
    Joined: lambda read: Joined(read.text("entry"), read.text("exit")),
    Split: lambda read: Split(read.text("entry"), read.text("exit")),
    Settled: lambda read: Settled(read.text("event"), read.word("side", _SIDES)),
    CheckedOut: lambda read: CheckedOut(read.text("event"), read.whole("left_at")),
    Noted: lambda read: Noted(read.text("event"), read.text("text")),
    Withdrawn: lambda read: Withdrawn(read.text("statement")),
}
