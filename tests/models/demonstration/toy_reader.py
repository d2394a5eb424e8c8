"""The recognition API of an enrolled box, with toy eyes: as `python -m edge.api --bind`."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from edge.api.commands import served
from lot.mains import status_of
from lot.settings import given_values
from tests.edge.toys import toy_eyes

if __name__ == "__main__":
    values = given_values(os.environ, Path(".env"))
    sys.exit(status_of("toy_reader", lambda: served(values, sys.argv[1], toy_eyes)))
