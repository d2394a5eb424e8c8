"""Grants of the vault: one edge, one work, one nonce of the last minute, each taken once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from contract import grant
from contract.grant import Grant, Work
from edge.api import grants
from edge.api.access import WRONG, By, Door, Doorkeeper
from edge.api.gate_room import pieces
from edge.api.grants import GOOD_S, SPENT_MAX, Grants
from lot.web.problems import Problem
from tests.contract.flips import damaged
from tests.edge.api.test_access import Clock
from tests.edge.delivery import lot

OTHER = b"o" * 16


def granted(
    nonce: bytes,
    work: Work = "live",
    *,
    server: bytes = lot.SERVER,
    edge: bytes = lot.EDGE,
    key: Ed25519PrivateKey = lot.VAULT,
) -> str:
    return grant.signed(Grant(server, edge, work, nonce), key).hex()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def here(tmp_path: Path, clock: Clock) -> Grants:
    return Grants(lot.enrolled(tmp_path / "edge")[1], clock)


def refused(grants: Grants, text: str, work: Work = "live") -> str:
    """Return why a grant is not taken: one line of a 401."""
    with pytest.raises(Problem) as found:
        grants.check(text, work)
    assert (found.value.code, found.value.kind.status) == ("unauthenticated", 401)
    assert "\n" not in found.value.detail
    return found.value.detail


def test_a_grant_is_taken_once(here: Grants) -> None:
    text = granted(here.nonce())
    here.check(text, "live")
    assert "was used" in refused(here, text)


def test_a_nonce_is_good_for_a_minute_and_never_again(here: Grants, clock: Clock) -> None:
    first, second = granted(here.nonce()), granted(here.nonce())
    clock.now_s = GOOD_S
    here.check(first, "live")
    clock.now_s = GOOD_S + 1
    assert "last minute" in refused(here, first)
    assert "last minute" in refused(here, second)


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda nonce: granted(nonce, edge=OTHER), "another edge"),
        (lambda nonce: granted(nonce, server=OTHER), "another server"),
        (lambda nonce: granted(nonce, "read"), "other work"),
        (lambda nonce: granted(nonce, key=lot.KEY), "signature"),
        (lambda _: granted(b"n" * 16), "last minute"),
        (lambda nonce: granted(nonce[:8] + bytes(8)), "last minute"),
        (lambda _: "", "cut"),
        (lambda _: "no hex", "hex"),
    ],
)
def test_another_s_grant_is_refused_and_spends_nothing(
    here: Grants, wrong: Callable[[bytes], str], word: str
) -> None:
    nonce = here.nonce()
    assert word in refused(here, wrong(nonce))
    here.check(granted(nonce), "live")


def test_no_altered_byte_is_taken(here: Grants) -> None:
    nonce = here.nonce()
    for wrong in damaged(bytes.fromhex(granted(nonce)), step=5):
        refused(here, wrong.hex())
    here.check(granted(nonce), "live")


def test_a_nonce_is_of_the_process_that_gave_it(here: Grants, clock: Clock, tmp_path: Path) -> None:
    again = Grants(lot.enrolled(tmp_path / "edge")[1], clock)  # the same edge, started anew
    assert "last minute" in refused(again, granted(here.nonce()))


def test_who_asks_for_many_nonces_fills_no_memory_and_keeps_nobody_out(here: Grants) -> None:
    first = granted(here.nonce())
    drawn = {here.nonce() for _ in range(100_000)}
    assert len(drawn) == 100_000
    assert not here._spent
    here.check(first, "live")


def test_what_was_spent_is_bounded_and_forgotten_with_its_minute(
    here: Grants, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(grants, "SPENT_MAX", 3)
    for _ in range(3):
        here.check(granted(here.nonce()), "live")
    with pytest.raises(Problem) as full:
        here.check(granted(here.nonce()), "live")
    assert (full.value.code, SPENT_MAX) == ("too_fast", 1000)
    clock.now_s = GOOD_S + 1
    here.check(granted(here.nonce()), "live")
    assert len(here._spent) == 1


def test_without_enrolment_no_grant_is_good(clock: Clock) -> None:
    nobody = Grants(None, clock)
    assert "not enrolled" in refused(nobody, granted(nobody.nonce()))


def test_a_grant_opens_its_own_door_and_no_other(here: Grants, clock: Clock) -> None:
    keeper = Doorkeeper([], here, clock)

    def shown(work: Work) -> dict[str, str]:
        return {"Authorization": f"Grant {granted(here.nonce(), work)}"}

    assert keeper.let_in(Door.LIVE, shown("live"), "192.168.1.9") is By.GRANT
    assert keeper.let_in(Door.READ, shown("read"), "192.168.1.9") is By.GRANT
    with pytest.raises(Problem, match="other work"):
        keeper.let_in(Door.LIVE, shown("read"), "192.168.1.9")
    with pytest.raises(Problem, match="other work"):
        keeper.let_in(Door.READ, shown("live"), "192.168.1.9")
    for door in (Door.TOKEN, Door.HERE):
        with pytest.raises(Problem, match="send the token"):
            keeper.let_in(door, shown("live"), "192.168.1.9")


def test_who_guesses_grants_is_slowed_down(here: Grants, clock: Clock) -> None:
    keeper, codes = Doorkeeper([], here, clock), []
    for _ in range(int(WRONG.burst) + 1):
        with pytest.raises(Problem) as found:
            keeper.let_in(Door.LIVE, {"Authorization": "Grant 00"}, "192.168.1.9")
        codes.append(found.value.code)
    assert (codes[0], codes[-1]) == ("unauthenticated", "too_fast")


def test_a_view_ends_between_two_pictures_when_its_time_is_over(clock: Clock) -> None:
    seen = pieces([b"one", b"two", b"three"], 10.0, clock)
    assert b"Content-Length: 3\r\n\r\n" in next(seen)
    clock.now_s = 9.9
    assert next(seen).endswith(b"two\r\n")
    clock.now_s = 10.0
    assert list(seen) == []
