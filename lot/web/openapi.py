"""The OpenAPI 3.1 document, made from the operations; no line of it is kept by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lot.web import problems
from lot.web.operations import JSON, Bytes, Form, Operation, Room
from lot.web.shapes import Many, Maybe, Named, Object, Schema, Shape

A = TypeVar("A")
VERSION = "1.0.0"  # of the interface; it only grows
Security = list[dict[str, list[str]]]


@dataclass(frozen=True, slots=True)
class House(Generic[A]):
    """Whose interface it is: what is said of it, and of each kind of caller."""

    title: str
    about: str
    schemes: Mapping[str, object]
    security: Callable[[A], Security]
    whose: Callable[[A], str]  # in a line
    codes: Callable[[A], set[str]]  # that a caller may be refused by
    headers: Callable[[Operation[A]], Sequence[Schema]]  # that it may bring


def document(rooms: Iterable[Room[A]], house: House[A]) -> Schema:
    """Return the document of all operations."""
    paths: dict[str, dict[str, object]] = {}
    named: dict[str, Schema] = {"Problem": problems.schema()}
    tags = []
    for room in rooms:
        tags.append({"name": room.name, "description": room.about})
        for bound in room.bound:
            operation = bound.operation
            paths.setdefault(operation.route, {})[operation.method.lower()] = _operation(
                operation, room.name, house
            )
            for shape in _shapes(operation):
                named.update(_named(shape))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": house.title,
            "version": VERSION,
            "description": house.about,
            "license": {"name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": dict(sorted(named.items())),
            "securitySchemes": dict(house.schemes),
        },
    }


def codes(operation: Operation[A], house: House[A]) -> list[str]:
    """Return every code that an operation may answer with."""
    found = {*problems.EVERYWHERE, *operation.problems, *house.codes(operation.access)}
    if operation.method != "GET":
        found |= {"length_required", "too_large", "wrong_media", "busy", "storage_full"}
    if operation.path_shapes:
        found.add("not_found")
    if operation.pace is not None:
        found.add("too_fast")
    return sorted(found)


def _operation(operation: Operation[A], tag: str, house: House[A]) -> Schema:
    made: Schema = {
        "operationId": operation.name,
        "tags": [tag],
        "summary": operation.summary,
        "description": house.whose(operation.access),
        "security": house.security(operation.access),
        "parameters": [*_parameters(operation, house)],
        "responses": _responses(operation, house),
    }
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _content(operation.body)}
    return made


def _parameters(operation: Operation[A], house: House[A]) -> Iterator[Schema]:
    for name, shape in operation.path_shapes.items():
        yield {"name": name, "in": "path", "required": True, "schema": shape.schema()}
    for name, shape in operation.query.items():
        yield {"name": name, "in": "query", "required": False, "schema": shape.schema()}
    yield from house.headers(operation)


def _responses(operation: Operation[A], house: House[A]) -> Schema:
    answer: Schema = {"description": operation.summary}
    if operation.answer is not None:
        answer["content"] = _content(operation.answer)
    made: Schema = {str(operation.status): answer}
    by_status: dict[int, list[str]] = {}
    for code in codes(operation, house):
        by_status.setdefault(problems.KINDS[code].status, []).append(code)
    for status, these in sorted(by_status.items()):
        made[str(status)] = {
            "description": "; ".join(f"`{code}`: {problems.KINDS[code].title}" for code in these),
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return made


def _content(body: Shape | Bytes | Form) -> Schema:
    if isinstance(body, Bytes):
        return {kind: {} for kind in (body.media_type, body.or_else) if kind is not None}
    if isinstance(body, Form):
        return {body.media_type: {"schema": _form(body)}}
    return {JSON: {"schema": body.schema()}}


def _form(form: Form) -> Schema:
    return {
        "type": "object",
        "properties": {
            name: {"type": "string", "format": "binary"} if isinstance(of, Bytes) else of.schema()
            for name, of in form.fields.items()
        },
        "required": [name for name in form.fields if name not in form.optional],
    }


def _shapes(operation: Operation[A]) -> Iterator[Shape]:
    yield from operation.query.values()
    for one in (operation.body, operation.answer):
        if one is not None and not isinstance(one, Bytes | Form):
            yield one


def _named(shape: Shape) -> Iterator[tuple[str, Schema]]:
    if isinstance(shape, Named):
        yield shape.name, shape.of.schema()
        yield from _named(shape.of)
    elif isinstance(shape, Many | Maybe):
        yield from _named(shape.of)
    elif isinstance(shape, Object):
        for inner in shape.fields.values():
            yield from _named(inner)
