"""What the live gate must find again after a restart, as JSON.

It goes to disk sealed; what is read back is either exactly what was written, or Damaged. The
shape is that of the values themselves, so a value that changes its fields changes the format:
then VERSION takes the next number.
"""

from __future__ import annotations

import types
from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass
from datetime import datetime, timedelta, timezone
from functools import cache
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

from edge.gate.cars import Car
from edge.gate.sightings import Trace
from edge.gate.values import Blind, Part, PassageKey, Sealed, Settled, Uncounted, Verdict
from edge.values import Passage
from lot.errors import Damaged

VERSION = 2

T = TypeVar("T")
_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
_MICROSECOND = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Kept:
    """A passage whose sighting may still change, or one beside which such a one was placed."""

    passage: Passage
    closed: PassageKey | None  # the first passage of its sighting, whose event is final


@dataclass(frozen=True, slots=True)
class Provisional:
    """The latest revision of an event that is not final, and when it was told."""

    passage: PassageKey
    part: Part
    verdict: Verdict
    at: datetime


@dataclass(frozen=True, slots=True)
class Named:
    """The id that an event has from its first revision on."""

    passage: PassageKey
    part: Part
    id: str


@dataclass(frozen=True, slots=True)
class StrongReading:
    """When each character of a spelling was last read strongly."""

    text: str
    at: tuple[datetime | None, ...]


@dataclass(frozen=True, slots=True)
class GateState:
    """All that a live gate knows."""

    now: datetime
    kept: tuple[Kept, ...]
    cars: tuple[Car, ...]
    strong: tuple[StrongReading, ...]
    traces: tuple[Trace, ...]
    blind: tuple[Blind, ...]
    sealed: tuple[Sealed, ...]
    settled: tuple[Settled, ...]
    told: tuple[Provisional, ...]
    named: tuple[Named, ...]
    uncounted: tuple[tuple[Uncounted, int], ...]
    forgotten: int


def encoded(state: GateState) -> dict[str, object]:
    """Return a state as JSON values."""
    return {"version": VERSION, "state": _plain(state)}


def decoded(raw: object) -> GateState:
    """Return the state that `encoded` gave; Damaged for anything else."""
    if not isinstance(raw, dict) or set(raw) != {"version", "state"}:
        raise _damaged("it is no gate state")
    if raw["version"] != VERSION:
        raise _damaged("its version is unknown")
    try:
        state: GateState = _reader(GateState)(raw["state"])
    except (TypeError, ValueError, KeyError, OverflowError) as error:
        raise _damaged(f"a value in it is not as it was written ({type(error).__name__})") from None
    return state


def _damaged(why: str) -> Damaged:
    return Damaged(
        f"the gate's state cannot be used: {why}",
        then="start without it: who is inside is then learned anew",
    )


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return (value - _EPOCH) // _MICROSECOND
    if is_dataclass(value):
        return [_plain(getattr(value, one.name)) for one in fields(value)]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


Reader = Callable[[Any], Any]


@cache
def _reader(kind: Any) -> Reader:
    """Return what reads a value of a type, and refuses any other value."""
    origin, inside = get_origin(kind), get_args(kind)
    if kind is datetime:
        return _time
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        readers = [_reader(hints[one.name]) for one in fields(kind)]
        make: Callable[..., object] = cast("type[object]", kind)
        return lambda raw: make(*_row(raw, readers))
    if origin is tuple:
        if len(inside) == 2 and inside[1] is Ellipsis:
            one = _reader(inside[0])
            return lambda raw: tuple(one(entry) for entry in _list(raw))
        readers = [_reader(entry) for entry in inside]
        return lambda raw: tuple(_row(raw, readers))
    if origin is Literal:
        return lambda raw: _word(raw, inside)
    if origin in (Union, types.UnionType):
        (some,) = (_reader(entry) for entry in inside if entry is not type(None))
        return lambda raw: None if raw is None else some(raw)
    return lambda raw: _exactly(raw, kind)


def _row(raw: object, readers: list[Reader]) -> list[Any]:
    return [read(entry) for read, entry in zip(readers, _list(raw), strict=True)]


def _list(raw: object) -> list[object]:
    if not isinstance(raw, list):
        raise TypeError
    return raw


def _time(raw: object) -> datetime:
    return _EPOCH + _exactly(raw, int) * _MICROSECOND


def _word(raw: object, words: tuple[object, ...]) -> object:
    for word in words:
        if raw == word and type(raw) is type(word):
            return word
    raise ValueError


def _exactly(raw: object, kind: type[T]) -> T:
    """Return the value if it is of this very type: JSON has true beside 1, and 1 beside 1.0."""
    if type(raw) is not kind:
        raise TypeError
    return raw
