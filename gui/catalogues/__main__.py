"""Bring the catalogues up to date with what pages say, and compile them. A thin main.

python -m gui.catalogues

Needs Babel, which the test environment has. Translations are written into the .po files by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lot.cataloguing import Catalogues
from lot.words import LANGUAGES

if __name__ == "__main__":
    sys.exit(bool(Catalogues("gui", Path(__file__).parent).all_updated(LANGUAGES[1:])))
