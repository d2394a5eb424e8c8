"""Every act that a line of the audit may name has its words, in every language."""

from __future__ import annotations

import pytest

from contract.audit import ACTS
from gui.pages.audit import acts
from gui.words import Words
from lot.words import LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_act_has_words_of_its_own(language: str) -> None:
    said = acts.acts(Words(language))
    assert set(said) == set(ACTS)
    assert len(set(said.values())) == len(ACTS)


def test_an_act_of_a_later_server_is_shown_as_it_calls_it() -> None:
    assert acts.of("moon_visited", Words("es")) == "moon visited"
