"""A child that may die never takes its parent with it, nor keeps it waiting."""

import os
import sys
import time
from pathlib import Path

import pytest

from edge.reading.mortal import Died, MortalChild

SPEAKS = """
import os, sys
out = int(sys.argv[1])
def send(m): os.write(out, len(m).to_bytes(4, "big") + m)
def message():
    n = int.from_bytes(sys.stdin.buffer.read(4), "big")
    return sys.stdin.buffer.read(n)
send(b"ready")
"""
ECHOES = SPEAKS + "while m := message(): send(m.upper())"
DEAF = SPEAKS + "import time; time.sleep(600)"


def child(program: str, answer_seconds: float = 60) -> MortalChild:
    return MortalChild(
        [sys.executable, "-I", "-c", program], start_seconds=60, answer_seconds=answer_seconds
    )


def test_it_says_that_it_is_ready_and_answers_in_order() -> None:
    echo = child(ECHOES)
    assert echo.start() == b"ready"
    assert [echo.ask(word) for word in (b"one", b"two")] == [b"ONE", b"TWO"]
    echo.stop()
    assert not echo.alive


def test_a_question_larger_than_a_pipe_arrives_whole() -> None:
    echo = child(ECHOES)
    echo.start()
    assert echo.ask(b"x" * 1_000_000) == b"X" * 1_000_000
    echo.stop()


def test_one_that_does_not_even_listen_is_killed_in_time() -> None:
    deaf = child(DEAF, answer_seconds=0.2)
    deaf.start()
    began = time.monotonic()
    with pytest.raises(Died, match=r"no answer within 0\.2 s"):
        deaf.ask(b"x" * 10_000_000)
    assert time.monotonic() - began < 60
    assert not deaf.alive


def test_one_that_dies_is_named_by_its_signal_and_starts_anew() -> None:
    dying = child(SPEAKS + "m = message(); os.kill(os.getpid(), 11) if m == b'die' else send(m)")
    dying.start()
    with pytest.raises(Died, match="died of SIGSEGV"):
        dying.ask(b"die")
    with pytest.raises(Died, match="is not running"):
        dying.ask(b"live")
    dying.start()
    assert dying.ask(b"live") == b"live"
    dying.stop()


def test_one_that_cannot_be_started_is_a_death_too() -> None:
    missing = MortalChild(["/nowhere/at/all"], start_seconds=1, answer_seconds=1)
    with pytest.raises(Died, match="cannot be started"):
        missing.start()


def test_nothing_is_left_open_after_many_deaths() -> None:
    def open_now() -> int:
        return len(list(Path("/proc/self/fd").iterdir()))

    dying = child(SPEAKS + "sys.exit(3)")
    before = open_now()
    for _ in range(3):
        dying.start()
        with pytest.raises(Died, match="ended with status 3"):
            dying.ask(b"hello")
    assert open_now() == before


def test_a_fork_does_not_share_the_child_of_its_parent() -> None:
    echo = child(ECHOES)
    echo.start()
    fork = os.fork()
    if fork == 0:
        os._exit(int(echo.alive))
    assert os.waitstatus_to_exitcode(os.waitpid(fork, 0)[1]) == 0
    assert echo.ask(b"still mine") == b"STILL MINE"
    echo.stop()
