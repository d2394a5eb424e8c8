"""The server with live views of two seconds: `python -m tests.end_to_end.toy_server serve …`."""

from __future__ import annotations

import os
import sys

from contract import grant
from server.__main__ import main

VIEW_S = 2.0

if __name__ == "__main__":
    grant.LIVE_S = VIEW_S
    sys.exit(main(sys.argv[1:], os.environ))
