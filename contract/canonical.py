"""JSON that has one spelling only, so that two sides may sign, hash and compare its bytes.

An object with sorted keys, no spaces, UTF-8 unescaped, integers below 2^53 either way and no
other numbers: what any language's JSON reads without loss. Bytes stand in lower hex. Everything
that the contract puts into JSON goes through here, and what comes in is spelled again and
compared.

A fault names the field and never its content, since that may be a plate.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping, Sequence, Sized
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

from lot.errors import Damaged

VERSION = 1  # of every object here that has a `v`
INTEGER_MAX = 2**53 - 1  # beyond it a number loses digits in JavaScript and in JSON of many tools
CONTROLS = r"\x00-\x1f\x7f-\x9f\ud800-\udfff"  # for a pattern; and halves of a character

P = ParamSpec("P")
T = TypeVar("T")
W = TypeVar("W", bound=str)


class Malformed(ValueError):
    """Something breaks the contract; each decoder says it as `Damaged`, with its own name."""


class _Reading:
    """Written out, since a record is read through several: a generator's costs thrice as much."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        pass

    def __exit__(self, _: object, fault: BaseException | None, __: object) -> None:
        if isinstance(fault, Malformed):
            raise self._said(fault) from None

    def __call__(self, read: Callable[P, T]) -> Callable[P, T]:
        @wraps(read)
        def said(*given: P.args, **named: P.kwargs) -> T:
            try:
                return read(*given, **named)
            except Malformed as fault:
                raise self._said(fault) from None

        return said

    def _said(self, fault: Malformed) -> Damaged:
        return Damaged(
            f"not {self._what}: {fault}", then="it was altered, or comes from another version"
        )


def reading(what: str) -> _Reading:
    """Say whatever breaks the contract while `what` is read as Damaged; also a decorator."""
    return _Reading(what)


def encoded(value: Mapping[str, object]) -> bytes:
    """Return the one spelling of an object; Malformed for what JSON here cannot hold."""
    _check(value)
    return _spelled(value)


def _spelled(value: Mapping[str, object]) -> bytes:
    try:
        return _ENCODER.encode(value).encode()
    except UnicodeEncodeError:
        raise Malformed("it holds half of a character") from None


def decoded(data: bytes, *, bytes_max: int) -> dict[str, object]:
    """Return the object that `data` spells; Malformed if it has another spelling or kind."""
    if len(data) > bytes_max:
        raise Malformed(f"it has more than {bytes_max} bytes")
    try:
        value: object = _DECODER.decode(data.decode())
        whole_object = value if isinstance(value, dict) else {}
        spelled_again = _spelled(whole_object)  # JSON holds nothing else, and no larger number
    except UnicodeError:
        raise Malformed("it is not UTF-8") from None
    except json.JSONDecodeError:
        raise Malformed("it is not JSON") from None
    except RecursionError:
        raise Malformed("it is nested too deeply") from None
    if spelled_again != data:
        raise Malformed("it is not an object in its one spelling")
    return whole_object


class Fields:
    """The fields of a decoded object, each asked for with what it must be."""

    def __init__(self, value: object, names: Collection[str], *, within: str = "") -> None:
        self._within = within
        if not isinstance(value, dict):
            raise Malformed(f"{within or 'it'} is no object")
        if not all(map(value.__contains__, names)):
            missing = min(set(names) - set(value))
            raise Malformed(f"{self._path(missing)} is missing")
        if len(value) != len(names):
            raise Malformed(f"{within or 'it'} has a field too many")
        self._values: dict[str, object] = value

    def of(self, name: str, read: Callable[[object, str], T]) -> T:
        """Return what `read` makes of a field's value and its path."""
        return read(self._values[name], self._path(name))

    def version(self) -> None:
        """Refuse another version than ours."""
        if self.whole("v") != VERSION:
            raise Malformed(f"{self._path('v')} is unknown: it comes from another version")

    def whole(self, name: str) -> int:
        value = self._values[name]
        return value if type(value) is int else self.of(name, whole)

    def octets(self, name: str) -> bytes:
        """Return the bytes that stand in lower hex; how many there may be is not looked at."""
        return self.of(name, octets)

    def text(self, name: str) -> str:
        return self.of(name, text)

    def word(self, name: str, words: Collection[W]) -> W:
        """Return the one of `words` that the field holds."""
        value = self._values[name]
        for one in words:
            if value == one:
                return one
        raise Malformed(f"{self._path(name)} is none of {', '.join(words)}")

    def truth(self, name: str) -> bool:
        value = self._values[name]
        if not isinstance(value, bool):
            raise Malformed(f"{self._path(name)} is neither true nor false")
        return value

    def entries(self, name: str, read: Callable[[object, str], T]) -> tuple[T, ...]:
        """Return a list's entries, each as `read` makes it of the value and its path."""
        value, path = self._values[name], self._path(name)
        if not isinstance(value, list):
            raise Malformed(f"{path} is no list")
        return tuple(read(one, f"{path}[{number}]") for number, one in enumerate(value))

    def texts(self, name: str) -> dict[str, str]:
        """Return an object that has names of its own and texts only."""
        value, path = self._values[name], self._path(name)
        if not isinstance(value, dict):
            raise Malformed(f"{path} is no object")
        return {key: text(one, f"a field of {path}") for key, one in value.items()}

    def either(self, name: str, read: Callable[[str], T]) -> T | None:
        """Return what `read` makes of a field, or None where it is null."""
        return None if self._values[name] is None else read(name)

    def inside(self, name: str, names: Collection[str]) -> "Fields":
        return Fields(self._values[name], names, within=self._path(name))

    def _path(self, name: str) -> str:
        return f"{self._within}.{name}" if self._within else name


