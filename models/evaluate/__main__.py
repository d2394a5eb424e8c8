"""How good are these eyes on those pictures? A thin main.

    python -m models.evaluate pictures TRUTH.csv --report worst.html
    python -m models.evaluate footage TRUTH.csv --reader NAME=WEIGHTS

What every figure means stands in docs/evaluating.md.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Mapping, Sequence
from pathlib import Path

from edge.outputs.progress import Progress
from edge.settings import settings_from
from lot.errors import BUG, DONE, SOME_REFUSED, STOPPED_BY_HAND, LotError
from lot.settings import given_values
from models.evaluate.asked import asked
from models.evaluate.running import run


def main(words: Sequence[str], env: Mapping[str, str]) -> int:
    """Do what the words ask for; return the exit status."""
    try:
        ask = asked(words)
        values = given_values(env, Path(".env"))
        if ask.region is not None:  # as a setting: readers that know countries go by it too
            values["LOT_PLATE_FORMATS"] = ask.region
        settings = settings_from(values)
        done = run(ask, settings, Progress(sys.stderr, quiet=ask.quiet), complain)
    except LotError as error:
        complain(error)
        return error.exit_status
    except KeyboardInterrupt:
        return STOPPED_BY_HAND
    except Exception:  # the outermost place: a bug keeps its traceback, and its own status
        traceback.print_exc()
        return BUG
    print(json.dumps(done.keys) if ask.json else "\n".join(done.lines))
    return SOME_REFUSED if done.refused else DONE


def complain(error: LotError) -> None:
    """Say on standard error what is wrong, a line each."""
    for line in str(error).splitlines():
        print(f"evaluate: {line}", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
