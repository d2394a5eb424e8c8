"""The keeper gives a share for a right code, once; and to nobody else, whatever they send."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contract import codes, pairing
from contract.codes import Invitation
from contract.keeper import Answer, Request
from contract.otp import FIRST_WAIT_S, MISSES_FREE, STEP_S
from edge.keeper.folder import Folder
from edge.keeper.inviting import LASTS_S, WRONG_MAX, Invitations
from edge.keeper.keeping import Keeping
from lot.clock import Discipline, WallClock
from lot.errors import Damaged, Refused, WrongCode
from tests.edge.keeper.asking import PERSON, SHARE, Server, code_at, signing

NOW = 1_800_000_000


@dataclass
class Box:
    """A keeper on a box of its own: folder and clocks, over restarts."""

    path: Path
    wall_s: float = NOW
    steady_s: float = 1000
    is_held: bool = True
    boot: str = "one start"

    def __post_init__(self) -> None:
        self.folder = Folder(self.path)
        self.folder.make("keeper")
        self.restart()

    def restart(self) -> None:
        clock = WallClock(
            lambda: int(self.wall_s * 1e9),
            lambda: int(self.steady_s * 1e9),
            lambda: Discipline(self.is_held, 0),
        )
        self.keeping = Keeping(self.folder, clock, lambda: self.steady_s)
        self.keeping._invitations = self.invitations()

    def invitations(self) -> Invitations:
        return Invitations(self.folder, lambda: self.steady_s, lambda: self.boot)

    def pass_(self, seconds: float) -> None:
        self.wall_s += seconds
        self.steady_s += seconds

    def log(self) -> list[str]:
        return (self.path / "keeper.log").read_text(encoding="utf-8").splitlines()

    def invite(self) -> bytes:
        return self.invitations().draw()


@pytest.fixture
def box(tmp_path: Path) -> Box:
    return Box(tmp_path / "keeper")


@pytest.fixture
def server(box: Box) -> Server:
    return paired(box)


def paired(box: Box) -> Server:
    secret = box.invite()
    pack = pairing.pack_invited(box.keeping.pack(), Invitation.to(box.keeping.pack(), secret))
    server = Server(pack)
    request = server.pair(secret)
    answer = box.keeping.pair(request)
    pairing.paired_opened(answer, secret, request=request, keeper=pack.keeper)
    return server


def said(box: Box, server: Server, request: Request) -> Answer:
    return server.opened(request, box.keeping.answer(server.signed(request)))


def result(box: Box, server: Server, request: Request) -> str:
    return said(box, server, request).said.result


def test_a_right_code_brings_the_share_once(box: Box, server: Server) -> None:
    assert result(box, server, server.put()) == "yes"
    answer = said(box, server, server.ask(code_at(NOW)))
    assert answer.said.result == "yes"
    assert server.share(answer) == SHARE
    assert result(box, server, server.ask(code_at(NOW))) == "no", "a code is good once"


def test_a_used_code_is_used_over_a_restart(box: Box, server: Server) -> None:
    said(box, server, server.put())
    said(box, server, server.ask(code_at(NOW)))
    box.restart()
    assert result(box, server, server.ask(code_at(NOW))) == "no"
    assert result(box, server, server.ask(code_at(NOW, 1))) == "yes"


def test_a_confirmation_bears_no_share(box: Box, server: Server) -> None:
    said(box, server, server.put())
    answer = said(box, server, server.ask(code_at(NOW), purpose="confirm"))
    assert (answer.said.result, answer.sealed) == ("yes", None)


def test_misses_wait_and_the_wait_outlives_a_restart(box: Box, server: Server) -> None:
    said(box, server, server.put())
    for _ in range(MISSES_FREE):
        assert result(box, server, server.ask("000000")) == "no"
    assert said(box, server, server.ask("000000")).said.wait_s == FIRST_WAIT_S
    box.restart()
    assert said(box, server, server.ask(code_at(NOW))).said.result == "wait"
    box.pass_(FIRST_WAIT_S)
    assert result(box, server, server.ask(code_at(int(box.wall_s)))) == "yes"


def test_a_known_person_is_not_put_again(box: Box, server: Server) -> None:
    assert result(box, server, server.put()) == "yes"
    assert result(box, server, server.put()) == "no"


def test_a_number_must_rise_over_puts_forgets_and_restarts(box: Box, server: Server) -> None:
    put, forget = server.put(number=5), server.forget(number=6)
    assert [result(box, server, one) for one in (put, forget)] == ["yes", "yes"]
    box.restart()
    assert result(box, server, put) == "no", "a put that is played again brings nobody back"
    assert box.folder.persons() == []
    assert result(box, server, server.put(number=6)) == "no"
    assert result(box, server, server.put(number=7)) == "yes"


def test_who_is_forgotten_gets_nothing_and_an_unknown_one_is_a_yes(
    box: Box, server: Server
) -> None:
    said(box, server, server.put())
    assert result(box, server, server.forget()) == "yes"
    assert result(box, server, server.ask(code_at(NOW))) == "no"
    assert result(box, server, server.forget(bytes(16))) == "yes"
    assert not list((box.path / "persons").iterdir())


def test_a_stranger_is_refused_and_costs_nobody_a_miss(box: Box, server: Server) -> None:
    said(box, server, server.put())
    stranger = Server(server.pack, keyholder=signing("edge_seed"), vault=signing("edge2_seed"))
    lines = len(box.log())
    for request in (server.ask("000000"), server.put(number=99), server.forget(number=99)):
        for _ in range(MISSES_FREE + 1):
            with pytest.raises(Damaged):
                box.keeping.answer(stranger.signed(request))
    assert len(box.log()) == lines
    assert result(box, server, server.ask(code_at(NOW))) == "yes"


def test_the_card_alone_cannot_replace_a_seed(box: Box, server: Server) -> None:
    """The keyholder's key lies on the card: it may ask, and no more."""
    thief = Server(server.pack, vault=server.keyholder)
    with pytest.raises(Damaged):
        box.keeping.answer(thief.signed(thief.put(number=99)))


