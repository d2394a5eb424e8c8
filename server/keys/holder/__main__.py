"""`python -m server.keys.holder`: the guardian alone, as `serve` starts one of its own."""

from __future__ import annotations

import os
import sys

from lot import mains
from server.keys.holder import guardian
from server.settings import settings_from

if __name__ == "__main__":
    sys.exit(mains.status_of("keyholder", lambda: guardian.main(settings_from(os.environ), None)))
