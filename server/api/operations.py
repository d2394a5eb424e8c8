"""What the API can do: each operation is declared once, and everything else is made from that.

Routes, rights, limits, the OpenAPI document and the walk of the roles all read these values.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Literal

from flask import Response

from server.access.roles import Right
from server.api.shapes import Object, Shape

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

PREFIX = "/api/v1"
JSON = "application/json"
OCTETS = "application/octet-stream"
JSON_BYTES_MAX = 64 * 1024  # a form of ours has a hundredth of it


class Door(Enum):
    """Who may call an operation that no right of a person stands for."""

    ANYBODY = "anybody"
    THIS_MACHINE = "this_machine"  # or who may administer: what a monitor here reads
    DEVICE = "device"  # an approved browser, nobody signed in yet
    EDGE = "edge"
    SIGNED_IN = "signed_in"  # whoever it is


Access = Door | Right


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body that is no JSON."""

    media_type: str
    most: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """How often one person or address may call."""

    most: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Operation:
    """One thing that can be asked, its path as OpenAPI spells it."""

    name: str
    method: Method
    path: str
    access: Access
    summary: str
    answer: Shape | Bytes | None = None
    path_shapes: Mapping[str, Shape] = field(default_factory=dict)
    query: Mapping[str, Shape] = field(default_factory=dict)
    body: Object | Bytes | None = None
    problems: tuple[str, ...] = ()
    status: int = 200
    pace: Pace | None = None

    def __post_init__(self) -> None:
        names = set(re.findall(r"\{(\w+)\}", self.path))
        assert names == set(self.path_shapes), f"{self.name}: its path's parameters"

    @property
    def route(self) -> str:
        """Return the whole path, as logs and the document name it."""
        return PREFIX + self.path

    @property
    def rule(self) -> str:
        """Return the path as Flask spells it."""
        return re.sub(r"\{(\w+)\}", r"<\1>", self.route)

    @property
    def bytes_max(self) -> int:
        """Return how long a body may be."""
        if isinstance(self.body, Bytes):
            return self.body.most
        return JSON_BYTES_MAX if self.body is not None else 0


View = Callable[..., "Mapping[str, object] | Response | None"]


@dataclass(frozen=True, slots=True)
class Bound:
    """An operation with the view that answers it."""

    operation: Operation
    view: View


class Room:
    """The operations of one resource."""

    def __init__(self, name: str, about: str) -> None:
        self.name = name
        self.about = about
        self.bound: list[Bound] = []

    def answers(self, operation: Operation) -> Callable[[View], View]:
        """Bind the view below to an operation."""

        def keep(view: View) -> View:
            self.bound.append(Bound(operation, view))
            return view

        return keep
