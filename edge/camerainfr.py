"""Run the gate: cameras in, entries and exits out, for months. A thin main.

python edge/camerainfr.py rtsp://192.168.1.20/stream1
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

if __name__ == "__main__" and sys.path and Path(sys.path[0]).resolve() == Path(__file__).parent:
    sys.path.pop(0)  # our own rooms must not stand in for modules of the same name

try:
    from edge.daemon.asked import asked
    from lot.mains import status_of
except ModuleNotFoundError as missing:
    if missing.name not in ("edge", "lot", "contract", "dotenv"):
        raise
    sys.stderr.write(
        "camerainfr: not set up yet; run `make` here, then .venv/bin/python edge/camerainfr.py\n"
    )
    sys.exit(2)


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("camerainfr", lambda: _run(words, env))


def _run(words: Sequence[str], env: Mapping[str, str]) -> int:
    ask = asked(words, env)
    # Networks take longer to load than a wrong word takes to be told.
    from edge.daemon.running import Stop, run

    if ask.show:
        from edge.outputs.window import check_display

        check_display(env)
    logging.basicConfig(
        stream=sys.stderr,
        level=logging.INFO,
        format="level=%(levelname)s part=%(name)s %(message)s",
    )
    stop = Stop()
    stop.listen()
    return run(ask, stop)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
