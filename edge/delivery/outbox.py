"""The outbox: an event is on the disk, numbered, chained and signed, when `add` returns.

Number, chain, signature and storing are one transaction, also between processes: so a power cut
never makes two records of one number, and no number is left out.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, replace

from contract import record, signature
from contract.audit import NOTHING_SEEN, AuditHead
from contract.blind import Blind
from contract.event import Event
from contract.sealing import sealed_size
from contract.wire import KEEP_DAYS_MAX, Ack
from edge.delivery import acknowledging, appending, leaving
from edge.delivery.acknowledging import Alarm
from edge.delivery.journal import Journal
from edge.delivery.leaving import ANY, Leaving, Taking
from edge.delivery.room import Room, make_room, superseded_go
from edge.delivery.tables import Connection
from edge.delivery.writing import Writer, kept_named
from lot.errors import Refused

# Of an envelope and its rows: the text of an event has a tenth of it.
_RECORD_BYTES = 16 * 1024


@dataclass(frozen=True, slots=True)
class Counts:
    """How much lies where, for metrics and the doctor."""

    waiting: int  # records that the server has not
    pictures_waiting: int
    unfinished: int  # records that are there without all of their pictures
    last: int  # the newest record's number
    is_closed: bool


@dataclass(frozen=True, slots=True)
class Newest:
    """The last revision of an event that is kept."""

    revision: int
    final: bool


@dataclass(frozen=True, slots=True)
class Told:
    """An audit head that the server told, and when by its clock."""

    head: AuditHead
    at: int


class Outbox:
    """One process's way to the outbox; several processes may have one each."""

    def __init__(
        self, room: Room, writer: Writer, public: bytes, journal: Journal | None = None
    ) -> None:
        """What is kept is also noted in `journal`, in the same transaction."""
        self._journal = journal
        self._room = room
        self._writer = writer
        self._connection = Connection(room.path)
        self._found(public)

    def close(self) -> None:
        self._connection.close()

    def add(self, said: Event, pictures: Mapping[str, bytes]) -> int:
        """Seal and keep one revision of an event; its number once it is on the disk.

        Pictures for which there is no room even after others went are given up at once, and a
        tombstone says so: the text is kept.
        """
        more = _RECORD_BYTES + sum(sealed_size("picture/any", len(p)) for p in pictures.values())
        with self._connection.writing() as db:
            fits = make_room(db, self._room, more, self._writer)
            kept = appending.kept_of(db, said.id)
            written = self._writer.event(said, pictures, appending.place(db), kept)
            dropped = [] if fits else [one for one in written.sealed if one.mark]
            sequence = appending.append(db, written, without=dropped)
            if dropped:
                hashes = [one.named.hash for one in dropped]
                appending.entomb(db, self._writer, sequence, "quota", hashes)
            superseded_go(db, said.id, written.record.envelope.parts)
            if self._journal is not None:
                noted = replace(said, sequence=sequence)
                self._journal.note(db, noted, pictures, self._writer.now)
        return sequence

    def add_blind(self, said: Blind) -> int:
        """Seal and keep blind time; its number once it is on the disk."""
        with self._connection.writing() as db:
            make_room(db, self._room, _RECORD_BYTES, self._writer)
            return appending.append(db, self._writer.blind(said, appending.place(db)))

    def next_batch(self, taking: Taking = ANY) -> Leaving | None:
        """Return what to send now, None where nothing waits."""
        with self._connection.reading() as db:
            return leaving.next_batch(db, taking)

    def sent(self, batch: Leaving) -> None:
        """Note that the server has taken a batch."""
        with self._connection.writing() as db:
            db.executemany(
                "UPDATE records SET state = 'sent' WHERE sequence = ? AND state = 'waiting'",
                [(one,) for one in batch.sequences],
            )
            db.executemany(
                "UPDATE parts SET state = 'sent' WHERE sequence = ? AND mark = x''"
                " AND state = 'waiting'",
                [(one,) for one in batch.sequences],
            )
            db.executemany(
                "UPDATE parts SET state = 'sent' WHERE hash = ? AND state = 'waiting'",
                [(one,) for one in batch.pictures],
            )

    def acknowledge(self, ack: Ack) -> list[Alarm]:
        """Believe what the server has; return what about it is alarming, which is kept too."""
        with self._connection.writing() as db:
            alarms = acknowledging.acknowledge(db, ack, self._writer)
            for alarm in alarms:
                acknowledging.keep_alarm(db, alarm, ack.time)
        return alarms

    def expire(self, server_time: int) -> None:
        """Let go what the server has had for long enough."""
        with self._connection.writing() as db:
            acknowledging.expire(db, server_time)

    def refused(self, sequence: int) -> bool:
        """Bury a record that the server will never take; say whether a tombstone tells of it.

        None tells of a tombstone: who refuses one would refuse the next.
        """
        with self._connection.writing() as db:
            row = db.execute(
                "SELECT state, EXISTS (SELECT 1 FROM parts WHERE parts.sequence = r.sequence)"
                " FROM records r WHERE sequence = ?",
                (sequence,),
            ).fetchone()
            if row is None or row[0] == "dead":
                return False
            if row[1]:
                appending.entomb(db, self._writer, sequence, "refused")
            else:
                db.execute("UPDATE records SET state = 'dead' WHERE sequence = ?", (sequence,))
            return bool(row[1])

    def send_again(self, batch: Leaving | None = None) -> int:
        """Make what was sent wait again: a batch's records, or all that never became whole."""
        with self._connection.writing() as db:
            if batch is None:
                rows = db.execute("SELECT sequence FROM records WHERE state = 'sent'").fetchall()
                sequences = {n for (n,) in rows}
            else:
                sequences = {
                    n
                    for part in batch.pictures
                    for (n,) in db.execute("SELECT sequence FROM parts WHERE hash = ?", (part,))
                }
            for sequence in sequences:
                acknowledging.wait_again(db, sequence)
        return len(sequences)

    def close_chain(self) -> None:
        """Note that the server takes nothing of this chain any more."""
        with self._connection.writing() as db:
            db.execute("UPDATE standing SET closed = 1")

    def keep_days(self, days: int) -> None:
        with self._connection.writing() as db:
            db.execute("UPDATE standing SET keep_days = ?", (days,))

    def alarm(self, alarm: Alarm, at: int) -> None:
        with self._connection.writing() as db:
            acknowledging.keep_alarm(db, alarm, at)

    def alarms(self) -> list[Alarm]:
        """Return what a person must know, by code."""
        with self._connection.reading() as db:
            rows = db.execute("SELECT code, says FROM alarms ORDER BY code").fetchall()
        return [Alarm(code, says) for code, says in rows]

    def forget_alarms(self) -> None:
        """Forget what a person has seen; what goes on comes again."""
        with self._connection.writing() as db:
            db.execute("DELETE FROM alarms")

    def tell_head(self, head: AuditHead, at: int) -> None:
        """Keep the audit head that enrolment told: the first to bear witness of."""
        if head != NOTHING_SEEN:
            with self._connection.writing() as db:
                acknowledging.tell_head(db, head, at)

    def witness(self) -> list[Told]:
        """Return every audit head that the server told, the oldest first."""
        with self._connection.reading() as db:
            rows = db.execute("SELECT node, seq, head, told FROM heads ORDER BY told, seq")
            return [Told(AuditHead(node, seq, head), told) for node, seq, head, told in rows]

    def newest_of(self, event_id: str) -> Newest | None:
        """Return the last revision of an event; None where nothing of it was kept.

        One whose bytes were let go is taken for final: that is a week after it was delivered.
        """
        with self._connection.reading() as db:
            row = db.execute(
                "SELECT revision, signed FROM records WHERE id = ? ORDER BY revision DESC LIMIT 1",
                (event_id,),
            ).fetchone()
        if row is None:
            return None
        revision, signed = row
        final = signed is None or record.decoded(signature.parted(signed)[0]).head.final
        return Newest(revision, final)

    def still_known(self, event_id: str, pictures: Mapping[str, str]) -> dict[str, str]:
        """Return those of an event's pictures that a further revision may name without bringing.

        Of what the server had for long, and of what a better one replaced, nothing is known.
        """
        with self._connection.reading() as db:
            kept = appending.kept_of(db, event_id)
        return {name: one for name, one in pictures.items() if kept_named(name, one, kept)}

    def counts(self) -> Counts:
        with self._connection.reading() as db:
            return Counts(
                waiting=_count(db, "records WHERE state = 'waiting'"),
                pictures_waiting=_count(db, "parts WHERE state = 'waiting' AND mark <> x''"),
                unfinished=_count(db, "records WHERE state = 'sent'"),
                last=appending.place(db).sequence - 1,
                is_closed=bool(db.execute("SELECT closed FROM standing").fetchone()[0]),
            )

    def changes(self) -> int:
        """Return a number that differs once another process has written."""
        return self._connection.changes()

    def _found(self, public: bytes) -> None:
        """Begin a chain, or go on with the one that is there if it is this key's."""
        with self._connection.writing() as db:
            row = db.execute("SELECT public FROM standing").fetchone()
            if row is None:
                seen = NOTHING_SEEN
                db.execute(
                    "INSERT INTO standing VALUES (1, ?, 0, ?, ?, ?, ?, 0)",
                    (public, seen.node, seen.seq, seen.head, KEEP_DAYS_MAX),
                )
        if row is not None and row[0] != public:
            raise Refused(
                f"{self._room.path} holds the records of another edge's key",
                then="enrol with --anew, which puts it aside",
            )


def _count(db: sqlite3.Connection, of: str) -> int:
    return int(db.execute(f"SELECT count(*) FROM {of}").fetchone()[0])  # noqa: S608 - our own words
