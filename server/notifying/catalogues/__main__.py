"""Bring the catalogues up to date with what messages say, and compile them. A thin main.

python -m server.notifying.catalogues

Needs Babel, which the test environment has. Translations are written into the .po files by hand.
"""

from __future__ import annotations

import sys
from pathlib import Path

from lot.cataloguing import Catalogues
from lot.words import LANGUAGES

if __name__ == "__main__":
    sys.exit(bool(Catalogues("messages", Path(__file__).parent).all_updated(LANGUAGES[1:])))