def whole(value: object, path: str) -> int:
    """Return a value that is an integer; true is no 1."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise Malformed(f"{path} is no whole number")
    return value


def text(value: object, path: str) -> str:
    """Return a value that is text."""
    if not isinstance(value, str):
        raise Malformed(f"{path} is no text")
    return value


def octets(value: object, path: str) -> bytes:
    """Return the bytes that a value holds in lower hex."""
    try:
        found = bytes.fromhex(value) if isinstance(value, str) else None
    except ValueError:
        found = None
    if found is None or found.hex() != value:  # it would take capitals and spaces too
        raise Malformed(f"{path} is no bytes in lower hex")
    return found


def pair(value: object, path: str) -> tuple[object, object]:
    """Return the two entries of a list of two."""
    if not isinstance(value, list) or len(value) != 2:
        raise Malformed(f"{path} is no list of two")
    return value[0], value[1]


def matching(name: str, value: str | None, pattern: re.Pattern[str]) -> None:
    """Refuse a text that does not match as a whole; None is for fields that may be null."""
    if value is not None and not pattern.fullmatch(value):
        raise Malformed(f"{name} is not as it must be")


def within(name: str, value: int | None, low: int, high: int = INTEGER_MAX) -> None:
    """Refuse a number out of range, and true for 1; None is for fields that may be null."""
    if value is not None and not low <= whole(value, name) <= high:
        raise Malformed(f"{name} is not from {low} to {high}")


def sized(name: str, value: bytes | None, size: int) -> None:
    """Refuse bytes that are not `size` many; None is for fields that may be null."""
    if value is not None and len(value) != size:
        raise Malformed(f"{name} has not {size} bytes")


def at_most(name: str, entries: Sized, most: int) -> None:
    """Refuse a list or object with more than `most` entries."""
    if len(entries) > most:
        raise Malformed(f"{name} has more than {most} entries")


def _check(value: object) -> None:
    # In the order of how often they come: every record that is taken passes here.
    if isinstance(value, _PLAIN):
        return
    if isinstance(value, int):
        _in_range(value)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if not isinstance(key, str):
                raise Malformed("a name in it is no text")
            if type(inner) not in _PLAIN:
                _check(inner)
    elif isinstance(value, Sequence):
        for inner in value:
            _check(inner)
    else:
        raise Malformed("it holds neither text, bytes, whole numbers nor lists of them")


def _integer(digits: str) -> int:
    if len(digits) > 17:  # as many as the longest in range, with its sign
        raise Malformed("a number in it is out of range")
    return _in_range(int(digits))


def _in_range(number: int) -> int:
    if abs(number) > INTEGER_MAX:
        raise Malformed("a number in it is out of range")
    return number


def _no_float(_: str) -> NoReturn:
    raise Malformed("a number in it is not whole")


_PLAIN = (str, bytes, type(None))
_ENCODER = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=bytes.hex
)
_DECODER = json.JSONDecoder(parse_int=_integer, parse_float=_no_float, parse_constant=_no_float)
