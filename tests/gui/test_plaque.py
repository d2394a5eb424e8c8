"""A plate on the page: its letters, its doubts, and how it is read aloud."""

from __future__ import annotations

from gui.plaque import SEALED, aloud, plaque
from gui.words import Words

EN = Words("en")


def test_letters_that_are_not_sure_are_weak() -> None:
    shown = plaque("8ABC123", [0.99, 0.99, 0.7, 0.9, 0.99, 0.99, 0.99], region="us-ca")
    assert [letter.weak for letter in shown.letters] == [False, False, True, *[False] * 4]
    assert (shown.text, shown.region_mark) == ("8ABC123", "CA")


def test_it_is_read_letter_by_letter_with_its_doubts() -> None:
    assert aloud(plaque("AB1", [0.99, 0.5, 0.99]), EN) == "A B 1, letter 2 unsure"
    assert aloud(SEALED, EN) == "plate sealed"
    assert aloud(plaque(None, reason="dark"), EN) == "no plate read"


def test_what_a_person_stated_has_no_doubts() -> None:
    assert not any(letter.weak for letter in plaque("AB1").letters)
    assert not any(letter.weak for letter in plaque("AB1", [0.1]).letters)  # of another spelling
