"""What waits is sent, tried again and counted; no plate and no customer outlives the lock."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from server.notifying import outgoing as module
from server.notifying.channels import channels
from server.notifying.message import Message
from server.notifying.outgoing import Outgoing
from tests.server.notifying.receivers import Post, Web

LISTED = Message("hook", "North: a car came in", "A car on a list came in.", "8ABC123 (VIP)")


@dataclass
class Hand:
    """A clock and a lock that the test holds."""

    steady_s: float = 0.0
    locked: bool = False

    def sends(self, web: Web, *, more: dict[str, str] | None = None) -> Outgoing:
        known = channels({"hook": web.address, **(more or {})})
        return Outgoing(known, lambda: self.locked, lambda: 7, steady=lambda: self.steady_s)


@pytest.fixture
def hand() -> Hand:
    return Hand()


def test_a_failure_is_counted_shown_and_tried_again_later_and_later(web: Web, hand: Hand) -> None:
    out = hand.sends(web)
    web.down = True
    out.put(LISTED)
    out.turn()
    out.turn()  # not due yet
    assert (web.asked, out.waiting(), out.health()["hook"].failed) == (1, 1, 1)
    why = out.health()["hook"].why
    assert why is not None
    assert "503" in why
    hand.steady_s += module.RETRIES_S[0]
    out.turn()
    assert (web.asked, out.health()["hook"].failed) == (2, 2)
    web.down = False
    hand.steady_s += module.RETRIES_S[0]
    out.turn()
    assert web.bodies == []  # the second wait is longer
    hand.steady_s += module.RETRIES_S[1]
    out.turn()
    assert web.bodies == ["8ABC123 (VIP)"]
    assert (out.waiting(), out.health()["hook"].sent, out.health()["hook"].last_sent) == (0, 1, 7)


def test_what_never_arrives_is_let_go_after_the_last_try(web: Web, hand: Hand) -> None:
    out = hand.sends(web)
    web.down = True
    out.put(LISTED)
    for wait_s in (0.0, *module.RETRIES_S):
        hand.steady_s += wait_s
        out.turn()
    assert (out.waiting(), out.health()["hook"].failed) == (0, 1 + len(module.RETRIES_S))


def test_no_plate_leaves_while_locked_and_none_comes_back_with_unlocking(
    web: Web, hand: Hand
) -> None:
    out = hand.sends(web)
    web.down = True
    out.put(LISTED)
    out.turn()
    hand.locked = True
    out.turn()
    hand.locked, web.down = False, False
    hand.steady_s += module.RETRIES_S[0]
    out.turn()
    assert web.bodies == ["A car on a list came in."]


def test_a_customers_address_is_let_go_when_the_vault_is_locked(
    web: Web, post: Post, hand: Hand
) -> None:
    out = hand.sends(web, more={"mail": post.address("{mail}")})
    out.put(Message("mail", "Your car is ready", "Ticket 1.", to="a@b.example"))
    hand.locked = True
    out.turn()
    assert (post.came, out.waiting()) == ([], 0)
    assert out.health()["mail"].why == "the vault was locked meanwhile"


def test_the_queue_is_short_and_the_oldest_gives_way(web: Web, hand: Hand) -> None:
    out = hand.sends(web)
    for number in range(module.WAITING_MAX + 1):
        out.put(Message("hook", "", f"{number}"))
    assert (out.waiting(), out.health()["hook"].failed) == (module.WAITING_MAX, 1)


def test_a_channel_that_is_in_env_no_more_fails_and_stops_no_other(web: Web, hand: Hand) -> None:
    out = hand.sends(web)
    out.put(Message("gone", "", "to nobody"))
    out.put(Message("hook", "", "to somebody"))
    out.turn()
    assert web.bodies == ["to somebody"]


def test_an_address_that_apprise_does_not_know_is_shown_from_the_start(
    web: Web, post: Post, hand: Hand
) -> None:
    out = hand.sends(web, more={"odd": "carrier-pigeon://coop", "mail": post.address("{mail}")})
    out.check()
    failed = {name: one.why for name, one in out.health().items() if one.failed}
    assert failed == {"odd": "Apprise knows no such address"}
    assert web.asked == 0


def test_the_thread_sends_by_itself(web: Web, hand: Hand) -> None:
    out = hand.sends(web)
    out.start()
    out.put(LISTED)
    assert web.next() == "8ABC123 (VIP)"
