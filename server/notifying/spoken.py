"""The words of messages, in the language of the page on which their rule was made."""

from __future__ import annotations

from pathlib import Path

from lot.words import Words

_CATALOGUES = Path(__file__).parent / "catalogues"


def words(language: str) -> Words:
    """Return a language's words."""
    return Words(language, "messages", _CATALOGUES)
