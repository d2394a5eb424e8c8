"""What a fresh code gives: one purpose, one range, ten minutes; an export goes on to its end."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from server.access.roles import Role
from server.keys.holder import bodies
from server.keys.holder.calls import Caller, Range
from server.keys.holder.newest import Newest
from server.keys.holder.refusals import NeedsCode
from server.keys.holder.sessions import EXPORT_S, GRANT_S, Sessions
from server.keys.holder.vouching import Voucher

MARCH = Range(b"l" * 16, 100, 200)
ADA = bodies.Account(b"a" * 16, 1, "Ada", Role.OWNER, (), None, code=False, closed=False)


class Steady:
    def __init__(self) -> None:
        self.now = 5.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def steady() -> Steady:
    return Steady()


@pytest.fixture
def sessions(tmp_path: Path, steady: Steady) -> Sessions:
    return Sessions(Voucher(b"k" * 32), Newest(tmp_path / "newest"), steady)


def test_a_code_is_for_its_purpose_and_range_and_for_ten_minutes(
    sessions: Sessions, steady: Steady
) -> None:
    _, _, session = sessions.made(ADA, None)
    sessions.grant(session, "export", MARCH)
    sessions.check_grant(session, "export", replace(MARCH, first=150))
    for purpose, wanted in (("erase", MARCH), ("export", replace(MARCH, last=201))):
        with pytest.raises(NeedsCode):
            sessions.check_grant(session, purpose, wanted)  # type: ignore[arg-type]  # of a list
    steady.now += GRANT_S
    with pytest.raises(NeedsCode):
        sessions.check_grant(session, "export", MARCH)


def test_an_export_that_was_begun_in_time_is_signed_once_also_later(
    sessions: Sessions, steady: Steady
) -> None:
    token, row, session = sessions.made(ADA, None)
    by = Caller(token, row, row)
    sessions.begin_export(session, MARCH)
    steady.now += EXPORT_S - 1
    assert sessions.is_exporting(by)
    sessions.check_begun(session, MARCH)
    assert not sessions.is_exporting(by)
    with pytest.raises(NeedsCode):
        sessions.check_begun(session, MARCH)


def test_an_export_that_hangs_holds_nothing_open(sessions: Sessions, steady: Steady) -> None:
    token, row, session = sessions.made(ADA, None)
    sessions.begin_export(session, MARCH)
    steady.now += EXPORT_S
    assert not sessions.is_exporting(Caller(token, row, row))
    with pytest.raises(NeedsCode):
        sessions.check_begun(session, MARCH)
