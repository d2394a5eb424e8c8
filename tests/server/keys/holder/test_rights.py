"""Every question to the keyholder, put by every role: the table of roles decides, and no asker."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from functools import partial
from typing import get_args

import pytest

from contract import manifest
from contract.audit import NOTHING_SEEN
from contract.otp import Typed
from lot.errors import LotError
from server.access.roles import Right, Role, limit
from server.access.rows import ROWS
from server.index.asked import PlateAsked, Query
from server.index.counted import Span
from server.keys.holder import bodies, calls
from server.keys.holder.refusals import NeedsCode, NotAllowed
from server.keys.slots import Cost
from tests.server.keys.holder.running import House, house

LOT, OTHER = b"l" * 16, b"o" * 16
PEPPER, PASSWORD = b"p" * 32, "the password of them"
TYPED = Typed("000000")
EVENT = "01900000-0000-7000-8000-000000000000"
HOUR_US = 3_600_000_000


def _opening(kind: str, by: calls.Caller, lot: bytes) -> calls.RowsOpen:
    row = calls.SealedRow(kind, bytes(16), 1, bytes(60))
    return calls.RowsOpen(by, lot, (row,), "because")


def _sealing(kind: str, by: calls.Caller, lot: bytes) -> calls.RowsSeal:
    row = calls.PlainRow(kind, secrets.token_bytes(16), 1, b"{}")
    return calls.RowsSeal(by, lot, (row,))


# What is asked of a lot, by the right that it needs.
OF_A_LOT: dict[str, tuple[Right, Callable[[calls.Caller, bytes], object]]] = {
    "confirm an export": (
        Right.EXPORT,
        lambda by, lot: _confirm(by, "export", lot),
    ),
    "confirm erasing": (Right.ERASE, lambda by, lot: _confirm(by, "erase", lot)),
    "check a grant": (
        Right.EXPORT,
        lambda by, lot: calls.CheckGrant(by, "export", calls.Range(lot, 0, 1)),
    ),
    "invite": (Right.ADMINISTER, lambda by, lot: calls.Invite(by, lot, ("gate",))),
    "count": (Right.COUNT, lambda by, lot: calls.CountUp(by, lot, Span(0, HOUR_US, HOUR_US))),
    "ask an edge": (
        Right.SEE_LIVE,
        lambda by, lot: calls.GrantEdge(by, lot, b"", "live", bytes(16)),
    ),
    "sign a manifest": (Right.EXPORT, lambda by, lot: calls.SignManifest(by, _manifest(), lot)),
    **{f"open {k}": (r.reads, partial(_opening, k)) for k, r in ROWS.items() if r.reads},
    **{f"seal {k}": (r.writes, partial(_sealing, k)) for k, r in ROWS.items() if r.writes},
}
# What is asked of all that somebody may see: the answer is narrowed to their lots.
OF_WHAT_IS_SEEN: dict[str, tuple[Right, Callable[[calls.Caller], object]]] = {
    "open": (Right.SEE_VISITS, lambda by: calls.Open(by, ())),
    "hold": (Right.MANAGE, lambda by: calls.Hold(by, (), "why", 1)),
    "audit details": (Right.AUDIT, lambda by: calls.OpenDetails(by, ())),
    "events": (Right.SEE_VISITS, lambda by: calls.SearchEvents(by, Query())),
    "visits": (Right.SEE_VISITS, lambda by: calls.SearchVisits(by, Query())),
    "a plate": (
        Right.SEARCH,
        lambda by: calls.SearchVisits(by, Query(plate=PlateAsked("8ABC123")), "because"),
    ),
    "one visit": (Right.SEE_VISITS, lambda by: calls.OneVisit(by, LOT, EVENT)),
    "a leaf": (Right.UNLOCK, lambda by: calls.IssueLeaf(by, b"")),
    "what was said": (Right.SEE_VISITS, lambda by: calls.SaidAbout(by, LOT, (EVENT,))),
}
# What is asked of the whole server, which is for those of every lot.
OF_ALL: dict[str, Callable[[calls.Caller], object]] = {
    "confirm for keys": lambda by: _confirm(by, "manage_keys", None),
    "vouch": lambda by: calls.Vouch(by, "accounts", _account(Role.OWNER, ())),
    "set a password": lambda by: calls.SetPassword(by, PASSWORD, PEPPER),
    "certify": lambda by: calls.Certify(by, b"", ("gate",), None),
    "certify the server": lambda by: calls.CertifyServer(by, secrets.token_bytes(32)),
    "new slot": lambda by: calls.NewSlot(by, by.account, "short"),
    "renew the sheet": calls.RenewRecovery,
    "forget a slot": lambda by: calls.ForgetSlot(by, bytes(16)),
    "forget the slot of one who is not closed": lambda by: calls.ForgetSlot(
        by, bytes(16), by.account
    ),
    "rotate rsa": calls.RotateRsa,
    "announce rsa": calls.AnnounceRsa,
    "rotate the vault": lambda by: calls.RotateVault(by, "wrong", TYPED, "ntp"),
    "pair": lambda by: calls.PairKeeper(by, b"", ""),
    "forget shares": calls.ForgetShares,
    "unpair": calls.UnpairKeeper,
    "who has a slot": calls.SlotsKnown,
}
# What anybody who is signed in may do, for themselves alone.
OF_ONESELF = {calls.Lock, calls.SignOut, calls.WhoAmI, calls.ChangePassphrase}
# What is asked in nobody's name: none of it gives out anything that the vault keeps, but what a
# rule lets be told that an owner sealed.
OF_NOBODY = {
    *("Status", "Unlock", "GoOn", "Recover", "SignIn", "Reopen", "ConfirmVersions"),
    *("UnsettledVersions", "Enrol", "Trust", "SignMark", "IndexBegin", "IndexAdd"),
    *("IndexState", "DayDropped", "SegmentOut", "SegmentsIn", "SegmentWritten", "SegmentsDue"),
    *("Learn", "LessonsIn", "PinnedKeeper", "Notice", "RecordsDropped"),
}


@dataclass(frozen=True)
class Peopled:
    home: House
    owner: calls.Caller  # of every lot
    people: dict[Role, calls.Caller]  # each of LOT alone

    def is_allowed(self, asked: object) -> bool:
        """Say whether the role may; what it is refused for otherwise does not matter here."""
        try:
            self.home.keyholder._answer(asked)  # type: ignore[arg-type]  # any question at all
        except NeedsCode:
            return True
        except NotAllowed:
            return False
        except LotError:
            return True
        return True


@pytest.fixture(scope="module")
def peopled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peopled]:
    with house(tmp_path_factory.mktemp("rights")) as home:
        owner = home.owner()
        home.keyholder.index_begin({LOT: "UTC", OTHER: "UTC"})
        made = home.keyholder.password(calls.SetPassword(owner, PASSWORD, PEPPER))
        password = bodies.Password(made.salt, Cost(made.memory_kib, made.rounds), made.hash)
        people = {role: _signed_in(home, owner, role, password) for role in Role}
        yield Peopled(home, owner, people)


def test_no_question_is_left_out_of_this_walk() -> None:
    walked = {type(asked(_nobody(), LOT)) for _, asked in OF_A_LOT.values()}
    walked |= {type(seen(_nobody())) for _, seen in OF_WHAT_IS_SEEN.values()}
    walked |= {type(of_all(_nobody())) for of_all in OF_ALL.values()}
    for kind in get_args(calls.Request):
        if "by" in {one.name for one in fields(kind)}:
            assert kind in walked | OF_ONESELF, kind
        else:
            assert kind.__name__ in OF_NOBODY, kind


@pytest.mark.parametrize("role", Role)
def test_each_role_may_what_the_table_says_and_that_in_its_own_lot(
    peopled: Peopled, role: Role
) -> None:
    by = peopled.people[role]
    for name, (right, asked) in OF_A_LOT.items():
        may = limit(role, right) is not None
        assert peopled.is_allowed(asked(by, LOT)) == may, name
        assert not peopled.is_allowed(asked(by, OTHER)), name
    for name, (right, seen) in OF_WHAT_IS_SEEN.items():
        assert peopled.is_allowed(seen(by)) == (limit(role, right) is not None), name


@pytest.mark.parametrize("role", Role)
def test_nobody_of_one_lot_does_what_concerns_the_whole_server(
    peopled: Peopled, role: Role
) -> None:
    for name, asked in OF_ALL.items():
        # A writer's lot stands in its certificate, so here an owner of one lot gets that far.
        may = name == "certify" and role is Role.OWNER
        assert peopled.is_allowed(asked(peopled.people[role])) == may, name


def test_an_owner_of_every_lot_does(peopled: Peopled) -> None:
    for name, (_, asked) in OF_A_LOT.items():
        assert peopled.is_allowed(asked(peopled.owner, OTHER)), name
    for name, of_all in OF_ALL.items():
        if name != "rotate rsa":  # it takes its seconds, and is tried elsewhere
            assert peopled.is_allowed(of_all(peopled.owner)), name


def _confirm(by: calls.Caller, purpose: calls.GrantPurpose, lot: bytes | None) -> calls.Confirm:
    return calls.Confirm(by, TYPED, purpose, calls.Range(lot, 0, 1), None, "ntp")


def _manifest() -> bytes:
    said = manifest.Manifest(bytes(16), 5, bytes(16), 0, 0, 1, (), (), NOTHING_SEEN)
    return manifest.encoded(said)


def _account(role: Role, lots: tuple[bytes, ...], password: bodies.Password | None = None) -> bytes:
    id_ = secrets.token_bytes(16)
    return bodies.encoded(
        bodies.Account(id_, 1, id_.hex(), role, lots, password, code=False, closed=False)
    )


def _signed_in(
    home: House, owner: calls.Caller, role: Role, password: bodies.Password
) -> calls.Caller:
    body = _account(role, (LOT,), password)
    row = calls.Vouched(body, home.keyholder.vouch(calls.Vouch(owner, "accounts", body)))
    asked = calls.SignIn(row, PASSWORD, PEPPER, None, None, calls.Console(), "ntp")
    admitted = home.keyholder.sign_in(asked)
    return calls.Caller(admitted.token, admitted.session, row)


def _nobody() -> calls.Caller:
    nothing = calls.Vouched(b"", b"")
    return calls.Caller("", nothing, nothing)
