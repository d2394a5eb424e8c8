"""Catalogues from what a part says: found by Babel, translated by people, compiled by Babel."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

_KEYWORDS = {"_": None, "_n": (1, 2), "count": (1, 2)}
_EXPRESSIONS = re.compile(r"\{[{%](.*?)[}%]\}", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Catalogues:
    """The catalogues of one part: its words stand in the folder above theirs."""

    domain: str
    folder: Path

    def said(self) -> Catalog:
        """Return every word of the templates and the code."""
        found = Catalog(domain=self.domain, header_comment="")
        part = self.folder.parent
        for path in sorted([*part.rglob("*.html"), *part.rglob("*.py")]):
            if self.folder not in path.parents:
                for text in _of_file(path):
                    found.add(text)
        return found

    def updated(self, language: str) -> list[str]:
        """Take new words into a language's .po and forget old ones; return the untranslated."""
        path = self._path(language, "po")
        catalog = (
            self.current(language)
            if path.exists()
            else Catalog(locale=language, domain=self.domain)
        )
        catalog.update(self.said(), no_fuzzy_matching=True)
        catalog.obsolete.clear()
        catalog.header_comment = f"# The {self.domain}'s words in {catalog.locale_identifier}."
        catalog.project, catalog.version, catalog.fuzzy = "lotkeeper", "", False
        catalog.msgid_bugs_address = catalog.last_translator = catalog.language_team = ""
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("wb") as file:
            write_po(
                file, catalog, width=100, no_location=True, sort_output=True, omit_header=False
            )
        return untranslated(catalog)

    def current(self, language: str) -> Catalog:
        """Return a language's catalogue as its .po has it."""
        with self._path(language, "po").open("rb") as file:
            return read_po(file, locale=language, domain=self.domain)

    def mo_bytes(self, language: str) -> bytes:
        """Return what the .mo of a language must be."""
        written = io.BytesIO()
        write_mo(written, self.current(language))
        return written.getvalue()

    def compiled(self, language: str) -> Path:
        """Write a language's .mo."""
        path = self._path(language, "mo")
        path.write_bytes(self.mo_bytes(language))
        return path

    def all_updated(self, languages: tuple[str, ...]) -> int:
        """Write each language's .po and .mo; return how many words lack a translation."""
        missing = 0
        for language in languages:
            missing += len(self.updated(language))
            self.compiled(language)
        return missing

    def _path(self, language: str, suffix: str) -> Path:
        return self.folder / language / "LC_MESSAGES" / f"{self.domain}.{suffix}"


def untranslated(catalog: Catalog) -> list[str]:
    """Return the words that a catalogue has no translation of."""
    return [str(one.id) for one in catalog if one.id and not all(texts(one.string))]


def texts(string: object) -> tuple[str, ...]:
    """Return the forms of a word, one or as many as its language counts by."""
    return tuple(string) if isinstance(string, (tuple, list)) else (str(string or ""),)


def _of_file(path: Path) -> Iterator[str | tuple[str, ...]]:
    """Return what a file says; of a template only what stands in its expressions is code."""
    text = path.read_text(encoding="utf-8")
    pieces = _EXPRESSIONS.findall(text) if path.suffix == ".html" else [text]
    for piece in pieces:
        source = io.BytesIO(piece.strip("-+ \n").encode())
        for _, message, _, _ in extract("python", source, keywords=_KEYWORDS):
            yield message
