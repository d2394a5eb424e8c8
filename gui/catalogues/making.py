"""Catalogues from what pages say: found by Babel, translated by people, compiled by Babel."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_GUI = Path(__file__).parent.parent
_HERE = Path(__file__).parent
_KEYWORDS = {"_": None, "_n": (1, 2), "count": (1, 2)}
_EXPRESSIONS = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)


def said() -> Catalog:
    """Return every word of the pages and of the code behind them."""
    found = Catalog(domain="gui", header_comment="")
    for path in sorted([*_GUI.rglob("*.html"), *_GUI.rglob("*.py")]):
        if _HERE not in path.parents:
            for text in _of_file(path):
                found.add(text)
    return found


def updated(language: str) -> list[str]:
    """Take new words into a language's .po and forget old ones; return what is untranslated."""
    path = _path(language, "po")
    catalog = _read(language) if path.exists() else Catalog(locale=language, domain="gui")
    catalog.update(said(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    catalog.header_comment = f"# The page's words in {catalog.locale_identifier}."
    catalog.project, catalog.version, catalog.fuzzy = "lotkeeper", "", False
    catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
    with path.open("wb") as file:
        write_po(file, catalog, width=100, no_location=True, sort_output=True, omit_header=False)
    return untranslated(catalog)


def untranslated(catalog: Catalog) -> list[str]:
    """Return the words that a catalogue has no translation of."""
    return [str(one.id) for one in catalog if one.id and not all(texts(one.string))]


def current(language: str) -> Catalog:
    """Return a language's catalogue as its .po has it."""
    return _read(language)


def mo_bytes(language: str) -> bytes:
    """Return what the .mo of a language must be."""
    written = io.BytesIO()
    write_mo(written, _read(language))
    return written.getvalue()


def compiled(language: str) -> Path:
    """Write a language's .mo."""
    path = _path(language, "mo")
    path.write_bytes(mo_bytes(language))
    return path


def _of_file(path: Path) -> Iterator[str | tuple[str, ...]]:
    """Return what a file says; of a template only what stands in its expressions is code."""
    text = path.read_text(encoding="utf-8")
    pieces = _EXPRESSIONS.findall(text) if path.suffix == ".html" else [text]
    for piece in pieces:
        source = io.BytesIO(piece.strip("-+ \n").encode())
        for _, message, _, _ in extract("python", source, keywords=_KEYWORDS):
            yield message


def texts(string: object) -> tuple[str, ...]:
    """Return the forms of a word, one or as many as its language counts by."""
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string or ""),)


def _read(language: str) -> Catalog:
    with _path(language, "po").open("rb") as file:
        return read_po(file, locale=language, domain="gui")


def _path(language: str, suffix: str) -> Path:
    return _HERE / language / "LC_MESSAGES" / f"gui.{suffix}"
