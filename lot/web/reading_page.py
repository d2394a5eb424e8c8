"""The OpenAPI document as a page to read: no script, nothing from elsewhere, strict CSP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape
from typing import TypeVar

from lot.web import openapi, problems
from lot.web.openapi import House
from lot.web.operations import Bytes, Form, Operation, Room
from lot.web.shapes import Object, Shape

A = TypeVar("A")

CSP = "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'"

STYLE = """
:root { color-scheme: light dark; }
body { font: 17px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin-top: 3rem; border-bottom: 1px solid; }
article { margin: 1.5rem 0; }
code { font-family: ui-monospace, monospace; overflow-wrap: anywhere; }
table { border-collapse: collapse; }
td, th { text-align: left; padding: 0.2rem 1rem 0.2rem 0; vertical-align: top; }
summary { cursor: pointer; min-height: 2rem; }
""".lstrip()


def page(rooms: Iterable[Room[A]], house: House[A]) -> str:
    """Return the page of all operations."""
    kept = list(rooms)
    toc = "".join(f'<li><a href="#{room.name}">{escape(room.about)}</a>' for room in kept)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        f"<title>{escape(house.title)}: the interface</title>"
        '<link rel="stylesheet" href="reading.css">'
        f"<h1>{escape(house.title)}: the interface</h1>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>. '
        f"{escape(house.about)} Every refusal is a problem document with one of "
        f'<a href="#problems">these codes</a>.</p><nav><ul>{toc}</ul></nav>'
        f"{''.join(_room(room, house) for room in kept)}{_problems()}</html>"
    )


def _room(room: Room[A], house: House[A]) -> str:
    inner = "".join(_operation(bound.operation, house) for bound in room.bound)
    return f'<section id="{room.name}"><h2>{escape(room.about)}</h2>{inner}</section>'


def _operation(operation: Operation[A], house: House[A]) -> str:
    parameters = {**operation.path_shapes, **operation.query}
    codes = ", ".join(f"<code>{code}</code>" for code in openapi.codes(operation, house))
    return (
        f'<article id="{operation.name}"><h3><code>{operation.method} '
        f"{escape(operation.route)}</code></h3><p>{escape(operation.summary)}</p>"
        f"<p>{escape(house.whose(operation.access))}</p>"
        f"{_fields('Parameters', parameters)}{_body('Send', operation.body)}"
        f"{_body('Answer', operation.answer)}"
        f"<details><summary>Problems</summary><p>{codes}</p></details></article>"
    )


def _body(title: str, shape: Shape | Bytes | Form | None) -> str:
    if shape is None:
        return ""
    if isinstance(shape, Bytes):
        kinds = " or ".join(one for one in (shape.media_type, shape.or_else) if one is not None)
        return f"<p>{title}: <code>{escape(kinds)}</code></p>"
    if isinstance(shape, Form):
        return _fields(f"{title} as {shape.media_type}", shape.fields)
    if isinstance(shape, Object):
        return _fields(title, shape.fields)
    return f"<p>{title}: <code>{escape(_said(shape))}</code></p>"


def _fields(title: str, shapes: Mapping[str, Shape | Bytes]) -> str:
    if not shapes:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td><code>{escape(_said(shape))}</code>"
        for name, shape in shapes.items()
    )
    return f"<details open><summary>{title}</summary><table>{rows}</table></details>"


def _said(shape: Shape | Bytes) -> str:
    """Return a schema in a few words."""
    if isinstance(shape, Bytes):
        return "file"
    return _words(shape.schema())


def _words(schema: object) -> str:
    if not isinstance(schema, dict):
        return ""
    if "$ref" in schema:
        return str(schema["$ref"]).rpartition("/")[2]
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if "anyOf" in schema:
        return " or ".join(map(_words, schema["anyOf"]))
    if schema.get("type") == "array":
        return f"list of {_words(schema['items'])}"
    return str(schema.get("type", "any"))


def _problems() -> str:
    rows = "".join(
        f'<tr id="problem-{code}"><td><code>{code}</code><td>{kind.status}<td>{escape(kind.title)}'
        for code, kind in sorted(problems.KINDS.items())
    )
    return (
        '<section id="problems"><h2>Problems</h2><table><tr><th>Code<th>Status<th>Meaning'
        f"{rows}</table></section>"
    )
