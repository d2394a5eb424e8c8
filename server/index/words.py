"""Words that many rows share, kept once: cameras, lanes, edges, sets of flags, ways."""

from __future__ import annotations

from collections.abc import Iterable

WORDS_MAX = 65_000  # a column has two bytes a row


class Words:
    """Gives each word a number from 1 on; 0 is no word.

    A hostile edge may invent words without end, so those after the last number share it.
    """

    def __init__(self) -> None:
        self._words: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}

    def add(self, word: str | None) -> int:
        if not word:
            return 0
        number = self._numbers.get(word)
        if number is None:
            if len(self._words) > WORDS_MAX:
                return WORDS_MAX
            number = self._numbers[word] = len(self._words)
            self._words.append(word)
        return number

    def word(self, number: int) -> str | None:
        return self._words[number] or None

    def all(self) -> list[str]:
        """Return every word by its number, the empty one first."""
        return list(self._words)

    def numbers(self, words: Iterable[str]) -> list[int]:
        """Return the numbers of those words that are known."""
        return [self._numbers[word] for word in words if word in self._numbers]
