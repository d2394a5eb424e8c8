"""The OpenAPI document as a page to read: no script, nothing from elsewhere, strict CSP."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from server.api import openapi, problems
from server.api.operations import Bytes, Operation, Room
from server.api.shapes import Object, Shape

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


def page(rooms: Iterable[Room]) -> str:
    """Return the page of all operations."""
    kept = list(rooms)
    toc = "".join(f'<li><a href="#{room.name}">{escape(room.about)}</a>' for room in kept)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<title>Lotkeeper: the interface</title><link rel="stylesheet" href="reading.css">'
        "<h1>Lotkeeper: the interface</h1>"
        '<p>For programs: <a href="openapi.json">openapi.json</a>. Times are microseconds since '
        "1970, UTC; ids and hashes are lower hex; every refusal is a problem document with one of "
        f'<a href="#problems">these codes</a>.</p><nav><ul>{toc}</ul></nav>'
        f"{''.join(_room(room) for room in kept)}{_problems()}</html>"
    )


def _room(room: Room) -> str:
    inner = "".join(_operation(bound.operation) for bound in room.bound)
    return f'<section id="{room.name}"><h2>{escape(room.about)}</h2>{inner}</section>'


def _operation(operation: Operation) -> str:
    parameters = {**operation.path_shapes, **operation.query}
    codes = ", ".join(f"<code>{code}</code>" for code in openapi.codes(operation))
    return (
        f'<article id="{operation.name}"><h3><code>{operation.method} '
        f"{escape(operation.route)}</code></h3><p>{escape(operation.summary)}</p>"
        f"<p>{escape(openapi.whose(operation))}</p>"
        f"{_fields('Parameters', parameters)}{_body('Send', operation.body)}"
        f"{_body('Answer', operation.answer)}"
        f"<details><summary>Problems</summary><p>{codes}</p></details></article>"
    )


def _body(title: str, shape: Shape | Bytes | None) -> str:
    if shape is None:
        return ""
    if isinstance(shape, Bytes):
        return f"<p>{title}: <code>{escape(shape.media_type)}</code></p>"
    if isinstance(shape, Object):
        return _fields(title, shape.fields)
    return f"<p>{title}: <code>{escape(_said(shape))}</code></p>"


def _fields(title: str, shapes: Mapping[str, Shape]) -> str:
    if not shapes:
        return ""
    rows = "".join(
        f"<tr><td><code>{escape(name)}</code><td><code>{escape(_said(shape))}</code>"
        for name, shape in shapes.items()
    )
    return f"<details open><summary>{title}</summary><table>{rows}</table></details>"


def _said(shape: Shape) -> str:
    """Return a schema in a few words."""
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
