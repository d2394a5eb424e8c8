"""How good are these eyes on those pictures? A thin main.

    python -m models.evaluate pictures TRUTH.csv --report worst.html
    python -m models.evaluate footage TRUTH.csv --reader NAME=WEIGHTS

What every figure means stands in docs/evaluating.md.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

from edge.outputs.progress import Progress
from edge.settings import settings_from
from lot.errors import DONE, SOME_REFUSED
from lot.mains import complain, status_of
from lot.settings import given_values
from models.evaluate.asked import Asked, asked
from models.evaluate.running import run

_NAME = "evaluate"


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    return status_of(_NAME, lambda: _evaluated(asked(words), env))


def _evaluated(ask: Asked, env: Mapping[str, str]) -> int:
    values = given_values(env, Path(".env"))
    if ask.region is not None:  # as a setting: readers that know countries go by it too
        values["LOT_PLATE_FORMATS"] = ask.region
    progress = Progress(sys.stderr, quiet=ask.quiet)
    done = run(ask, settings_from(values), progress, partial(complain, _NAME))
    print(json.dumps(done.keys) if ask.json else "\n".join(done.lines))
    return SOME_REFUSED if done.refused else DONE


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
