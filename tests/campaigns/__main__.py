"""Every campaign at its full size, some side by side, and which of them found something.

python -m tests.campaigns [NAME…]

Most campaigns wait for the most part: for a process that starts, for a camera that is looked for
again. So lanes run beside one another, each its campaigns in turn. What one says is printed whole
when it has ended. Ctrl-C ends all of them, and what they started; the status is 1 where one found
something.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

# Who computes gives way to who waits: a camera that is looked for again is not to be late because
# bytes are being flipped. Last in its lane stands who keeps two cores busy alone.
WAITING: tuple[tuple[str, ...], ...] = (("crash",), ("cameras", "otp"), ("network",))
COMPUTING: tuple[tuple[str, ...], ...] = (("fuzz", "roles"), ("theft", "tamper", "properties"))
_GIVING_WAY = ("nice", "-n", "10")
_FOLDER = Path(__file__).parent
# After Ctrl-C a campaign takes down its servers itself; who has not by then is killed.
_ENDS_S = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    """A campaign that has come to its end."""

    name: str
    status: int
    seconds: float


def names() -> list[str]:
    """Return the campaigns: what stands beside this module and is no test."""
    found = (path.stem for path in _FOLDER.glob("*.py"))
    return sorted(one for one in found if not one.startswith(("test_", "__")))


async def all_of(lanes: Sequence[Sequence[Sequence[str]]]) -> list[Ended]:
    """Run lanes of commands beside one another; a command's last word is its name."""
    # With return_exceptions a cancelled gather waits until every lane has ended its processes.
    ended = await asyncio.gather(*map(_in_turn, lanes), return_exceptions=True)
    return [one for lane in ended for one in _whole(lane)]


def _whole(lane: list[Ended] | BaseException) -> list[Ended]:
    if isinstance(lane, BaseException):
        raise lane
    return lane


async def _in_turn(lane: Sequence[Sequence[str]]) -> list[Ended]:
    return [await _ran(words) for words in lane]


async def _ran(words: Sequence[str]) -> Ended:
    name, began = words[-1].rpartition(".")[2], time.monotonic()
    _say(f"== {name} begins\n")
    # Of a short name: sockets lie below it. What a killed campaign leaves goes with it.
    with tempfile.TemporaryDirectory(prefix="c-") as folder, tempfile.TemporaryFile() as said:
        # A session of its own: Ctrl-C reaches it through us alone, and with it all that it started.
        process = await asyncio.create_subprocess_exec(
            *words,
            stdout=said,
            stderr=said,
            env={**os.environ, "TMPDIR": folder},
            start_new_session=True,
        )
        try:
            await process.wait()
        finally:
            status = await _end(process)
            ended = Ended(name, status, time.monotonic() - began)
            said.seek(0)
            whole = said.read().decode(errors="replace")
            _say(f"== {name} ended with status {status} after {ended.seconds:.0f} s\n{whole}")
    return ended


async def _end(process: asyncio.subprocess.Process) -> int:
    """Return the status of what has ended; what has not is ended first, with all its children."""
    if process.returncode is None:
        process.send_signal(signal.SIGINT)
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(process.wait(), _ENDS_S)
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    return await process.wait()


def _say(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()


def commands(chosen: Sequence[str]) -> list[list[list[str]]]:
    """Return the lanes of what was chosen, as they are started."""
    own = [sys.executable, "-m"]

    def lane(prefix: Sequence[str], of: Sequence[str]) -> list[list[str]]:
        return [[*prefix, *own, f"tests.campaigns.{one}"] for one in of if one in chosen]

    lanes = [lane((), one) for one in WAITING] + [lane(_GIVING_WAY, one) for one in COMPUTING]
    return [one for one in lanes if one]


def campaigned(lanes: Sequence[Sequence[Sequence[str]]]) -> int:
    """Run lanes to their end, or to Ctrl-C; return the status."""

    async def whole() -> int:
        work = asyncio.ensure_future(all_of(lanes))
        for one in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(one, work.cancel)
        try:
            return _told(await work)
        except asyncio.CancelledError:
            return 130

    return asyncio.run(whole())


def _told(ended: Sequence[Ended]) -> int:
    for one in sorted(ended, key=lambda one: -one.seconds):
        _say(f"{one.name}: {one.seconds:.0f} s\n")
    found = [one.name for one in ended if one.status]
    if found:
        _say(f"campaigns that found something: {' '.join(found)}\n")
    return 1 if found else 0


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.campaigns", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=" ".join(names()))
    chosen = parser.parse_args(arguments).names or names()
    unknown = sorted({*chosen} - {*names()})
    if unknown:
        parser.error(f"no campaign: {' '.join(unknown)}")
    return campaigned(commands(chosen))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
