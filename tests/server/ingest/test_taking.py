"""What edges send is stored whole or not at all, once, and acknowledged when it is durable."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from contract import audit, wire
from contract.audit import AuditHead, Low
from contract.chain import Point
from contract.head import Tombstone
from contract.record import Record
from contract.wire import Ack, Batch, Start
from server.ingest.refusals import (
    CameraUnknown,
    Equivocation,
    NeverTaken,
    NotTaken,
    QuotaFull,
    Revoked,
    Unreadable,
)
from server.store import alarms, settled
from server.store.tables import audit_lines, conflicts, records, tables
from tests.contract.writers import LOT, NOON, Writer
from tests.server.ingest.house import NODE, STATE_KEY, Served

PICTURE = {"plate": b"jpeg" * 500}


def rows(served: Served) -> dict[str, int]:
    with served.database.read() as read:
        return {
            one.name: read.scalar(select(func.count()).select_from(one)) or 0
            for one in tables.sorted_tables
        }


def test_a_batch_is_stored_and_acknowledged(served_on_each: Served) -> None:
    served, edge = served_on_each, served_on_each.edge
    made = [edge.an_event(PICTURE), edge.an_event(), edge.blind_time()]
    ack = served.send(*made)
    assert (ack.have, ack.low, ack.low_hash) == (((1, 3),), 3, made[-1].c)
    assert (ack.statement, ack.time, ack.clock) == (1, NOON, "ntp")
    with served.database.read() as read:
        kept = read.execute(select(records).order_by(records.c.sequence)).all()
    assert [row.envelope + row.signature for row in kept] == [one.signed for one in made]
    for part in made[0].envelope.parts:
        assert served.wraps.get(LOT, part.key) is not None
    picture = next(part for part in made[0].envelope.parts if part.name == "picture/plate")
    assert served.pictures.get(LOT, picture.hash) == edge.parts[picture.hash]


def test_the_same_again_is_acknowledged_and_not_stored(served_on_each: Served) -> None:
    served = served_on_each
    made = served.edge.an_event(PICTURE)
    first = served.send(made)
    before = rows(served)
    assert served.send(made) == first
    assert served.send(made, ingest=served.another()) == first
    assert rows(served) == before


def test_live_runs_overtake_a_backlog(served: Served) -> None:
    made = [served.edge.an_event() for _ in range(6)]
    assert served.send(*made[4:]).have == ((5, 6),)
    assert served.send(*made[2:3]).have == ((3, 3), (5, 6))
    ack = served.send(*made[:2])
    assert (ack.have, ack.low, ack.low_hash) == (((1, 3), (5, 6)), 3, made[2].c)
    assert served.send(made[3]).have == ((1, 6),)


def test_a_record_is_whole_when_its_picture_came(served_on_each: Served) -> None:
    served, edge = served_on_each, served_on_each.edge
    made = edge.an_event(PICTURE)
    text, picture = sorted(served.sealed(made), key=len)
    wraps = list(edge.wraps.values())
    assert served.batch([made], [text], wraps).have == ()
    assert served.batch([], [picture]).have == ((1, 1),)


def test_a_part_that_no_higher_revision_names_is_not_waited_for(served: Served) -> None:
    edge = served.edge
    first = edge.an_event(PICTURE, final=False)
    text, _ = sorted(served.sealed(first), key=len)
    assert served.batch([first], [text], list(edge.wraps.values())).have == ()
    second = edge.an_event(id=first.head.id, revision=2)
    assert served.send(second).have == ((1, 2),)


def test_an_earlier_revision_waits_for_what_a_later_one_names(served: Served) -> None:
    """Whatever order they come in: the live revision overtook the first one here."""
    edge = served.edge
    first = edge.an_event(PICTURE, final=False)
    text, picture = sorted(served.sealed(first), key=len)
    again = next(part for part in first.envelope.parts if part.name == "picture/plate")
    head = edge.head(id=first.head.id, revision=2)
    second = edge.signed(head, edge.part("event", b"{}", head), again)
    wraps = list(edge.wraps.values())
    assert served.batch([second], served.sealed(second), wraps).have == ()
    assert served.batch([first], [text]).have == ()
    assert served.batch([], [picture]).have == ((1, 2),)


def test_a_tombstone_stands_for_what_never_comes(served: Served) -> None:
    edge = served.edge
    lost, kept = edge.an_event(), edge.an_event(PICTURE)
    head = edge.head("tombstone", gone=Tombstone(1, lost.c, None, "refused"))
    text, _ = sorted(served.sealed(kept), key=len)
    first = edge.signed(head)
    assert served.batch([kept, first], [text], list(edge.wraps.values())).have == ((1, 1), (3, 3))
    gone = next(part.hash for part in kept.envelope.parts if part.name == "picture/plate")
    head = edge.head("tombstone", gone=Tombstone(2, kept.c, (gone,), "quota"))
    assert served.send(edge.signed(head)).have == ((1, 4),)


def test_two_processes_take_one_edge_s_batches_by_turns(served_on_each: Served) -> None:
    served = served_on_each
    other = served.another()
    made = [served.edge.an_event() for _ in range(6)]
    for number, one in enumerate(made):
        ack = served.send(one, ingest=other if number % 2 else None)
        assert ack.have == ((1, number + 1),)
    assert served.send(made[0], ingest=served.another()).have == ((1, 6),)


def twin(edge: Writer) -> Writer:
    """Return the edge whose state folder was copied."""
    copied = Writer()
    copied.sequence, copied.prev = edge.sequence, edge.prev
    return copied


@pytest.mark.parametrize("case", ["number", "prev", "revision"])
def test_a_forked_chain_is_closed_and_both_are_kept(served_on_each: Served, case: str) -> None:
    served, edge = served_on_each, served_on_each.edge
    first = edge.an_event()
    served.send(first)
    copied = twin(edge)
    made: list[Record] = [edge.an_event(kind="exit")]
    served.send(*made)
    if case == "number":
        wrong = copied.an_event(kind="seen")
    elif case == "prev":
        copied.an_event(kind="seen")
        wrong = copied.an_event()
    else:
        wrong = edge.an_event(id=first.head.id)
    edge.parts.update(copied.parts)
    with pytest.raises(Equivocation):
        served.batch([wrong], served.sealed(wrong))
    with served.database.read() as read:
        assert read.scalars(select(conflicts.c.c)).all() == [wrong.c]
        assert [one.kind for one in alarms.standing(read, LOT)] == ["equivocation"]
        assert read.scalars(select(audit_lines.c.act)).all() == ["alarm"]
    with pytest.raises(Equivocation):
        served.send(*made)
    assert rows(served)["records"] == 2


def test_a_tombstone_of_another_record_is_a_fork(served: Served) -> None:
    served.send(served.edge.an_event())
    head = served.edge.head("tombstone", gone=Tombstone(1, bytes(32), None, "lost"))
    with pytest.raises(Equivocation):
        served.send(served.edge.signed(head))


def test_without_a_right_signature_nothing_is_closed(served: Served) -> None:
    made = served.edge.an_event()
    served.send(made)
    forged = replace(served.edge.an_event(), signature=bytes(64))
    with pytest.raises(NeverTaken) as refused:
        served.send(forged)
    assert (refused.value.sequence, rows(served)["conflicts"]) == (2, 0)


def test_a_camera_that_is_not_certified_waits(served: Served) -> None:
    made = served.edge.an_event(camera="yard")
    with pytest.raises(CameraUnknown):
        served.send(made)
    assert rows(served)["records"] == 0
    rights = served.edge.rights
    served.certify(replace(rights, cameras=("gate", "yard"), n=rights.n + 1))
    assert served.send(made).have == ((1, 1),)


def test_a_revoked_edge_s_later_records_are_not_taken(served: Served) -> None:
    made = [served.edge.an_event() for _ in range(3)]
    served.send(*made[:1])
    rights = served.edge.rights
    until = Point(2, made[1].c)
    served.certify(replace(rights, until=until, n=rights.n + 1))
    assert served.send(made[1]).have == ((1, 2),)
    with pytest.raises(Revoked):
        served.send(made[2])


def test_a_stranger_is_not_let_in(served: Served) -> None:
    with pytest.raises(Revoked):
        served.ingest.batch(bytes(16), wire.batch_encoded(Batch()))


def test_the_quota_of_a_day_waits_and_ends(served: Served) -> None:
    served.database.write(
        lambda write: write.execute(tables.tables["writers"].update().values(day_bytes_max=9_000))
    )
    first, second = served.edge.an_event(PICTURE), served.edge.an_event(PICTURE)
    served.send(first)
    assert served.send(first).have == ((1, 1),)  # what is there costs nothing
    with pytest.raises(QuotaFull):
        served.send(second)
    served.clock.now += 86_400_000_001
    assert served.send(second).have == ((1, 2),)


def test_what_no_record_names_is_refused(served: Served) -> None:
    edge = served.edge
    made, other = edge.an_event(PICTURE), edge.an_event(PICTURE)
    with pytest.raises(NeverTaken) as part:
        served.batch([made], served.sealed(other), list(edge.wraps.values()))
    assert part.value.sequence is None
    with pytest.raises(NeverTaken):
        served.send(made, wraps=False)
    assert set(rows(served).values()) <= {0, 1}
    assert rows(served)["records"] == 0


@pytest.mark.parametrize("data", [b"", b"LKB1", b"LKB1" + bytes(11)])
def test_what_is_no_batch_is_unreadable(served: Served, data: bytes) -> None:
    with pytest.raises(Unreadable):
        served.ingest.batch(served.edge.id, data)


def test_all_or_nothing(served: Served) -> None:
    good, bad = served.edge.an_event(PICTURE), served.edge.an_event(camera="yard")
    before = rows(served)
    with pytest.raises(NotTaken):
        served.send(good, bad)
    assert rows(served) == before
    assert list(served.pictures.walk()) == []


def ack_after(served: Served, seen: AuditHead) -> Ack:
    head = served.edge.head()
    content = served.edge.part("event", b"{}", head)
    return served.send(served.edge.signed(head, content, seen=seen))


def test_a_witness_of_lines_that_are_not_here_alarms_once_and_delivery_goes_on(
    served: Served,
) -> None:
    for number in (1, 2):
        ack = ack_after(served, AuditHead(NODE, 9, b"\x01" * 32))
        assert ack.low == number
    with served.database.read() as read:
        assert [one.kind for one in alarms.standing(read, LOT)] == ["audit_rollback"]


def test_a_witness_of_another_line_is_a_fork(served: Served) -> None:
    served.ingest.lows()
    ack_after(served, AuditHead(NODE, 1, b"\x01" * 32))
    with served.database.read() as read:
        assert [one.kind for one in alarms.standing(read, LOT)] == ["audit_fork"]


def test_a_witness_of_our_own_line_says_nothing(served: Served) -> None:
    served.ingest.lows()
    head = served.send(served.edge.an_event()).audit
    assert (head.node, head.seq) == (NODE, 1)
    ack_after(served, head)
    with served.database.read() as read:
        assert alarms.standing(read, LOT) == []


def test_an_hourly_low_stands_in_clear(served: Served) -> None:
    made = served.edge.an_event()
    served.send(made)
    served.ingest.lows()
    with served.database.read() as read:
        (row,) = read.execute(select(audit_lines)).all()
    assert audit.detail_decoded(row.act, row.detail) == Low(served.edge.id, 1, made.c)


def test_what_people_settled_travels_with_the_ack(served: Served) -> None:
    event = served.edge.an_event()
    served.database.write(lambda write: settled.put(write, LOT, event.head.id, "out", NOON))
    assert served.send(event).settled == ((event.head.id, "out"),)


def test_a_start_gives_the_state_key_to_the_edge_that_signs(served: Served) -> None:
    asked = wire.start_signed(Start(served.edge.id, NOON), served.edge.key)
    answer = served.ingest.start(served.edge.id, asked)
    started = wire.started_decoded(answer, ask=wire.asked(asked), edge=served.edge.id)
    assert (started.state_key, started.keep_days, started.ack.low) == (STATE_KEY, 7, 0)
    assert started.ack.low_hash == served.start_c
    stranger = Writer(b"\x33" * 32)
    with pytest.raises(Unreadable):
        served.ingest.start(served.edge.id, wire.start_signed(Start(stranger.id, 1), stranger.key))


def test_a_crash_between_file_and_row_leaves_what_is_swept(served: Served) -> None:
    made = served.edge.an_event(PICTURE)
    served.send(made)
    served.pictures.put(LOT, b"\x01" * 32, b"no row came")
    assert served.ingest.sweep(older_than=2.0**40) == 1
    assert len(list(served.pictures.walk())) == rows(served)["pictures"] == 1
