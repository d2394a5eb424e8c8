"""The one-time code: good once, dear to guess, and found again after a power cut."""

import contextlib
from base64 import b32encode
from collections.abc import Callable
from dataclasses import dataclass, field

import pyotp
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from contract.audit import ServerClock
from contract.otp import (
    AHEAD_MAX,
    EITHER_WAY,
    FIRST_WAIT_S,
    MISSES_FREE,
    MISSES_MAX,
    STEP_S,
    WAIT_MAX_S,
    Clock,
    Door,
    Hit,
    Outcome,
    Remembered,
    Typed,
    code_at,
    decoded,
    encoded,
    hit,
    tried,
    wait_after,
)
from lot.errors import Damaged, LotError, WrongUsage

SEED = bytes(range(20))
NOW = 60_000_000  # a step, in 2027
SEEDS = st.binary(min_size=20, max_size=20)
STEPS = st.integers(AHEAD_MAX, 100_000_000)
NOT_NTP: list[ServerClock] = ["rtc", "hand", "behind"]


@dataclass
class Keeper:
    """The caller of the rules: a clock, a disk, one person."""

    now_s: float = 0.0
    disk: Remembered = field(default_factory=Remembered)
    written: list[Remembered] = field(default_factory=list)
    door: Door = field(init=False)

    def __post_init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.door = Door.after_start(self.disk, self.now_s)

    def keep(self, remembered: Remembered) -> None:
        self.disk = remembered
        self.written.append(remembered)

    def try_once(self, attempt: Callable[[Door], Hit | None]) -> Outcome:
        self.door, outcome = tried(self.door, attempt, keep=self.keep, monotonic=lambda: self.now_s)
        return outcome

    def type(self, code: str, clock: Clock, code2: str | None = None) -> Outcome:
        return self.try_once(lambda door: hit(SEED, Typed(code, code2), clock, door))


def clock(step: int, state: ServerClock = "ntp") -> Clock:
    return Clock(step * STEP_S + 7, state)


def wrong_code(step: int) -> str:
    """Return a code that no step near by has."""
    near = {code_at(SEED, s) for s in range(step - 3, step + 4)}
    return next(code for n in range(10) if (code := f"{n:06d}") not in near)


@given(SEEDS, STEPS)
def test_a_code_is_what_any_authenticator_shows(seed: bytes, step: int) -> None:
    app = pyotp.TOTP(b32encode(seed).decode())
    assert code_at(seed, step) == app.at(step * STEP_S + 29)


