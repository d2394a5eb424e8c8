"""Replay recordings of a gate: entries and exits, a table, an annotated film. A thin main.

python edge/local.py gate.mp4
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

if __name__ == "__main__" and sys.path and Path(sys.path[0]).resolve() == Path(__file__).parent:
    sys.path.pop(0)  # our own rooms must not stand in for modules of the same name

try:
    from edge.replay.asked import Asked, asked
    from lot.mains import status_of
    from lot.settings import given_values
except ModuleNotFoundError as missing:
    if missing.name not in ("edge", "lot", "contract", "dotenv"):
        raise
    sys.stderr.write(
        "local: not set up yet; run `make` here, then .venv/bin/python edge/local.py\n"
    )
    sys.exit(2)


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of("local", lambda: _replayed(asked(words), env))


def _replayed(ask: Asked, env: Mapping[str, str]) -> int:
    # Networks and decoders take longer to load than a wrong word takes to be told.
    from edge.outputs.progress import Progress
    from edge.replay.kept import run_kept
    from edge.replay.preparing import prepared
    from edge.replay.running import run
    from edge.replay.stopping import Stop, stopped_by_hand
    from edge.settings import settings_from

    settings = settings_from(given_values(env, Path(".env")))
    if ask.passages is not None:
        return run_kept(ask.passages, ask, settings)
    if ask.show:
        from edge.outputs.window import check_display

        check_display(env)
    work = prepared(ask, settings)
    stop = Stop()
    with stopped_by_hand(stop):
        return run(work, stop, Progress(sys.stderr, quiet=ask.quiet))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