def test_each_answer_has_its_line_first(box: Box, server: Server) -> None:
    said(box, server, server.put())
    said(box, server, server.ask("000000"))
    said(box, server, server.ask(code_at(NOW)))
    acts = [line.split(" ", 2)[2] for line in box.log()]
    person = f"person={PERSON.hex()}"
    assert acts == [
        "act=pair result=yes",
        f"act=put {person} result=yes",
        f"act=ask {person} purpose=unlock result=no",
        f"act=ask {person} purpose=unlock result=yes",
    ]
    (box.path / "keeper.log").unlink()
    (box.path / "keeper.log").mkdir()
    with pytest.raises(Exception, match="answers nothing"):
        said(box, server, server.ask(code_at(NOW, 1)))


def test_two_codes_find_a_clock_that_lost_a_week(box: Box, server: Server) -> None:
    said(box, server, server.put())
    box.is_held = False
    box.wall_s -= 7 * 86_400
    box.restart()
    assert result(box, server, server.ask(code_at(NOW))) == "no"
    answer = said(box, server, server.ask(code_at(NOW), code2=code_at(NOW, 1)))
    assert (answer.said.result, answer.said.clock) == ("yes", "behind")


# Pairing


def test_nobody_is_answered_before_pairing(box: Box) -> None:
    secret = box.invite()
    pack = pairing.pack_invited(box.keeping.pack(), Invitation.to(box.keeping.pack(), secret))
    server = Server(pack)
    with pytest.raises(Refused, match="no server yet"):
        box.keeping.answer(server.signed(server.put()))


