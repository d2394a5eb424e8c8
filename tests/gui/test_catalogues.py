"""No word on a page or in a message lacks its translation; compiled is what was translated."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import gui
from gui.words import Words
from lot import cataloguing
from lot.cataloguing import Catalogues
from lot.words import LANGUAGES

ROOT = Path(gui.__file__).parent.parent
PARTS = {
    "gui.catalogues": Catalogues("gui", ROOT / "gui/catalogues"),
    "server.notifying.catalogues": Catalogues("messages", ROOT / "server/notifying/catalogues"),
}
OTHERS = [(part, language) for part in PARTS for language in LANGUAGES[1:]]
GAP = re.compile(r"%\(\w+\)\d*[sd]")


@pytest.mark.parametrize(("part", "language"), OTHERS)
def test_every_word_is_translated(part: str, language: str) -> None:
    catalog = PARTS[part].current(language)
    here = {one.id for one in PARTS[part].said() if one.id}
    assert here
    assert here == {one.id for one in catalog if one.id}, f"run python -m {part}"
    assert cataloguing.untranslated(catalog) == []


@pytest.mark.parametrize(("part", "language"), OTHERS)
def test_what_is_compiled_is_what_was_translated(part: str, language: str) -> None:
    known = PARTS[part]
    compiled = known.folder / language / "LC_MESSAGES" / f"{known.domain}.mo"
    assert compiled.read_bytes() == known.mo_bytes(language), f"run python -m {part}"


@pytest.mark.parametrize(("part", "language"), OTHERS)
def test_a_translation_has_the_gaps_of_its_words(part: str, language: str) -> None:
    for one in PARTS[part].current(language):
        english, other = cataloguing.texts(one.id), cataloguing.texts(one.string)
        for ours, theirs in zip(english, other, strict=True):
            if ours:
                assert sorted(GAP.findall(ours)) == sorted(GAP.findall(theirs)), ours


def test_a_count_takes_the_form_of_its_number() -> None:
    words = Words("es")
    assert words.count("%(n)d visit", "%(n)d visits", 1) == "1 visita"
    assert words.count("%(n)d visit", "%(n)d visits", 2) == "2 visitas"
