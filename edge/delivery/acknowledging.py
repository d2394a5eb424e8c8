"""What an acknowledgement changes in the outbox, and what in it is a reason for alarm."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from contract import signature
from contract.audit import NOTHING_SEEN, AuditHead
from contract.canonical import INTEGER_MAX
from contract.wire import RANGES_MAX, Ack
from edge.delivery import appending
from edge.delivery.writing import Writer

Code = Literal[
    "fork",
    "rollback",
    "low_differs",
    "statement_back",
    "closed",
    "refused",
    "lost",
    "pictures_dropped",
    "unauthorised",
    "not_taken",
]

HEADS_MAX = 10_000
# A transaction holds the lock that the gate's next event waits for.
_STEP = 200
_DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that a person must know; it stays in the outbox until they do."""

    code: Code
    says: str


def acknowledge(db: sqlite3.Connection, ack: Ack, writer: Writer) -> list[Alarm]:
    """Believe what the server has, and return what is wrong with it."""
    alarms = [*_witness(db, ack), *_compare_low(db, ack)]
    (before,) = db.execute("SELECT low FROM standing").fetchone()
    db.execute("UPDATE standing SET low = ?", (ack.low,))
    _mark_whole(db, ack)
    if lost := _take_back(db, ack, writer):
        alarms.append(
            Alarm("lost", f"the server lacks {lost} records that it had; they are sent again")
        )
    if ack.low < before:
        alarms.append(Alarm("rollback", f"the server had all to {before}, now to {ack.low}"))
    return alarms


def keep_alarm(db: sqlite3.Connection, alarm: Alarm, at: int) -> None:
    db.execute(
        "INSERT INTO alarms (code, says, first, last, times) VALUES (?, ?, ?, ?, 1)"
        " ON CONFLICT (code) DO UPDATE SET says = excluded.says, last = excluded.last,"
        " times = times + 1",
        (alarm.code, alarm.says, at, at),
    )


def tell_head(db: sqlite3.Connection, told: AuditHead, at: int) -> None:
    """Keep an audit head; the newest of its node goes into the next record."""
    db.execute(
        "INSERT OR IGNORE INTO heads (node, seq, head, told) VALUES (?, ?, ?, ?)",
        (told.node, told.seq, told.head, at),
    )
    node, seq, _ = db.execute("SELECT seen_node, seen_seq, seen_head FROM standing").fetchone()
    # A lower one of the same node is what a server says that was put back. What bears witness
    # against it is the higher one.
    if told.node != node or told.seq > seq:
        db.execute(
            "UPDATE standing SET seen_node = ?, seen_seq = ?, seen_head = ?",
            (told.node, told.seq, told.head),
        )
    db.execute(
        "DELETE FROM heads WHERE told < (SELECT told FROM heads ORDER BY told DESC LIMIT 1"
        " OFFSET ?)",
        (HEADS_MAX,),
    )


def _witness(db: sqlite3.Connection, ack: Ack) -> list[Alarm]:
    told = ack.audit
    alarms = []
    others = db.execute(
        "SELECT 1 FROM heads WHERE node = ? AND seq = ? AND head <> ?",
        (told.node, told.seq, told.head),
    ).fetchone()
    if others:
        alarms.append(Alarm("fork", f"the server's audit line {told.seq} is another than before"))
    (highest,) = db.execute("SELECT max(seq) FROM heads WHERE node = ?", (told.node,)).fetchone()
    if highest is not None and told.seq < highest:
        alarms.append(
            Alarm("rollback", f"the server's audit ends at line {told.seq}, {highest} was told")
        )
    if told != NOTHING_SEEN:
        tell_head(db, told, ack.time)
    return alarms


def _compare_low(db: sqlite3.Connection, ack: Ack) -> list[Alarm]:
    if ack.low == 0:
        (public,) = db.execute("SELECT public FROM standing").fetchone()
        own = signature.chain_start(public)
    else:
        row = db.execute("SELECT c FROM records WHERE sequence = ?", (ack.low,)).fetchone()
        own = row[0] if row else b""
    if own == ack.low_hash:
        return []
    return [Alarm("low_differs", f"the server's record {ack.low} is not the one this edge wrote")]


def _mark_whole(db: sqlite3.Connection, ack: Ack) -> None:
    for first, last in ack.have:
        db.execute(
            "UPDATE parts SET state = 'sent' WHERE state = 'waiting' AND sequence IN"
            " (SELECT sequence FROM records WHERE state IN ('waiting', 'sent')"
            "  AND sequence BETWEEN ? AND ?)",
            (first, last),
        )
        db.execute(
            "UPDATE records SET state = 'whole', whole_at = ?"
            " WHERE state IN ('waiting', 'sent', 'dead') AND sequence BETWEEN ? AND ?",
            (ack.time, first, last),
        )


def _take_back(db: sqlite3.Connection, ack: Ack, writer: Writer) -> int:
    """Make ready to send what was whole and is there no longer; return how many records.

    What was let go meanwhile cannot be sent. A tombstone says so.
    """
    ends = [(0, 0), *ack.have]
    gaps = [(a[1] + 1, b[0] - 1) for a, b in pairwise(ends)]
    if len(ack.have) < RANGES_MAX:  # else it says nothing about what lies beyond
        gaps.append((ends[-1][1] + 1, INTEGER_MAX))
    taken = 0
    for first, last in gaps:
        rows = db.execute(
            "SELECT sequence, signed IS NOT NULL FROM records"
            " WHERE state = 'whole' AND sequence BETWEEN ? AND ? LIMIT ?",
            (first, last, _STEP - taken),
        ).fetchall()
        for sequence, is_here in rows:
            if is_here:
                wait_again(db, sequence)
            else:
                appending.entomb(db, writer, sequence, "lost")
        taken += len(rows)
    return taken


def wait_again(db: sqlite3.Connection, sequence: int) -> None:
    """Send a record once more, with all of its parts that are still here."""
    db.execute(
        "UPDATE records SET state = 'waiting', whole_at = NULL WHERE sequence = ?", (sequence,)
    )
    db.execute(
        "UPDATE parts SET state = 'waiting' WHERE sequence = ? AND state = 'sent'", (sequence,)
    )


def expire(db: sqlite3.Connection, server_time: int) -> None:
    """Let go what the server has had whole for `keep_days`, by its own clock."""
    (keep_days,) = db.execute("SELECT keep_days FROM standing").fetchone()
    due = server_time - keep_days * _DAY_US
    rows = db.execute(
        "SELECT sequence FROM records WHERE state = 'whole' AND signed IS NOT NULL"
        " AND whole_at <= ? ORDER BY sequence LIMIT ?",
        (due, _STEP),
    ).fetchall()
    for (sequence,) in rows:
        appending.let_go(db, sequence)
    db.execute(
        "DELETE FROM parts WHERE sealed IS NULL AND sequence IN (SELECT sequence FROM records"
        " WHERE state = 'whole' AND signed IS NULL AND whole_at <= ?)",
        (due,),
    )
    db.execute("DELETE FROM wraps WHERE key NOT IN (SELECT key FROM parts)")
