"""No word on a page is without its translation, and what is compiled is what was translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gui
from gui.catalogues import making
from gui.words import LANGUAGES, Words

OTHERS = LANGUAGES[1:]
GAP = re.compile(r"%\(\w+\)\d*[sd]")


@pytest.mark.parametrize("language", OTHERS)
def test_every_word_of_the_pages_is_translated(language: str) -> None:
    catalog = making.current(language)
    here = {one.id for one in making.said() if one.id}
    assert here == {one.id for one in catalog if one.id}, "run python -m gui.catalogues"
    assert making.untranslated(catalog) == []


@pytest.mark.parametrize("language", OTHERS)
def test_what_is_compiled_is_what_was_translated(language: str) -> None:
    folder = Path(gui.__file__).parent / "catalogues" / language / "LC_MESSAGES"
    compiled = (folder / "gui.mo").read_bytes()
    assert compiled == making.mo_bytes(language), "run python -m gui.catalogues"


@pytest.mark.parametrize("language", OTHERS)
def test_a_translation_has_the_gaps_of_its_words(language: str) -> None:
    for one in making.current(language):
        english, other = making.texts(one.id), making.texts(one.string)
        for ours, theirs in zip(english, other, strict=True):
            if ours:
                assert sorted(GAP.findall(ours)) == sorted(GAP.findall(theirs)), ours


def test_a_count_takes_the_form_of_its_number() -> None:
    words = Words("es")
    assert words.count("%(n)d visit", "%(n)d visits", 1) == "1 visita"
    assert words.count("%(n)d visit", "%(n)d visits", 2) == "2 visitas"
