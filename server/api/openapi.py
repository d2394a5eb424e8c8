"""The OpenAPI 3.1 document, made from the operations; no line of it is kept by hand."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.access.roles import TABLE, Right
from server.api import problems
from server.api.operations import JSON, Bytes, Door, Operation, Room
from server.api.shapes import Many, Maybe, Named, Object, Schema, Shape

VERSION = "1.0.0"  # of the interface; it only grows

_SECURITY: dict[Door, list[dict[str, list[str]]]] = {
    Door.ANYBODY: [],
    Door.THIS_MACHINE: [],
    Door.DEVICE: [{"device": []}],
    Door.EDGE: [{"edge": []}],
    Door.SIGNED_IN: [{"session": []}],
}
_SCHEMES = {
    "session": {
        "type": "http",
        "scheme": "bearer",
        "description": "What a sign-in or an unlock answered.",
    },
    "edge": {
        "type": "http",
        "scheme": "bearer",
        "description": "An edge's token; also as `Token X`, or Basic with X as the password.",
    },
    "device": {
        "type": "apiKey",
        "in": "header",
        "name": "Lot-Device",
        "description": "An approved browser's id and key, a dot between.",
    },
}


def document(rooms: Iterable[Room]) -> Schema:
    """Return the document of all operations."""
    paths: dict[str, dict[str, object]] = {}
    named: dict[str, Schema] = {"Problem": problems.schema()}
    tags = []
    for room in rooms:
        tags.append({"name": room.name, "description": room.about})
        for bound in room.bound:
            operation = bound.operation
            paths.setdefault(operation.route, {})[operation.method.lower()] = _operation(
                operation, room.name
            )
            for shape in _shapes(operation):
                named.update(_named(shape))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Lotkeeper",
            "version": VERSION,
            "description": "The server that stores what it cannot read until an owner unlocks it. "
            "Times are microseconds since 1970, UTC; ids and hashes are lower hex.",
            "license": {"name": "AGPL-3.0-only", "identifier": "AGPL-3.0-only"},
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {"schemas": dict(sorted(named.items())), "securitySchemes": _SCHEMES},
    }


def codes(operation: Operation) -> list[str]:
    """Return every code that an operation may answer with."""
    found = {*problems.EVERYWHERE, *operation.problems}
    if operation.access is not Door.ANYBODY:
        found |= {"unauthenticated", "session_ended", "keyholder_away", "too_fast"}
    if isinstance(operation.access, Right) or operation.access is Door.THIS_MACHINE:
        found.add("forbidden")
    if operation.access is Door.DEVICE:
        found.add("device_unknown")
    if operation.access is Door.EDGE:
        found.add("edge_revoked")
    if operation.method != "GET":
        found |= {"length_required", "too_large", "wrong_media", "busy", "storage_full"}
    if operation.path_shapes:
        found.add("not_found")
    if operation.pace is not None:
        found.add("too_fast")
    return sorted(found)


def _operation(operation: Operation, tag: str) -> Schema:
    made: Schema = {
        "operationId": operation.name,
        "tags": [tag],
        "summary": operation.summary,
        "description": whose(operation),
        "security": _security(operation),
        "parameters": [*_parameters(operation)],
        "responses": _responses(operation),
    }
    if operation.body is not None:
        made["requestBody"] = {"required": True, "content": _content(operation.body)}
    return made


def whose(operation: Operation) -> str:
    """Say in a line who may call it."""
    access = operation.access
    if isinstance(access, Door):
        return f"For: {access.value.replace('_', ' ')}."
    roles = TABLE[access]
    said = ", ".join(
        f"{role.value} ({limit.value.replace('_', ' ')})" for role, limit in roles.items()
    )
    return f"Right `{access.value}`: {said}."


def _security(operation: Operation) -> list[dict[str, list[str]]]:
    if isinstance(operation.access, Door):
        return _SECURITY[operation.access]
    return [{"session": []}]


def _parameters(operation: Operation) -> Iterator[Schema]:
    for name, shape in operation.path_shapes.items():
        yield {"name": name, "in": "path", "required": True, "schema": shape.schema()}
    for name, shape in operation.query.items():
        yield {"name": name, "in": "query", "required": False, "schema": shape.schema()}


def _responses(operation: Operation) -> Schema:
    answer: Schema = {"description": operation.summary}
    if operation.answer is not None:
        answer["content"] = _content(operation.answer)
    made: Schema = {str(operation.status): answer}
    by_status: dict[int, list[str]] = {}
    for code in codes(operation):
        by_status.setdefault(problems.KINDS[code].status, []).append(code)
    for status, these in sorted(by_status.items()):
        made[str(status)] = {
            "description": "; ".join(f"`{code}`: {problems.KINDS[code].title}" for code in these),
            "content": {problems.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    return made


def _content(body: Shape | Bytes) -> Schema:
    if isinstance(body, Bytes):
        return {body.media_type: {}}
    return {JSON: {"schema": body.schema()}}


def _shapes(operation: Operation) -> Iterator[Shape]:
    yield from operation.query.values()
    for one in (operation.body, operation.answer):
        if one is not None and not isinstance(one, Bytes):
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