def test_the_codes_of_the_rfc() -> None:
    # RFC 6238, appendix B, SHA-1: the last six of its eight digits
    seed = b"12345678901234567890"
    for time_s, digits in ((59, "287082"), (1111111109, "081804"), (20000000000, "353130")):
        assert code_at(seed, time_s // STEP_S) == digits


@given(st.integers(-5, 5))
def test_a_code_is_taken_one_step_either_way(off: int) -> None:
    found = Keeper().type(code_at(SEED, NOW + off), clock(NOW))
    assert found.result == ("yes" if abs(off) <= EITHER_WAY else "no")


def test_a_code_of_two_steps_is_the_higher() -> None:
    twice = 60_585_738  # found by looking
    assert code_at(SEED, twice) == code_at(SEED, twice + 1)
    keeper = Keeper()
    assert keeper.type(code_at(SEED, twice), clock(twice)).result == "yes"
    assert keeper.disk.last_step == twice + 1
    assert keeper.type(code_at(SEED, twice), clock(twice)).result == "no"


@pytest.mark.parametrize(
    "typed",
    ["", "12345", "1234567", "12345a", " 123456", "123456\n", "１２３４５６", "١٢٣٤٥٦", "+12345"],
)
def test_what_is_no_code_is_refused_before_it_could_be_a_miss(typed: str) -> None:
    with pytest.raises(WrongUsage):
        Typed(typed)
    with pytest.raises(WrongUsage):
        Typed("123456", typed)


def test_a_code_is_good_once() -> None:
    keeper = Keeper()
    assert keeper.type(code_at(SEED, NOW), clock(NOW)).result == "yes"
    assert keeper.type(code_at(SEED, NOW), clock(NOW)).result == "no"
    keeper.restart()
    assert keeper.type(code_at(SEED, NOW), clock(NOW)).result == "no"
    assert keeper.type(code_at(SEED, NOW - 1), clock(NOW)).result == "no"
    assert keeper.type(code_at(SEED, NOW + 1), clock(NOW)).result == "yes"


def test_a_spent_step_is_refused_by_the_code_and_by_the_try() -> None:
    spent = Door(Remembered(last_step=NOW), opens_at_s=0.0)
    assert hit(SEED, Typed(code_at(SEED, NOW)), clock(NOW), spent) is None
    keeper = Keeper(disk=spent.remembered)
    assert keeper.try_once(lambda _: Hit(NOW, 0)).result == "no"
    assert keeper.disk == Remembered(NOW, misses=1)


def test_a_miss_is_on_the_disk_before_anything_is_tried() -> None:
    keeper = Keeper(disk=Remembered(last_step=5, misses=2))
    seen: list[Remembered] = []

    def attempt(_: Door) -> Hit | None:
        seen.append(keeper.disk)
        return None

    keeper.try_once(attempt)
    assert seen == [Remembered(last_step=5, misses=3)]


def test_an_accepted_step_is_on_the_disk_before_the_answer() -> None:
    keeper = Keeper()
    keeper.type(code_at(SEED, NOW), clock(NOW))
    assert keeper.written == [Remembered(0, misses=1), Remembered(NOW, misses=0)]


def test_nothing_is_tried_or_answered_that_could_not_be_written() -> None:
    asked: list[Door] = []

    def full_disk(_: Remembered) -> None:
        raise OSError

    with pytest.raises(OSError):  # noqa: PT011 - it is whatever the disk says
        tried(
            Door.after_start(Remembered(), 0),
            asked.append,
            keep=full_disk,
            monotonic=lambda: 0.0,
        )
    assert not asked


def test_a_process_killed_while_comparing_has_counted_the_miss() -> None:
    keeper = Keeper()

    def killed(_: Door) -> Hit | None:
        raise KeyboardInterrupt

    for _ in range(5):
        with pytest.raises(KeyboardInterrupt):
            keeper.try_once(killed)
        keeper.restart()
    assert keeper.disk.misses == 5
    assert keeper.type(code_at(SEED, NOW), clock(NOW)) == Outcome("wait", FIRST_WAIT_S)


def test_the_fifth_miss_waits_15_minutes_and_each_further_one_twice_as_long() -> None:
    hours = 3600
    expected = [0, 0, 0, 0, 900, 1800, hours, 2 * hours, 4 * hours, 8 * hours, 16 * hours]
    assert [wait_after(misses) for misses in range(1, 12)] == expected
    assert {wait_after(misses) for misses in range(12, 40)} == {WAIT_MAX_S}
    assert wait_after(0) == 0
    assert wait_after(10**9) == WAIT_MAX_S


def test_twenty_misses_need_the_console() -> None:
    keeper = Keeper()
    for number in range(1, MISSES_MAX + 1):
        assert keeper.type(wrong_code(NOW), clock(NOW)) == Outcome("no", wait_after(number))
        keeper.now_s += wait_after(number)
    keeper.now_s += 10 * WAIT_MAX_S
    for _ in range(2):
        assert keeper.type(code_at(SEED, NOW), clock(NOW)) == Outcome("closed", 0)
        keeper.restart()
    keeper.door = keeper.door.reopened(keeper.now_s)
    assert keeper.type(code_at(SEED, NOW), clock(NOW)).result == "yes"


def test_the_console_forgets_misses_and_no_step() -> None:
    door = Door(Remembered(NOW, MISSES_MAX), opens_at_s=900.0).reopened(1.0)
    assert door.remembered == Remembered(NOW, 0)
    assert door.wait_s(1.0) == 0


def test_a_wait_ends_to_the_second_and_costs_no_miss() -> None:
    keeper = Keeper(disk=Remembered(misses=MISSES_FREE))
    assert keeper.type(wrong_code(NOW), clock(NOW)) == Outcome("no", FIRST_WAIT_S)
    keeper.now_s = FIRST_WAIT_S - 0.25
    assert keeper.type(code_at(SEED, NOW), clock(NOW)) == Outcome("wait", 1)
    assert keeper.disk.misses == MISSES_FREE + 1
    keeper.now_s = FIRST_WAIT_S
    assert keeper.type(code_at(SEED, NOW), clock(NOW)).result == "yes"


def test_a_restart_begins_the_wait_again() -> None:
    keeper = Keeper(disk=Remembered(misses=MISSES_FREE))
    keeper.type(wrong_code(NOW), clock(NOW))
    keeper.now_s = FIRST_WAIT_S - 1
    keeper.restart()
    assert keeper.door.wait_s(keeper.now_s) == FIRST_WAIT_S


def test_the_wall_clock_moves_no_wait() -> None:
    keeper = Keeper(disk=Remembered(misses=MISSES_FREE))
    keeper.type(wrong_code(NOW), clock(NOW))
    later = NOW + 10 * AHEAD_MAX
    assert keeper.type(code_at(SEED, later), clock(later)) == Outcome("wait", FIRST_WAIT_S)


@pytest.mark.parametrize(("off", "state"), [(2, "rtc"), (5000, "hand"), (AHEAD_MAX, "behind")])
def test_two_codes_in_a_row_open_on_a_clock_that_is_behind(off: int, state: ServerClock) -> None:
    keeper = Keeper()
    one, two = code_at(SEED, NOW + off - 1), code_at(SEED, NOW + off)
    assert keeper.type(one, clock(NOW, state), two).result == "yes"
    assert keeper.disk.last_step == NOW + off
    assert keeper.door.ahead == off
    for used in ((two, None), (one, None), (one, two)):
        assert keeper.type(used[0], clock(NOW, state), used[1]).result == "no"


def test_two_codes_further_ahead_than_a_month_or_out_of_order_are_a_miss() -> None:
    keeper, late = Keeper(), NOW + AHEAD_MAX + 1
    pairs = [(late - 1, late), (NOW + 9, NOW + 8), (NOW + 9, NOW + 11)]
    for first, second in pairs:
        one, two = code_at(SEED, first), code_at(SEED, second)
        assert keeper.type(one, clock(NOW, "behind"), two).result == "no"


def test_on_a_clock_set_by_ntp_two_codes_are_worth_one() -> None:
    far = NOW + 100
    pair = code_at(SEED, far), code_at(SEED, far + 1)
    assert Keeper().type(pair[0], clock(NOW), pair[1]).result == "no"
    assert Keeper().type(code_at(SEED, NOW), clock(NOW), wrong_code(NOW)).result == "yes"


def test_the_offset_found_holds_until_ntp_or_a_restart() -> None:
    keeper, off = Keeper(), 5000
    pair = code_at(SEED, NOW + off), code_at(SEED, NOW + off + 1)
    assert keeper.type(pair[0], clock(NOW, "behind"), pair[1]).result == "yes"
    one_later = code_at(SEED, NOW + off + 10)
    assert keeper.type(one_later, clock(NOW + 9, "behind")).result == "yes"
    another = code_at(SEED, NOW + off + 20)
    assert keeper.type(another, clock(NOW + 19, "ntp")).result == "no"
    keeper.restart()
    assert keeper.type(another, clock(NOW + 19, "behind")).result == "no"


def test_an_offset_never_takes_back_a_step() -> None:
    keeper = Keeper(disk=Remembered(last_step=NOW + 50))
    for state in ("ntp", *NOT_NTP):
        assert keeper.type(code_at(SEED, NOW), clock(NOW, state)).result == "no"
        keeper.door = keeper.door.reopened(0.0)
    pair = code_at(SEED, NOW + 50), code_at(SEED, NOW + 51)
    assert keeper.type(pair[0], clock(NOW, "behind"), pair[1]).result == "no"


@given(
    st.builds(Remembered, st.integers(0, 2**53 - 1), st.integers(0, 2**53 - 1)),
    st.data(),
)
def test_what_is_remembered_comes_back_and_what_was_damaged_does_not(
    remembered: Remembered, data: st.DataObject
) -> None:
    kept = encoded(remembered)
    assert decoded(kept) == remembered
    with pytest.raises(Damaged):
        decoded(kept[: data.draw(st.integers(0, len(kept) - 1))])


@given(st.binary(max_size=80))
def test_whatever_lies_in_the_file_only_our_error_comes_out(data: bytes) -> None:
    with contextlib.suppress(LotError):
        decoded(data)


class OneTimeCode(RuleBasedStateMachine):
    """Anything typed in any order, over kills, restarts, and clocks that jump."""

    def __init__(self) -> None:
        super().__init__()
        self.keeper = Keeper()
        self.accepted: list[int] = []
        self.tries_since_yes = 0

    @initialize(step=st.integers(NOW, NOW + 100))
    def begin(self, step: int) -> None:
        self.step = step

    @rule(off=st.integers(-3, 3), state=st.sampled_from(["ntp", *NOT_NTP]))
    def types(self, off: int, state: ServerClock) -> None:
        before = self.keeper.disk
        outcome = self.keeper.type(code_at(SEED, self.step + off), clock(self.step, state))
        if outcome.result == "yes":
            self.accepted.append(self.keeper.disk.last_step)
            assert self.keeper.disk.last_step > before.last_step
            self.tries_since_yes = 0
        elif outcome.result == "no":
            self.tries_since_yes += 1
            assert self.keeper.disk == Remembered(before.last_step, before.misses + 1)
        else:
            assert self.keeper.disk == before

    @rule()
    def guesses(self) -> None:
        if self.keeper.type(wrong_code(self.step), clock(self.step)).result == "no":
            self.tries_since_yes += 1

    @rule()
    def is_killed_while_comparing(self) -> None:
        def killed(_: Door) -> Hit | None:
            self.tries_since_yes += 1
            raise KeyboardInterrupt

        with contextlib.suppress(KeyboardInterrupt):
            self.keeper.try_once(killed)
        self.keeper.restart()

    @rule()
    def restarts(self) -> None:
        self.keeper.restart()

    @rule(seconds=st.sampled_from([1.0, 900.0, 86_400.0]))
    def waits(self, seconds: float) -> None:
        self.keeper.now_s += seconds

    @rule(steps=st.integers(-200, 200))
    def clock_jumps(self, steps: int) -> None:
        self.step += steps

    @invariant()
    def no_step_is_accepted_twice_or_after_a_later_one(self) -> None:
        assert self.accepted == sorted(set(self.accepted))

    @invariant()
    def nobody_guesses_more_than_twenty_times(self) -> None:
        assert self.tries_since_yes <= MISSES_MAX
        assert self.keeper.disk.misses <= MISSES_MAX


TestOneTimeCode = OneTimeCode.TestCase
TestOneTimeCode.settings = settings(max_examples=40, stateful_step_count=40)
