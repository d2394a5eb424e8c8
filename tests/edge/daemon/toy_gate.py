"""The gate's daemon with toy eyes: `python -m tests.edge.daemon.toy_gate WORDS…`."""

from __future__ import annotations

import logging
import os
import sys

from edge.daemon.asked import asked
from edge.daemon.running import Stop, run
from lot.mains import status_of
from tests.edge.toys import toy_eyes


def main() -> int:
    logging.basicConfig(stream=sys.stderr, level=logging.INFO)
    stop = Stop()
    stop.listen()
    return run(asked(sys.argv[1:], os.environ), stop, toy_eyes)


if __name__ == "__main__":
    sys.exit(status_of("toy_gate", main))
