"""Words in the languages there are: catalogues as gettext keeps them, English where they stand."""

from __future__ import annotations

import gettext
from functools import cache
from pathlib import Path

LANGUAGES = ("en", "es")


class Words:
    """One language's words out of a part's catalogues, filled with what stands in their gaps."""

    def __init__(self, language: str, domain: str, catalogues: Path) -> None:
        self.language = language
        self._catalogue = _catalogue(language, domain, catalogues)

    def __call__(self, text: str, **gaps: object) -> str:
        """Return `text` in this language, `%(name)s` filled in."""
        said = self._catalogue.gettext(text)
        return said % gaps if gaps else said

    def count(self, one: str, many: str, number: int, **gaps: object) -> str:
        """Return the form that the number asks for; `%(n)d` is the number."""
        return self._catalogue.ngettext(one, many, number) % {"n": number, **gaps}


@cache
def _catalogue(language: str, domain: str, catalogues: Path) -> gettext.NullTranslations:
    return gettext.translation(domain, catalogues, [language], fallback=language == "en")
