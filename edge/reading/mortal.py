"""A child that may die: it is asked over pipes, with a deadline, and killed when that passes.

For libraries in C++ that end their process when a picture displeases them. The child reads
questions from its standard input and answers on a descriptor of its own, whose number is its
last argument: what such a library prints then cannot be taken for an answer. Both ways a
message is its length, four bytes with the most significant first, and its bytes. The first
message is the child's own: that it is ready, or why it is not. At the end of its input it ends.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import time
import weakref
from collections.abc import Sequence

MESSAGE_MAX = 1 << 20  # an answer of five candidates a plate has some kilobytes
_LENGTH = 4
_GRACE_SECONDS = 2.0  # for a child that has seen the end of its input


class Died(Exception):
    """The child ended, fell silent or spoke nonsense; it is no longer running."""


class MortalChild:
    """Runs one program at a time; a dead one is started anew only when asked."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        start_seconds: float,
        answer_seconds: float,
        message_max: int = MESSAGE_MAX,
    ) -> None:
        self._command = tuple(command)
        self._start_seconds = start_seconds
        self._answer_seconds = answer_seconds
        self._message_max = message_max
        self._running: _Running | None = None

    @property
    def alive(self) -> bool:
        """Whether one has been started here and has not been seen to die."""
        # A process that was forked from the one that started it must not share its pipes.
        return self._running is not None and self._running.owner == os.getpid()

    def start(self) -> bytes:
        """Start it, and return its first message; one that runs is ended before."""
        self.stop()
        self._running = _Running(self._command, self._message_max)
        return self._within(self._start_seconds, None)

    def ask(self, question: bytes) -> bytes:
        """Return the child's answer; Died if there is none in time."""
        return self._within(self._answer_seconds, question)

    def stop(self) -> None:
        """End the child, if one runs."""
        running, self._running = self._running, None
        if running is not None and running.owner == os.getpid():
            running.end()

    def _within(self, seconds: float, question: bytes | None) -> bytes:
        running, until = self._running, time.monotonic() + seconds
        if running is None or not self.alive:
            raise Died("is not running")
        try:
            if question is not None:
                running.write(len(question).to_bytes(_LENGTH, "big") + question, until)
            return running.message(until)
        except TimeoutError:
            self._kill()
            raise Died(f"gave no answer within {seconds:g} s") from None
        except (EOFError, BrokenPipeError):
            raise Died(self._kill()) from None
        except Died:
            self._kill()
            raise

    def _kill(self) -> str:
        running, self._running = self._running, None
        return running.kill() if running is not None else "is not running"


class _Running:
    """One process and its two pipes."""

    def __init__(self, command: Sequence[str], message_max: int) -> None:
        self._message_max = message_max
        answers, theirs = os.pipe()
        try:
            # A session of its own: Ctrl-C is for us, and the child ends when its input does.
            self._process = subprocess.Popen(
                [*command, str(theirs)],
                stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                pass_fds=(theirs,),
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            os.close(answers)
            raise Died(f"cannot be started: {error.strerror}") from error
        finally:
            os.close(theirs)
        assert self._process.stdin is not None
        self.owner = os.getpid()
        self._questions = self._process.stdin.fileno()
        self._answers = answers
        for descriptor in (self._questions, answers):
            os.set_blocking(descriptor, False)
        self.end = weakref.finalize(self, _end, self._process, answers, self.owner)

    def write(self, message: bytes, until: float) -> None:
        rest = memoryview(message)
        while rest:
            _await(self._questions, select.POLLOUT, until)
            rest = rest[os.write(self._questions, rest) :]

    def message(self, until: float) -> bytes:
        length = int.from_bytes(self._read(_LENGTH, until), "big")
        if length > self._message_max:
            raise Died(f"announced an answer of {length} bytes")
        return self._read(length, until)

    def _read(self, length: int, until: float) -> bytes:
        found = bytearray()
        while len(found) < length:
            _await(self._answers, select.POLLIN, until)
            part = os.read(self._answers, length - len(found))
            if not part:
                raise EOFError
            found += part
        return bytes(found)

    def kill(self) -> str:
        """Say what the child ended with; one that still runs is killed."""
        try:
            status = self._process.wait(_GRACE_SECONDS / 4)
        except subprocess.TimeoutExpired:
            self._process.kill()
            status = self._process.wait()
        self.end()
        if status >= 0:
            return f"ended with status {status}"
        return f"died of {signal.Signals(-status).name}"


def _await(descriptor: int, event: int, until: float) -> None:
    poll = select.poll()
    poll.register(descriptor, event)
    if not poll.poll(max(0.0, until - time.monotonic()) * 1000):
        raise TimeoutError


def _end(process: subprocess.Popen[bytes], answers: int, owner: int) -> None:
    if owner != os.getpid():
        return
    if process.stdin is not None:
        process.stdin.close()
    os.close(answers)
    try:
        process.wait(_GRACE_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