def test_five_wrong_macs_burn_a_code(box: Box) -> None:
    secret = box.invite()
    pack = pairing.pack_invited(box.keeping.pack(), Invitation.to(box.keeping.pack(), secret))
    server = Server(pack)
    for _ in range(WRONG_MAX):
        box.restart()
        with pytest.raises(WrongCode):
            box.keeping.pair(server.pair(bytes(16)))
    with pytest.raises(Refused, match="no code"):
        box.keeping.pair(server.pair(secret))


@pytest.mark.parametrize("ending", ["a quarter of an hour", "a restart", "a newer code", "its use"])
def test_a_code_ends(box: Box, ending: str) -> None:
    secret = box.invite()
    pack = pairing.pack_invited(box.keeping.pack(), Invitation.to(box.keeping.pack(), secret))
    server = Server(pack)
    if ending == "a quarter of an hour":
        box.pass_(LASTS_S)
    elif ending == "a restart":
        box.boot = "another start"
        box.restart()
    elif ending == "a newer code":
        box.invite()
    else:
        box.keeping.pair(server.pair(secret))
    with pytest.raises((Refused, WrongCode)):
        box.keeping.pair(server.pair(secret))


def test_another_server_is_paired_only_when_no_shares_are_here(box: Box, server: Server) -> None:
    said(box, server, server.put())
    stranger = Server(server.pack, server=bytes(16))
    with pytest.raises(Refused, match="another server"):
        box.keeping.pair(stranger.pair(box.invite()))
    said(box, server, server.forget())
    box.keeping.pair(stranger.pair(box.invite()))
    with pytest.raises(Damaged):
        box.keeping.answer(server.signed(server.put()))


def test_the_same_server_with_a_new_keyholder_keeps_its_persons(box: Box, server: Server) -> None:
    said(box, server, server.put())
    again = Server(server.pack, keyholder=signing("edge_seed"))
    box.keeping.pair(again.pair(box.invite()))
    assert result(box, again, again.ask(code_at(NOW))) == "yes"
    with pytest.raises(Damaged):
        box.keeping.answer(server.signed(server.ask(code_at(NOW, 1))))


def test_the_code_is_typed_as_printed(box: Box) -> None:
    secret = box.invite()
    text = codes.invitation_text(Invitation.to(box.keeping.pack(), secret))
    found = codes.invitation(text.lower().replace("-", " "))
    assert pairing.pack_invited(box.keeping.pack(), found)


# The console


def test_the_console_forgives_misses_while_the_service_runs(box: Box, server: Server) -> None:
    said(box, server, server.put())
    for _ in range(MISSES_FREE + 1):
        said(box, server, server.ask("000000"))
    box.folder.ask_to_reopen(PERSON)
    assert result(box, server, server.ask(code_at(NOW))) == "yes"
    assert not box.folder.is_to_reopen(PERSON)


def test_damaged_state_of_a_code_is_mended_by_the_console_alone(box: Box, server: Server) -> None:
    said(box, server, server.put())
    said(box, server, server.ask(code_at(NOW)))
    (box.folder.doors / f"{PERSON.hex()}.otp").write_bytes(b"{")
    box.restart()
    with pytest.raises(Damaged):
        box.keeping.answer(server.signed(server.ask(code_at(NOW, 1))))
    box.folder.ask_to_reopen(PERSON)
    assert result(box, server, server.ask(code_at(NOW))) == "no", "what was used may be this one"
    box.pass_(3 * STEP_S)
    assert result(box, server, server.ask(code_at(int(box.wall_s)))) == "yes"


@pytest.fixture(scope="module")
def a_paired_box(tmp_path_factory: pytest.TempPathFactory) -> Box:
    box = Box(tmp_path_factory.mktemp("keeper"))
    paired(box)
    return box


@given(data=st.binary(max_size=5000))
def test_whatever_comes_is_refused_with_our_own_error(a_paired_box: Box, data: bytes) -> None:
    box = a_paired_box
    box.invite()
    for work in (box.keeping.answer, box.keeping.pair):
        with pytest.raises((Damaged, Refused)):
            work(data)
