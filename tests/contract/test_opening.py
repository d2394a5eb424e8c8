"""Opening a record: each check alone is enough to keep it shut."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from contract import event, opening, record, sealing
from contract.chain import Point
from contract.digest import H
from contract.record import Record
from contract.trust import Certificate
from lot.errors import Damaged
from tests.contract.writers import NOON, Writer

PICTURES = {"plate": b"a plate, drawn", "vehicle": b"a vehicle, drawn"}


def opened(writer: Writer, made: Record, **changed: Any) -> opening.Opened:
    given: dict[str, Any] = {
        "data": made.signed,
        "rights": writer.rights,
        "parts": writer.sealed(made),
        "prk_of": writer.prk_of,
    }
    return opening.opened(**(given | changed))


def test_an_event_opens_with_its_pictures() -> None:
    writer = Writer()
    made = writer.an_event(PICTURES)
    found = opened(writer, made)
    assert found.record == made
    assert isinstance(found.says, event.Event)
    assert found.says.plate == "ABC1234"
    assert found.contents["picture/plate"] == PICTURES["plate"]


def test_text_opens_while_pictures_are_gone() -> None:
    writer = Writer()
    made = writer.an_event(PICTURES)
    text = {"event": writer.sealed(made)["event"]}
    assert set(opened(writer, made, parts=text).contents) == {"event"}


def test_a_later_revision_opens_with_the_picture_of_the_first() -> None:
    writer = Writer()
    first = writer.an_event(PICTURES, final=False)
    head = writer.head(id=first.head.id, revision=2)
    hashes = {name: H(data).hex() for name, data in PICTURES.items()}
    said = writer.part("event", event.encoded(writer.said(head, hashes)), head)
    second = writer.signed(head, said, *first.envelope.parts[1:])
    assert opened(writer, second).contents["picture/vehicle"] == PICTURES["vehicle"]


def test_blind_time_and_notes_open() -> None:
    writer, server = Writer(), Writer(seed=b"\x13" * 32, role="server")
    assert opened(writer, writer.blind_time()).says is not None
    head = server.head("note")
    note = server.signed(head, server.part("note", b'{"text":"open barrier","v":1}', head))
    assert opened(server, note).contents == {"note": b'{"text":"open barrier","v":1}'}


def test_a_hold_and_an_auditor_open_with_prks_what_these_open_and_no_more() -> None:
    writer = Writer()
    made, other = writer.an_event(PICTURES), writer.an_event()
    clear = {name: sealing.read(part, name=name) for name, part in writer.sealed(made).items()}
    prks = {
        name: sealing.prk_of(writer.found[one.key_id].key, one.nonce) for name, one in clear.items()
    }
    assert opened(writer, made, prk_of=opening.by_prks(prks)).says is not None
    with pytest.raises(Damaged, match="commitment"):
        opened(writer, other, prk_of=opening.by_prks(prks))
    with pytest.raises(Damaged, match="not there"):
        opened(writer, made, prk_of=opening.by_prks({"event": prks["event"]}))


@pytest.mark.parametrize(
    "rights",
    [
        lambda rights, made: replace(rights, public=Writer(seed=b"\x12" * 32).public),
        lambda rights, made: replace(rights, lot=bytes(16)),
        lambda rights, made: replace(rights, cameras=("yard",)),
        lambda rights, made: replace(rights, cameras=()),
        lambda rights, made: replace(rights, until=Point(1, bytes(32))),
        lambda rights, made: replace(rights, until=Point(2, bytes(32))),
    ],
    ids=["key", "lot", "camera", "no camera", "after it was revoked", "another last record"],
)
def test_a_record_beyond_its_writers_rights_is_refused(
    rights: Callable[[Certificate, Record], Certificate],
) -> None:
    writer = Writer()
    writer.blind_time()
    made = writer.an_event()
    with pytest.raises(Damaged):
        opening.admitted(made.signed, rights(writer.rights, made))
    assert opening.admitted(made.signed, replace(writer.rights, until=Point(2, made.c))) == made


def test_edges_send_events_blind_time_and_tombstones_and_nothing_else() -> None:
    edge = Writer()
    note = edge.head("note")
    made = edge.signed(note, edge.part("note", b"{}", note))
    with pytest.raises(Damaged, match="an edge sends no such record"):
        opening.admitted(made.signed, edge.rights)
    as_server = replace(edge.rights, role="server", lot=None, cameras=())
    assert opening.admitted(made.signed, as_server) == made


def test_the_server_writes_for_any_lot() -> None:
    server = Writer(role="server")
    made = server.an_event(lot=bytes(16), camera="desk")
    assert opening.admitted(made.signed, server.rights) == made
    assert server.rights.lot is None


def test_a_part_in_place_of_another_is_refused() -> None:
    writer = Writer()
    one, other = writer.an_event(PICTURES), writer.an_event(PICTURES)
    parts = writer.sealed(one)
    for name, stranger in [
        ("event", writer.sealed(other)["event"]),
        ("picture/plate", parts["picture/vehicle"]),
        ("picture/plate", parts["picture/plate"] + b"\0"),
        ("picture/plate", parts["picture/plate"][:-1]),
        ("picture/clip", parts["picture/plate"]),
    ]:
        with pytest.raises(Damaged):
            opened(writer, one, parts=parts | {name: stranger})


def test_a_part_that_its_writer_sealed_as_well_but_did_not_sign_is_refused() -> None:
    """Same head, name and key: nothing but the hash in the envelope tells the two apart."""
    writer = Writer()
    head = writer.head()
    signed, other = (
        writer.part("event", event.encoded(replace(writer.said(head, {}), plate=plate)), head)
        for plate in ("ABC1234", "ABC1235")
    )
    made = writer.signed(head, signed)
    with pytest.raises(Damaged, match="not the one that was signed"):
        opened(writer, made, parts={"event": writer.parts[other.hash]})


def test_a_signed_envelope_cannot_name_a_part_of_another_record() -> None:
    """Whoever has the writer's key still cannot show an old picture as today's text."""
    writer = Writer()
    one = writer.an_event(PICTURES)
    head = writer.head()
    stolen = replace(one.envelope.parts[0], head=head.hash)
    with pytest.raises(Damaged, match="commitment"):
        opened(writer, writer.signed(head, stolen))


def test_a_key_that_the_envelope_does_not_name_is_refused() -> None:
    writer = Writer()
    head = writer.head()
    part = writer.part("event", b"{}", head)
    made = writer.signed(head, replace(part, key=writer.wraps["P"].key_id))
    with pytest.raises(Damaged, match="under another key than was signed"):
        opened(writer, made)


def test_a_wrap_must_be_there_the_writers_own_and_of_the_parts_class() -> None:
    writer, other = Writer(), Writer(seed=b"\x12" * 32)
    made = writer.an_event()
    key_id = writer.wraps["T"].key_id
    of_another = opening.DayKeyFound(other.wraps["T"], writer.found[key_id].key)
    of_pictures = opening.DayKeyFound(writer.wraps["P"], writer.found[key_id].key)
    for keys in ({}, {key_id: of_another}, {key_id: of_pictures}):
        with pytest.raises(Damaged, match="wrap"):
            opened(writer, made, prk_of=opening.by_day_keys(writer.id, keys))
    with pytest.raises(Damaged, match="another writer's"):
        opened(writer, made, prk_of=opening.by_day_keys(other.id, writer.found))


def test_pictures_under_a_text_key_are_refused() -> None:
    writer = Writer()
    head = writer.head()
    wrong = sealing.DayKey(
        writer.wraps["T"].key_id, "P", writer.found[writer.wraps["T"].key_id].key
    )
    writer.day_keys["P"] = wrong
    hashes = {"plate": H(b"jpeg").hex()}
    made = writer.signed(
        head,
        writer.part("event", event.encoded(writer.said(head, hashes)), head),
        writer.part("picture/plate", b"jpeg", head),
    )
    with pytest.raises(Damaged, match="another class"):
        opened(writer, made)


@pytest.mark.parametrize(
    "change",
    [
        {"id": "01900000-0000-7000-8000-000000000000"},
        {"edge": "0" * 32},
        {"camera": "yard"},
        {"lane": "2"},
        {"sequence": 2},
        {"revision": 2},
        {"final": False},
        {"kind": "exit"},
        {"first_seen": NOON - 1},
    ],
    ids=lambda change: next(iter(change)),
)
def test_what_is_inside_agrees_with_the_head(change: dict[str, Any]) -> None:
    writer = Writer()
    head = writer.head()
    said = replace(writer.said(head, {}), **change)
    made = writer.signed(head, writer.part("event", event.encoded(said), head))
    with pytest.raises(Damaged, match="what is inside"):
        opened(writer, made)


@pytest.mark.parametrize("change", [{"camera": "yard"}, {"first": NOON + 1}])
def test_blind_time_agrees_with_its_head(change: dict[str, Any]) -> None:
    writer = Writer()
    with pytest.raises(Damaged, match="what is inside"):
        opened(writer, writer.blind_time(**change))


def test_a_note_agrees_with_its_head_in_what_it_repeats() -> None:
    server = Writer(role="server")
    for content in (b'{"text":"x","v":2}', b'{"at":1,"v":1}', b"[]", b"text", b'{"v": 1}'):
        head = server.head("note")
        made = server.signed(head, server.part("note", content, head))
        with pytest.raises(Damaged):
            opened(server, made)


@pytest.mark.parametrize("named", [{}, {"plate": H(b"jpeg").hex(), "clip": H(b"mp4").hex()}])
def test_the_event_names_its_pictures_and_no_others(named: dict[str, str]) -> None:
    writer = Writer()
    head = writer.head()
    said = writer.part("event", event.encoded(writer.said(head, named)), head)
    made = writer.signed(head, said, writer.part("picture/plate", b"jpeg", head))
    with pytest.raises(Damaged, match="not those that the event names"):
        opened(writer, made)


def test_a_picture_has_the_plain_bytes_that_the_event_names() -> None:
    writer = Writer()
    head = writer.head()
    said = writer.said(head, {"plate": H(b"another jpeg").hex()})
    made = writer.signed(
        head,
        writer.part("event", event.encoded(said), head),
        writer.part("picture/plate", b"jpeg", head),
    )
    with pytest.raises(Damaged, match="not the one that the event names"):
        opened(writer, made)


def test_a_picture_does_not_open_without_its_event() -> None:
    writer = Writer()
    made = writer.an_event(PICTURES)
    alone = {"picture/plate": writer.sealed(made)["picture/plate"]}
    with pytest.raises(Damaged, match="together with its event"):
        opened(writer, made, parts=alone)


def test_no_error_tells_what_is_inside() -> None:
    writer = Writer()
    head = writer.head()
    said = replace(writer.said(head, {}), sequence=9)
    made = writer.signed(head, writer.part("event", event.encoded(said), head))
    with pytest.raises(Damaged) as caught:
        opened(writer, made)
    assert said.plate is not None
    assert said.plate not in str(caught.value)
    assert said.plate not in repr(opened(writer, writer.an_event()))
    assert record.opened(made.signed, writer.public) == made
