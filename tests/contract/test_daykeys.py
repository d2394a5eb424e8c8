"""Day keys: one a class and day, drawn anew at midnight, after a fork and when spent."""

import pytest

from contract import sealing, wrap
from contract.daykeys import DayKeys, Sealed
from tests.contract import golden

HEAD = b"\x05" * 32
WRITER = golden.key("edge")


def sealed(keys: DayKeys, name: str = "event", day: str = "monday", under: str = "rsa") -> Sealed:
    public = golden.rsa(under).public_key()
    return keys.sealed(b"{}", head_hash=HEAD, name=name, under=public, day=day, now=7)


def test_parts_of_a_class_and_day_lie_under_one_key() -> None:
    keys = DayKeys(WRITER)
    one, other, picture = sealed(keys), sealed(keys, "note"), sealed(keys, "picture/plate")
    assert one.wrap == other.wrap
    assert (picture.wrap.key_class, one.wrap.key_class) == ("P", "T")
    assert one.wrap.writer == WRITER
    assert one.wrap.made == 7


def test_a_part_opens_with_the_key_in_its_wrap() -> None:
    one = sealed(DayKeys(WRITER))
    secret = wrap.unwrapped(one.wrap, golden.rsa())
    clear = sealing.read(one.part, name="event")
    assert clear.key_id == one.wrap.key_id
    prk = sealing.prk_of(secret, clear.nonce)
    assert sealing.opened(one.part, prk, head_hash=HEAD, name="event") == b"{}"


@pytest.mark.parametrize("change", [{"day": "tuesday"}, {"under": "rsa2"}])
def test_midnight_and_a_new_rsa_key_draw_another_key(change: dict[str, str]) -> None:
    keys = DayKeys(WRITER)
    assert sealed(keys).wrap != sealed(keys, **change).wrap


def test_a_spent_key_is_followed_by_another_without_losing_the_part() -> None:
    keys = DayKeys(WRITER)
    first = sealed(keys)
    keys._living["T"].key._parts = sealing.PARTS_MAX
    second = sealed(keys)
    assert second.wrap != first.wrap
    assert sealing.read(second.part, name="event").nonce == bytes(12)


def test_a_start_and_a_fork_begin_with_new_keys() -> None:
    keys = DayKeys(WRITER)
    before, lock = sealed(keys), keys._lock
    keys._process -= 1  # as in a child, where another process made them
    assert sealed(keys).wrap != before.wrap
    assert keys._lock is not lock  # another thread may have held it at the fork
    assert sealed(DayKeys(WRITER)).wrap != before.wrap
