"""Shapes of what comes in and goes out: one value reads it and describes it as JSON schema.

A complaint names the field and what it must be, never what stood there.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from lot.web.problems import Problem

Schema = dict[str, object]

INTEGER_MAX = 2**53 - 1  # beyond it a number loses digits in JavaScript

_NO_CONTROLS = r"^[^\x00-\x1f\x7f-\x9f\ud800-\udfff]*$"
_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]*$"


def wrong(path: str, must: str) -> Problem:
    """Return the complaint about one field."""
    return Problem("wrong_field", f"{path} must be {must}", field=path)


class Shape(Protocol):
    """What a value must look like."""

    def schema(self) -> Schema:
        """Return the JSON schema."""

    def read(self, value: object, path: str) -> object:
        """Return the value as views want it; Problem where it is another."""

    def typed(self, text: str, path: str) -> object:
        """Return what `read` takes of a text that stood in an address."""


class _Said:
    """A value that stands in an address as it stands in JSON."""

    def typed(self, text: str, path: str) -> object:
        return text


@dataclass(frozen=True, slots=True)
class Text(_Said):
    """Characters, none of them a control."""

    most: int
    least: int = 1
    lines: bool = False

    def schema(self) -> Schema:
        pattern = (_LINES if self.lines else _NO_CONTROLS).replace(r"\ud800-\udfff", "")
        return {
            "type": "string",
            "minLength": self.least,
            "maxLength": self.most,
            "pattern": pattern,
        }

    def read(self, value: object, path: str) -> str:
        pattern = _LINES if self.lines else _NO_CONTROLS
        fits = isinstance(value, str) and self.least <= len(value) <= self.most
        if not isinstance(value, str) or not fits or not re.fullmatch(pattern, value):
            raise wrong(path, f"text of {self.least} to {self.most} characters without controls")
        return value


@dataclass(frozen=True, slots=True)
class Matching(_Said):
    """Text of a pattern of its own, anchored; `must` says it in words."""

    pattern: str
    must: str

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^{self.pattern}$", "description": self.must}

    def read(self, value: object, path: str) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise wrong(path, self.must)
        return value


@dataclass(frozen=True, slots=True)
class Octets(_Said):
    """Bytes in lower hex."""

    size: int

    def schema(self) -> Schema:
        return {"type": "string", "pattern": f"^[0-9a-f]{{{2 * self.size}}}$"}

    def read(self, value: object, path: str) -> bytes:
        if not isinstance(value, str) or not re.fullmatch(f"[0-9a-f]{{{2 * self.size}}}", value):
            raise wrong(path, f"{self.size} bytes in lower hex")
        return bytes.fromhex(value)


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number of a range."""

    low: int = 0
    high: int = INTEGER_MAX
    meaning: str = ""

    def schema(self) -> Schema:
        said = {"description": self.meaning} if self.meaning else {}
        return {"type": "integer", "minimum": self.low, "maximum": self.high, **said}

    def read(self, value: object, path: str) -> int:
        fits = isinstance(value, int) and not isinstance(value, bool)
        if not isinstance(value, int) or not fits or not self.low <= value <= self.high:
            raise wrong(path, f"a whole number from {self.low} to {self.high}")
        return value

    def typed(self, text: str, path: str) -> object:
        if not re.fullmatch("-?[0-9]{1,16}", text):
            raise wrong(path, f"a whole number from {self.low} to {self.high}")
        return int(text)


TIME = Whole(meaning="Microseconds since 1970, UTC.")


@dataclass(frozen=True, slots=True)
class Truth:
    """True or false."""

    def schema(self) -> Schema:
        return {"type": "boolean"}

    def read(self, value: object, path: str) -> bool:
        if not isinstance(value, bool):
            raise wrong(path, "true or false")
        return value

    def typed(self, text: str, path: str) -> object:
        return {"true": True, "false": False}.get(text)


@dataclass(frozen=True, slots=True)
class Word(_Said):
    """One of a few words."""

    words: tuple[str, ...]

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.words)}

    def read(self, value: object, path: str) -> str:
        for word in self.words:
            if value == word:
                return word
        raise wrong(path, f"one of {', '.join(self.words)}")


@dataclass(frozen=True, slots=True)
class Maybe:
    """A shape, or null."""

    of: Shape

    def schema(self) -> Schema:
        return {"anyOf": [self.of.schema(), {"type": "null"}]}

    def read(self, value: object, path: str) -> object:
        return None if value is None else self.of.read(value, path)

    def typed(self, text: str, path: str) -> object:
        return self.of.typed(text, path)


