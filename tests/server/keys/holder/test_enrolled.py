"""An edge is enrolled over the real socket; what it seals is opened for who may see it."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from contract import grant, tokens, trust
from contract.audit import NOTHING_SEEN
from contract.chain import Point
from lot.errors import Damaged, Refused, WrongCode
from server.index.asked import PlateAsked, Query
from server.index.counted import Span
from server.keys.holder import calls, refusals
from tests.contract.writers import AN_EVENT, LOT, Writer
from tests.server.keys.holder.edges import Edge, enrolled, request
from tests.server.keys.holder.running import House, house


@pytest.fixture
def home(tmp_path: Path) -> Iterator[House]:
    with house(tmp_path) as found:
        yield found


def test_an_edge_that_knows_the_code_is_taken_in_once(home: House) -> None:
    owner, edge = home.owner(), Writer()
    found, welcome = enrolled(home, owner, edge)

    assert welcome.certificate.writer == edge.id == found.writer
    assert tokens.token(welcome.token.text).hash == found.token_hash
    assert b"a certificate".hex().encode() not in found.api.box
    with pytest.raises(Refused):  # a key that is known already
        enrolled(home, owner, edge)


def test_what_opens_an_edge_is_given_out_to_nobody(home: House) -> None:
    owner, edge = home.owner(), Writer()
    found, _ = enrolled(home, owner, edge)

    (row,) = home.keyholder.rows_open(calls.RowsOpen(owner, LOT, (found.api,)))

    assert isinstance(row, calls.PlainRow)
    assert row.content == b'{"certificate":"' + b"a certificate".hex().encode() + b'"}'
    assert b"an-api-token" not in row.content


def test_a_grant_is_for_the_edge_of_a_lot_one_work_and_one_nonce(home: House) -> None:
    owner, edge, nonce = home.owner(), Writer(), b"n" * 16
    found, welcome = enrolled(home, owner, edge)
    vault, server = trust.pack_own(home.founding.trust_pack).vault_sign, welcome.certificate.server

    def granted(lot: bytes = LOT, certificate: bytes = found.certificate) -> bytes:
        asked = calls.GrantEdge(owner, lot, certificate, "live", nonce)
        return home.keyholder.grant_edge(asked)

    given = granted()
    one = grant.opened(given, vault, server=server, edge=edge.id, work="live")
    assert one.nonce == nonce
    with pytest.raises(Damaged, match="other work"):
        grant.opened(given, vault, server=server, edge=edge.id, work="read")
    with pytest.raises(refusals.NotAllowed, match="no edge of the lot"):
        granted(b"o" * 16)
    altered = trust.certificate_encoded(welcome.certificate, edge.key)
    with pytest.raises(Damaged):
        granted(LOT, altered)
    until = Point(0, bytes(32))
    revoked = calls.Certify(owner, found.certificate, ("gate",), until)
    with pytest.raises(refusals.NotAllowed, match="no edge of the lot"):
        granted(LOT, home.keyholder.certify(revoked).certificate)
    home.keyholder.lock(owner)
    with pytest.raises((refusals.Locked, refusals.KeyholderAway)):
        granted()


def test_five_that_do_not_know_the_code_burn_it(home: House) -> None:
    code = home.keyholder.invite(calls.Invite(home.owner(), LOT, ("gate",))).code
    right, _ = request(home, code, Writer())
    for _ in range(5):
        with pytest.raises(WrongCode):
            home.keyholder.enrol(calls.Enrol(right[:-32] + bytes(32), NOTHING_SEEN))

    with pytest.raises(WrongCode):
        home.keyholder.enrol(calls.Enrol(right, NOTHING_SEEN))


def test_a_record_is_opened_as_signed_and_found_in_the_index(home: House) -> None:
    owner, edge = home.owner(), Edge()
    found, _ = enrolled(home, owner, edge)
    edge.under(home)
    made = edge.an_event({"plate": b"a picture"})
    sealed = calls.SealedRecord(
        made.signed,
        found.certificate,
        tuple(wrap.data for wrap in edge.wraps.values()),
        edge.sealed(made),
    )

    (opened,) = home.keyholder.open(calls.Open(owner, (sealed,)))

    assert opened.fault is None
    assert opened.contents["picture/plate"] == b"a picture"
    altered = replace(sealed, record=made.signed[:-1] + bytes([made.signed[-1] ^ 1]))
    (refused,) = home.keyholder.open(calls.Open(owner, (altered,)))
    assert refused.fault is not None
    assert not refused.contents

    home.keyholder.index_begin({LOT: "UTC"})
    faults = home.keyholder.index_add(calls.IndexAdd(LOT, (sealed, altered)))
    assert [number for number, _ in faults] == [1]
    assert AN_EVENT.plate is not None
    asked = calls.SearchEvents(owner, Query(plate=PlateAsked(AN_EVENT.plate)))
    assert [row.id for row in home.keyholder.search_events(asked).rows] == [made.head.id]
    visit = home.keyholder.visit(calls.OneVisit(owner, LOT, made.head.id))
    assert [row.visit.entry for row in visit.rows] == [made.head.id]
    day = Span(AN_EVENT.at - 1, AN_EVENT.at + 1, 2)
    (counted,) = home.keyholder.statistics(calls.CountUp(owner, LOT, day)).slices
    assert (counted.entries, counted.exits) == (1, 0)


def test_a_session_looks_no_faster_than_people_do(home: House) -> None:
    owner = home.owner()
    nothing = calls.SealedRecord(b"", b"", (), {})
    with pytest.raises(refusals.TooFast):
        home.keyholder.open(calls.Open(owner, (nothing,) * 3001))


def test_a_days_segment_goes_out_sealed_and_is_found_in_after_an_unlock(home: House) -> None:
    owner, edge = home.owner(), Edge()
    found, _ = enrolled(home, owner, edge)
    edge.under(home)
    made = edge.an_event({})
    wraps = tuple(wrap.data for wrap in edge.wraps.values())
    sealed = calls.SealedRecord(made.signed, found.certificate, wraps, edge.sealed(made))
    home.keyholder.index_begin({LOT: "UTC"})
    home.keyholder.index_add(calls.IndexAdd(LOT, (sealed,)))
    (day,) = home.keyholder.segments_due(LOT)
    out = home.keyholder.segment_out(LOT, day)
    assert home.keyholder.segments_due(LOT) == (day,)  # it is not on the disk yet
    home.keyholder.segment_written(calls.SegmentWritten(LOT, day, out.generation))
    assert home.keyholder.segments_due(LOT) == ()
    (before,) = home.keyholder.index_state(LOT, (day,))
    assert AN_EVENT.plate is not None
    assert AN_EVENT.plate.encode() not in out.sealed
    home.keyholder.lock(owner)

    owner = home.owner(1)
    home.keyholder.index_begin({LOT: "UTC"})
    these = (
        calls.DaySegment(day + 1, out),
        calls.DaySegment(day, out),
        calls.DaySegment(day, replace(out, generation=out.generation - 1)),
        calls.DaySegment(day, replace(out, sealed=out.sealed[:-1] + b"?")),
    )
    wrong = home.keyholder.segments_in(calls.SegmentsIn(LOT, these))
    assert [number for number, _ in wrong] == [0, 2, 3]

    assert home.keyholder.index_state(LOT, (day,)) == (before,)
    asked = calls.SearchEvents(owner, Query(plate=PlateAsked(AN_EVENT.plate)))
    assert [row.id for row in home.keyholder.search_events(asked).rows] == [made.head.id]
    home.keyholder.day_dropped(LOT, day)
    assert home.keyholder.search_events(asked).rows == ()
