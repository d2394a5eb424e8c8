"""Bring the catalogues up to date with what pages say, and compile them. A thin main.

python -m gui.catalogues

Needs Babel, which the test environment has. Translations are written into the .po files by hand.
"""

from __future__ import annotations

import sys

from gui.catalogues.making import compiled, updated
from gui.words import LANGUAGES


def main() -> int:
    """Write each language's .po and .mo; return how many words lack a translation."""
    missing = 0
    for language in LANGUAGES[1:]:
        missing += len(updated(language))
        compiled(language)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