@dataclass(frozen=True, slots=True)
class Many:
    """A list; in an address the name is repeated."""

    of: Shape
    most: int
    least: int = 0

    def schema(self) -> Schema:
        return {
            "type": "array",
            "items": self.of.schema(),
            "minItems": self.least,
            "maxItems": self.most,
        }

    def read(self, value: object, path: str) -> tuple[object, ...]:
        if not isinstance(value, list) or not self.least <= len(value) <= self.most:
            raise wrong(path, f"a list of {self.least} to {self.most}")
        return tuple(self.of.read(one, f"{path}[{at}]") for at, one in enumerate(value))

    def typed(self, text: str, path: str) -> object:
        return self.of.typed(text, path)


@dataclass(frozen=True, slots=True)
class Object:
    """An object with these fields and no others."""

    fields: Mapping[str, Shape]
    optional: frozenset[str] = field(default_factory=frozenset)

    def schema(self) -> Schema:
        return {
            "type": "object",
            "properties": {name: shape.schema() for name, shape in self.fields.items()},
            "required": [name for name in self.fields if name not in self.optional],
            "additionalProperties": False,
        }

    def read(self, value: object, path: str) -> Given:
        if not isinstance(value, dict):
            raise wrong(path or "the body", "an object")
        dotted = f"{path}." if path else ""
        for name in self.fields:
            if name not in value and name not in self.optional:
                raise Problem("wrong_field", f"{dotted}{name} is missing", field=dotted + name)
        if any(name not in self.fields for name in value):
            raise Problem("wrong_field", f"{path or 'the body'} has a field that nobody knows")
        return Given(
            {name: self.fields[name].read(one, dotted + name) for name, one in value.items()}
        )

    def typed(self, text: str, path: str) -> object:
        raise wrong(path, "left out")  # no object stands in an address


@dataclass(frozen=True, slots=True)
class Named:
    """A shape that the document lists once, under a name of its own."""

    name: str
    of: Shape

    def schema(self) -> Schema:
        return {"$ref": f"#/components/schemas/{self.name}"}

    def read(self, value: object, path: str) -> object:
        return self.of.read(value, path)

    def typed(self, text: str, path: str) -> object:
        return self.of.typed(text, path)


@dataclass(frozen=True, slots=True)
class Anything(_Said):
    """An object whose fields its own kind describes elsewhere."""

    meaning: str

    def schema(self) -> Schema:
        return {"type": "object", "description": self.meaning}

    def read(self, value: object, path: str) -> object:
        if not isinstance(value, dict):
            raise wrong(path, "an object")
        return value


class Given:
    """Fields that were read by their shapes, each asked for as what its shape makes."""

    def __init__(self, values: Mapping[str, object]) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def plain(self) -> dict[str, object]:
        """Return the fields as JSON would hold them."""
        return {name: _plain(value) for name, value in self._values.items()}

    def text(self, name: str) -> str:
        value = self._values[name]
        assert isinstance(value, str)
        return value

    def whole(self, name: str) -> int:
        value = self._values[name]
        assert isinstance(value, int)
        return value

    def octets(self, name: str) -> bytes:
        value = self._values[name]
        assert isinstance(value, bytes)
        return value

    def inside(self, name: str) -> Given:
        value = self._values[name]
        assert isinstance(value, Given)
        return value

    def text_or_none(self, name: str) -> str | None:
        value = self._values.get(name)
        assert value is None or isinstance(value, str)
        return value

    def whole_or_none(self, name: str) -> int | None:
        value = self._values.get(name)
        assert value is None or isinstance(value, int)
        return value

    def octets_or_none(self, name: str) -> bytes | None:
        value = self._values.get(name)
        assert value is None or isinstance(value, bytes)
        return value

    def truth_or_none(self, name: str) -> bool | None:
        value = self._values.get(name)
        assert value is None or isinstance(value, bool)
        return value

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(one for one in self._many(name) if isinstance(one, str))

    def several(self, name: str) -> tuple[bytes, ...]:
        return tuple(one for one in self._many(name) if isinstance(one, bytes))

    def objects(self, name: str) -> tuple[Given, ...]:
        return tuple(one for one in self._many(name) if isinstance(one, Given))

    def _many(self, name: str) -> Sequence[object]:
        value = self._values.get(name, ())
        assert isinstance(value, tuple)
        return value


def _plain(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, Given):
        return value.plain()
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    return value


def fields(optional: Sequence[str] = (), **shapes: Shape) -> Object:
    """Return the shape of an object, its fields named as arguments."""
    return Object(shapes, frozenset(optional))


def queried(shapes: Mapping[str, Shape], given: Mapping[str, Sequence[str]]) -> Given:
    """Read the parameters of an address; all of them may be left out."""
    found: dict[str, object] = {}
    for name, texts in given.items():
        shape = shapes.get(name)
        if shape is None:
            raise Problem("wrong_field", "the address has a parameter that nobody knows")
        typed = [shape.typed(text, name) for text in texts]
        if isinstance(shape, Many):
            found[name] = shape.read(typed, name)
        elif len(typed) == 1:
            found[name] = shape.read(typed[0], name)
        else:
            raise wrong(name, "given once")
    return Given(found)
