"""The recognition API with toy eyes: `python -m tests.edge.api.toy_api HOST:PORT [LIVE_S]`."""

from __future__ import annotations

import os
import sys

from contract import grant
from edge.api import access
from edge.api.commands import served
from lot.mains import status_of
from tests.edge.toys import toy_eyes

if __name__ == "__main__":
    access.WORK = access.Pace(1000, 1000)  # tests ask faster than any recorder sends
    grant.LIVE_S = float(sys.argv[2]) if len(sys.argv) > 2 else grant.LIVE_S
    values = {name: value for name, value in os.environ.items() if name.startswith("LOT_")}
    sys.exit(status_of("toy_api", lambda: served(values, sys.argv[1], toy_eyes)))
