"""Doors: what a try came to is on the disk, over threads, restarts and kill -9."""

import stat
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from contract.canonical import Malformed
from contract.doors import Doors
from contract.otp import (
    FIRST_WAIT_S,
    MISSES_FREE,
    MISSES_MAX,
    STEP_S,
    Clock,
    Door,
    Hit,
    Outcome,
    Remembered,
    Typed,
    code_at,
    hit,
    wait_after,
)
from lot.errors import Damaged, Unreadable, Unwritable

PERSON, ANOTHER = bytes(range(16)), bytes(16)
SEED = bytes(range(20))
NOW = 60_000_000
CLOCK = Clock(NOW * STEP_S, "ntp")
RACERS = 200

COMPARING = """
import sys
from pathlib import Path
from contract.doors import Doors

def compares(door):
    print("comparing", flush=True)
    sys.stdin.read()

Doors(Path(sys.argv[1])).tried(bytes(range(16)), compares)
"""


def right(door: Door) -> Hit | None:
    return hit(SEED, Typed(code_at(SEED, NOW)), CLOCK, door)


def wrong(_: Door) -> Hit | None:
    return None


def still() -> float:
    return 0.0


def test_one_of_200_who_race_with_one_code_comes_in(tmp_path: Path) -> None:
    doors = Doors(tmp_path, still)
    start = Barrier(20, timeout=60)  # who fell out of the race must not hold up the others

    def race(_: int) -> str:
        start.wait()
        return doors.tried(PERSON, right).result

    with ThreadPoolExecutor(20) as racers:
        results = Counter(racers.map(race, range(RACERS)))
    assert results["yes"] == 1
    assert results["no"] == MISSES_FREE + 1  # then the wait holds the others
    assert results["wait"] == RACERS - MISSES_FREE - 2


def test_a_used_code_and_misses_outlive_a_restart(tmp_path: Path) -> None:
    assert Doors(tmp_path, still).tried(PERSON, right).result == "yes"
    for misses in range(1, MISSES_FREE + 1):
        assert Doors(tmp_path, still).tried(PERSON, right) == Outcome("no", wait_after(misses))
    assert Doors(tmp_path, still).tried(PERSON, right) == Outcome("no", FIRST_WAIT_S)
    assert Doors(tmp_path, still).tried(PERSON, right) == Outcome("wait", FIRST_WAIT_S)


def test_guessing_over_restarts_ends_at_the_twentieth_miss(tmp_path: Path) -> None:
    tries = 0

    def guess(_: Door) -> Hit | None:
        nonlocal tries
        tries += 1
        return None

    for _ in range(3 * MISSES_MAX):
        time_s = 0.0
        doors = Doors(tmp_path, lambda: time_s)  # noqa: B023 - this round's clock
        time_s = 1e6  # every wait is waited out
        last = doors.tried(PERSON, guess)
    assert tries == MISSES_MAX
    assert last == Outcome("closed", 0)
    doors.reopen(PERSON)
    assert doors.tried(PERSON, right).result == "yes"


@pytest.mark.parametrize("kills", [3])
def test_kill_9_between_count_and_comparison_keeps_the_miss(tmp_path: Path, kills: int) -> None:
    for _ in range(kills):
        command = [sys.executable, "-c", COMPARING, str(tmp_path)]
        with subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as guesser:
            assert guesser.stdout is not None
            assert guesser.stdout.readline() == "comparing\n"
            guesser.kill()
    doors = Doors(tmp_path, still)
    for _ in range(MISSES_FREE - kills):
        assert doors.tried(PERSON, wrong) == Outcome("no", 0)
    assert doors.tried(PERSON, wrong) == Outcome("no", FIRST_WAIT_S)


def test_an_attempt_that_fails_within_one_process_has_cost_its_miss(tmp_path: Path) -> None:
    doors = Doors(tmp_path, still)

    def breaks(_: Door) -> Hit | None:
        raise MemoryError

    for _ in range(MISSES_FREE + 1):
        with pytest.raises(MemoryError):
            doors.tried(PERSON, breaks)
    assert doors.tried(PERSON, right) == Outcome("wait", FIRST_WAIT_S)


def test_persons_have_doors_of_their_own(tmp_path: Path) -> None:
    doors = Doors(tmp_path, still)
    for _ in range(MISSES_FREE + 1):
        doors.tried(PERSON, wrong)
    assert doors.tried(PERSON, right).result == "wait"
    assert doors.tried(ANOTHER, right).result == "yes"


def test_who_is_forgotten_leaves_no_file(tmp_path: Path) -> None:
    doors = Doors(tmp_path / "otp", still)
    doors.tried(PERSON, right)
    (kept,) = (tmp_path / "otp").iterdir()
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    doors.forget(PERSON)
    assert not list((tmp_path / "otp").iterdir())


def test_no_code_stands_in_the_file(tmp_path: Path) -> None:
    Doors(tmp_path, still).tried(PERSON, right)
    (kept,) = tmp_path.iterdir()
    assert code_at(SEED, NOW).encode() not in kept.read_bytes()


def test_a_state_that_cannot_be_read_or_kept_lets_nobody_in(tmp_path: Path) -> None:
    path = tmp_path / f"{PERSON.hex()}.otp"
    path.write_bytes(b"{}")
    with pytest.raises(Damaged):
        Doors(tmp_path, still).tried(PERSON, right)
    path.unlink()
    path.mkdir()
    with pytest.raises(Unreadable):
        Doors(tmp_path, still).tried(PERSON, right)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises((Unwritable, Unreadable)):
        Doors(tmp_path / "file", still).tried(PERSON, right)
    with pytest.raises(Malformed):
        Doors(tmp_path, still).tried(b"../../etc", right)


def test_what_is_damaged_is_renewed_and_no_used_code_is_good_again(tmp_path: Path) -> None:
    doors = Doors(tmp_path, still)
    doors.tried(PERSON, right)
    (tmp_path / f"{PERSON.hex()}.otp").write_bytes(b"damaged")
    again = Doors(tmp_path, still)
    with pytest.raises(Damaged):
        again.reopen(PERSON)
    again.renew(PERSON, Remembered(last_step=NOW + 1))
    assert again.tried(PERSON, right).result == "no"
    assert Doors(tmp_path, still).tried(PERSON, wrong).result == "no"
