"""What the API can do: each operation is declared once, and everything else is made from that.

Routes, rights, limits, the OpenAPI document and the walk of the roles all read these values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Generic, Literal, TypeVar

from flask import Response

from lot.web.shapes import Object, Shape

A = TypeVar("A")  # who may call: each part has words of its own

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

PREFIX = "/api/v1"
JSON = "application/json"
OCTETS = "application/octet-stream"
JSON_BYTES_MAX = 64 * 1024  # a form of ours has a hundredth of it


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body that is no JSON."""

    media_type: str
    most: int = 0
    or_else: str | None = None  # another kind that an answer may be of


@dataclass(frozen=True, slots=True)
class Form:
    """A body as a browser's form sends it: files and texts, each a part."""

    fields: Mapping[str, Shape | Bytes]
    optional: frozenset[str] = field(default_factory=frozenset)
    most: int = 0
    media_type: str = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one person or address may call."""

    most: int
    seconds: int


@dataclass(frozen=True)  # no slots: on 3.10 a generic made by its alias would fail
class Operation(Generic[A]):
    """One thing that can be asked, its path as OpenAPI spells it."""

    name: str
    method: Method
    path: str
    access: A
    summary: str
    answer: Shape | Bytes | None = None
    path_shapes: Mapping[str, Shape] = field(default_factory=dict)
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Object | Bytes | Form | None = None
    problems: tuple[str, ...] = ()
    status: int = 200
    pace: Pace | None = None
    prefix: str = PREFIX
    is_presence: bool = True  # False: pages and monitors ask it by themselves

    def __post_init__(self) -> None:
        names = set(re.findall(r"\{(\w+)\}", self.path))
        assert names == set(self.path_shapes), f"{self.name}: its path's parameters"

    @property
    def route(self) -> str:
        """Return the whole path, as logs and the document name it."""
        return self.prefix + self.path

    @property
    def rule(self) -> str:
        """Return the path as Flask spells it."""
        return re.sub(r"\{(\w+)\}", r"<\1>", self.route)

    @property
    def bytes_max(self) -> int:
        """Return how long a body may be."""
        if isinstance(self.body, Bytes | Form):
            return self.body.most
        return JSON_BYTES_MAX if self.body is not None else 0


View = Callable[..., "Mapping[str, object] | Response | None"]


@dataclass(frozen=True)  # no slots: on 3.10 a generic made by its alias would fail
class Bound(Generic[A]):
    """An operation with the view that answers it."""

    operation: Operation[A]
    view: View


class Room(Generic[A]):
    """The operations of one resource."""

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self.bound: list[Bound[A]] = []

    def answers(self, operation: Operation[A]) -> Callable[[View], View]:
        """Bind the view below to an operation."""

        def keep(view: View) -> View:
            self.bound.append(Bound(operation, view))
            return view

        return keep
