"""What ingest acknowledges as whole is what the contract's chain says of the same records."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from contract import record, sealing
from contract.chain import Chain, link
from contract.head import Erased, Tombstone
from contract.record import Part, Record
from server.retention.running import Gone
from server.store.database import Database
from server.store.tables import pictures, records, texts
from tests.contract.writers import LOT, Writer
from tests.server.databases import Server
from tests.server.records.test_writing import Office

WORDS = ("plain", "pictured", "again", "without", "lost", "part", "blind", "pictured", "lost")


def written(edge: Writer, words: list[str], random: Random) -> list[Record]:
    """Let the edge write a record a word."""
    made: list[Record] = []
    for word in words:
        events = [one for one in made if one.head.type == "event"]
        shown = [one for one in events if pictures_of(one)]
        if word in ("again", "without") and shown:
            made.append(revised(edge, made, random.choice(shown), again=word == "again"))
        elif word == "lost" and made:
            of = random.choice(made)
            made.append(buried(edge, of, None))
        elif word == "part" and shown:
            of = random.choice(shown)
            made.append(buried(edge, of, (pictures_of(of)[0].hash,)))
        elif word == "blind":
            made.append(edge.blind_time())
        else:
            made.append(edge.an_event({"plate": b"jpeg"} if word == "pictured" else {}))
    return made


def revised(edge: Writer, made: list[Record], of: Record, *, again: bool) -> Record:
    """Write the next revision, which names the pictures again or does without."""
    revision = max(one.head.revision for one in made if one.head.id == of.head.id) + 1
    head = edge.head(id=of.head.id, revision=revision)
    named = pictures_of(of) if again else []
    return edge.signed(head, edge.part("event", b"{}", head), *named)


def buried(edge: Writer, of: Record, parts: tuple[bytes, ...] | None) -> Record:
    gone = Tombstone(of.head.sequence, of.c, parts, "quota")
    return edge.signed(edge.head("tombstone", gone=gone))


def pictures_of(one: Record) -> list[Part]:
    return [part for part in one.envelope.parts if sealing.pictured(part.name) is not None]


def deliveries(
    edge: Writer, made: list[Record], random: Random
) -> Iterator[tuple[list[Record], list[bytes]]]:
    """Yield runs in any order, with their texts; pictures come with them, later or never."""
    waiting: list[bytes] = []
    cuts = sorted(random.sample(range(len(made) + 1), random.randint(0, len(made))))
    runs = [made[a:b] for a, b in zip([0, *cuts], [*cuts, len(made)], strict=True) if a < b]
    random.shuffle(runs)
    for run in runs:
        carried = []
        for one in run:
            for part in one.envelope.parts:
                is_own = part.head == one.head.hash
                if sealing.pictured(part.name) is None or (is_own and random.random() < 0.5):
                    carried.append(edge.parts[part.hash])
                elif is_own and random.random() < 0.8:
                    waiting.append(edge.parts[part.hash])
        yield run, carried
    random.shuffle(waiting)
    for part_bytes in waiting:
        yield [], [part_bytes]


def chain_says(office: Office, erased: list[Erased]) -> tuple[tuple[int, int], ...]:
    """Return what the contract's chain says of the rows as they lie."""
    edge = office.served.edge
    with office.served.database.read() as read:
        mine = (records.c.lot == LOT, records.c.writer == edge.id)
        rows = read.execute(select(records.c.envelope, records.c.signature).where(*mine)).all()
        there = set(read.scalars(select(texts.c.hash))) | set(read.scalars(select(pictures.c.hash)))
    found = [record.opened(row.envelope + row.signature, edge.public) for row in rows]
    named = {part.hash for one in found for part in one.envelope.parts}
    chain = Chain(edge.public, map(link, found), erased=erased, missing=named - there)
    return tuple(chain.have())


def an_erasure(made: list[Record], last: int) -> Erased:
    run = made[:last]
    return Erased(run[0].head.edge, (), 1, last, run[0].envelope.prev, run[-1].c, last)


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.sampled_from(WORDS), min_size=6, max_size=14),
    st.randoms(use_true_random=False),
    st.booleans(),
)
def test_ingest_acknowledges_what_the_chain_says_is_whole(
    database_servers: Callable[[str], Server],
    tmp_path_factory: pytest.TempPathFactory,
    words: list[str],
    random: Random,
    erases: bool,
) -> None:
    with closing(Database.open(database_servers("sqlite").new())) as database:
        office = Office(database, tmp_path_factory.mktemp("progress") / "state")
        served, edge = office.served, office.served.edge
        made, erased = written(edge, words, random), list[Erased]()
        wraps = list(edge.wraps.values())
        sent: list[Record] = []
        for number, (run, carried) in enumerate(deliveries(edge, made, random)):
            keys = {part.key for one in run for part in one.envelope.parts}
            named = [one for one in wraps if one.key_id in keys]
            ack = served.batch(run, carried, named, served.another() if number % 3 == 2 else None)
            assert ack.have == chain_says(office, erased)
            sent += run
            if erases and not erased and len(sent) == len(made):
                gone = an_erasure(made, random.randint(1, len(made)))
                database.write(partial(office.writing.erasures, gone=[Gone(LOT, gone)]))
                erased.append(gone)
        assert served.batch([], []).have == chain_says(office, erased)
        assert served.batch([], [], None, served.another()).have == chain_says(office, erased)
