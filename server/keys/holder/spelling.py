"""Values as the keyholder's socket carries them: dataclasses become JSON, their bytes lie beside.

What is read must be of the very types that its call names: a field too many, another kind of
value or an unknown name is refused, as everywhere in the contract. Bytes stand in the JSON as
their number in the row of bytes after it, so a picture is never spelt in hex.
"""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from contract import canonical
from contract.canonical import Malformed

T = TypeVar("T")

_KIND = "is"  # which of several dataclasses a value is
_AS_THEY_ARE = frozenset({int, str, bool, float, type(None)})


def spelt(value: object, octets: list[bytes]) -> object:
    """Return a value as JSON holds it; its bytes are appended to `octets`."""
    if type(value) in _AS_THEY_ARE:  # most of a page of visits: asked first, and for no base class
        return value
    if isinstance(value, bytes):
        octets.append(value)
        return len(octets) - 1
    if isinstance(value, Enum):
        return value.value
    if is_dataclass(value):
        kind: type = type(value)
        said: dict[str, object] = {_KIND: kind.__name__}
        said.update((name, spelt(getattr(value, name), octets)) for name in _names(kind))
        return said
    if isinstance(value, Mapping):
        return {name: spelt(inner, octets) for name, inner in value.items()}
    if isinstance(value, frozenset):
        return [spelt(inner, octets) for inner in sorted(value)]
    if isinstance(value, tuple | list):
        return [spelt(inner, octets) for inner in value]
    return value


@canonical.reading("a message of the keyholder's socket")
def read(kind: type[T], value: object, octets: Sequence[bytes]) -> T:
    """Return the value of a dataclass `kind` that JSON and bytes spell; Damaged for all else."""
    found = _dataclass(kind, value, octets)
    assert isinstance(found, kind)
    return found


def _read(kind: object, value: object, octets: Sequence[bytes]) -> object:
    if (kind is int or kind is str or kind is bool) and type(value) is kind:
        return value
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _one_of(get_args(kind), value, octets)
    if origin is Literal:
        return _listed(get_args(kind), value)
    if origin in (tuple, frozenset, list):
        return _row(origin, get_args(kind), value, octets)
    if origin is not None and issubclass(origin, Mapping):
        return _named(get_args(kind)[1], value, octets)
    if isinstance(kind, type) and is_dataclass(kind):
        return _dataclass(kind, value, octets)
    return _plain(kind, value, octets)


def _plain(kind: object, value: object, octets: Sequence[bytes]) -> object:
    if kind is bytes:
        at = canonical.whole(value, "a number of bytes")
        if not 0 <= at < len(octets):
            raise Malformed("it names bytes that are not there")
        return octets[at]
    if kind is type(None) and value is None:
        return None
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _listed([one.value for one in kind], value) and kind(value)
    if kind in (int, str, bool) and type(value) is kind:
        return value
    raise Malformed("a value in it is of another kind")


def _one_of(kinds: Sequence[object], value: object, octets: Sequence[bytes]) -> object:
    """Return the value as the one kind it can be: by its name, or else by what it is."""
    if value is None and type(None) in kinds:
        return None
    others = [one for one in kinds if one is not type(None)]
    if len(others) == 1:
        return _read(others[0], value, octets)
    named = value.get(_KIND) if isinstance(value, dict) else None
    for kind in others:
        if isinstance(kind, type) and kind.__name__ == named:
            return _read(kind, value, octets)
        if named is None and isinstance(kind, type) and type(value) is kind:
            return value
    raise Malformed("a value in it is none of those that can stand there")


def _listed(words: Sequence[object], value: object) -> object:
    for one in words:
        if type(one) is type(value) and one == value:
            return one
    raise Malformed("a word in it is unknown")


def _row(
    origin: object, kinds: tuple[object, ...], value: object, octets: Sequence[bytes]
) -> object:
    if not isinstance(value, list):
        raise Malformed("a row in it is no list")
    if origin is tuple and kinds[-1] is not Ellipsis:
        if len(kinds) != len(value):
            raise Malformed("a row in it has another length")
        return tuple(_read(kind, one, octets) for kind, one in zip(kinds, value, strict=True))
    found = [_read(kinds[0], one, octets) for one in value]
    if origin is list:
        return found
    return frozenset(found) if origin is frozenset else tuple(found)


def _named(kind: object, value: object, octets: Sequence[bytes]) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Malformed("an object in it is none")
    return {name: _read(kind, inner, octets) for name, inner in value.items()}


def _dataclass(kind: type, value: object, octets: Sequence[bytes]) -> object:
    hints = _hints(kind)
    if not isinstance(value, dict) or value.get(_KIND) != kind.__name__:
        raise Malformed(f"it holds no {kind.__name__}")
    if value.keys() != {_KIND, *hints}:
        raise Malformed(f"the fields of a {kind.__name__} are not those it has")
    return kind(**{name: _read(hint, value[name], octets) for name, hint in hints.items()})


@cache
def _names(kind: type) -> tuple[str, ...]:
    assert is_dataclass(kind)
    return tuple(one.name for one in fields(kind))


@cache
def _hints(kind: type) -> Mapping[str, object]:
    assert is_dataclass(kind)
    hints = get_type_hints(kind)
    return {one.name: hints[one.name] for one in fields(kind)}
