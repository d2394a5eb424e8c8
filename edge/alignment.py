"""Which character of one reading is which of another, where one has lost or invented some."""

from __future__ import annotations


def aligned(pattern: str, text: str) -> list[tuple[int, int]]:
    """Return pairs of places, of the pattern and of the text, that show the same character.

    Texts of one length that mostly agree are the same place by place. Otherwise the fewest
    changes decide; where a character is missing or too many its place has no partner.
    """
    same = sum(a == b for a, b in zip(pattern, text, strict=False))
    if len(pattern) == len(text) and 2 * same >= len(text):
        return [(i, i) for i in range(len(text))]
    costs = _costs(pattern, text)
    pairs, i, j = [], len(pattern), len(text)
    while i and j:
        changed = pattern[i - 1] != text[j - 1]
        if costs[i][j] == costs[i - 1][j - 1] + changed:
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif costs[i][j] == costs[i - 1][j] + 1:
            i -= 1
        else:
            j -= 1
    return pairs[::-1]


def _costs(pattern: str, text: str) -> list[list[int]]:
    """Return Levenshtein's distances between every beginning of one and of the other."""
    rows = [list(range(len(text) + 1))]
    for i, a in enumerate(pattern, start=1):
        row = [i]
        for j, b in enumerate(text, start=1):
            row.append(min(rows[-1][j - 1] + (a != b), rows[-1][j] + 1, row[-1] + 1))
        rows.append(row)
    return rows
