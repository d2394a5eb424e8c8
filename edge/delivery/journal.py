"""What was said lately, sealed: for who asks after a plate, and for who must be told.

It lies in the outbox's file and is written in its transactions, so nothing that was kept is
missing here. Rows are sealed under a key that each start draws. That key lies beside them only
under the state key, which the server gives: until it came, a power cut makes them unreadable, as
the disk of a stolen edge must be.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from contract import event
from contract.event import Event
from edge.delivery.tables import Connection
from lot.errors import Damaged
from lot.settings import Variables

ROWS_MAX = 50_000  # a week of the busiest lot; beyond it the oldest go, told or not
_SWEPT = 200  # rows a note, so that none of them is slow
_ID_BYTES = 8
_NONCE_BYTES = 12
_ROW, _KEY = b"lot/said/1", b"lot/said-key/1"
# The one picture that goes with what is told: of the vehicle, else the whole frame.
_TOLD_PICTURES = ("vehicle", "frame")


@dataclass(frozen=True, slots=True)
class Said:
    """One revision of an event, as it was kept, with its place in the order of saying."""

    n: int
    event: Event
    picture: bytes = field(repr=False)  # a JPEG; empty where there is none


@dataclass(frozen=True, slots=True)
class Batch:
    """What was said up to a place."""

    said: tuple[Said, ...]
    upto: int


@dataclass(frozen=True, slots=True)
class Keeps:
    """How long rows are kept, and whether with a picture."""

    memory: timedelta
    pictures: bool = False


def keeps_from(values: Mapping[str, str]) -> Keeps:
    """Return how long what was said is kept, and whether with pictures."""
    read = Variables(values, "edge")
    hours = timedelta(hours=read.number("LOT_API_MEMORY_HOURS"))
    told = bool(read.text("LOT_WEBHOOKS") or read.text("LOT_MQTT"))
    keeps = Keeps(hours, pictures=told and bool(read.whole("LOT_WEBHOOK_PICTURES")))
    read.done()
    return keeps


class Journal:
    """One process's way to the journal; safe to share between threads."""

    def __init__(self, path: Path, edge: bytes, keeps: Keeps) -> None:
        self._connection = Connection(path)
        self._edge = edge
        self._keeps = keeps
        self._id = secrets.token_bytes(_ID_BYTES)
        self._keys = {self._id: secrets.token_bytes(32)}
        self._state_key: bytes | None = None
        self._lock = Lock()

    def close(self) -> None:
        self._connection.close()

    def opened_by(self, state_key: bytes) -> None:
        """Take the state key: what earlier starts and other processes said can be read."""
        with self._lock:
            self._state_key = state_key
        with self._connection.writing() as db:
            self._keep_key(db)

    def put(self, said: Event, pictures: Mapping[str, bytes], now: int) -> None:
        """Note what no outbox keeps: that of an edge which is enrolled nowhere."""
        with self._connection.writing() as db:
            self.note(db, said, pictures, now)

    def note(
        self, db: sqlite3.Connection, said: Event, pictures: Mapping[str, bytes], now: int
    ) -> None:
        """Note what was said, within the transaction that keeps it."""
        if not db.execute("SELECT 1 FROM said_keys WHERE id = ?", (self._id,)).fetchone():
            self._keep_key(db)
        picture = next((pictures[name] for name in _TOLD_PICTURES if name in pictures), b"")
        text = event.encoded(said)
        plain = len(text).to_bytes(4, "big") + text + (picture if self._keeps.pictures else b"")
        sealed = self._sealed(self._keys[self._id], plain, _ROW + self._edge + self._id)
        db.execute(
            "INSERT INTO said (at, key, sealed) VALUES (?, ?, ?)",
            (said.last_seen, self._id, sealed),
        )
        self._sweep(db, now)

    def after(self, n: int, most: int) -> Batch:
        """Return what was said after `n`, the earliest first.

        What nobody can read any more is passed over. What waits for the state key is waited for.
        """
        found: list[Said] = []
        with self._connection.reading() as db:
            rows = db.execute(
                "SELECT n, key, sealed FROM said WHERE n > ? ORDER BY n LIMIT ?", (n, most)
            ).fetchall()
            for row in rows:
                if self._state_key is None and row[1] != self._id:
                    break
                n = row[0]
                if (one := self._read(db, row)) is not None:
                    found.append(one)
        return Batch(tuple(found), n)

    def since(self, at: int) -> list[Said]:
        """Return what was seen since a time, in the order of saying."""
        with self._connection.reading() as db:
            rows = db.execute(
                "SELECT n, key, sealed FROM said WHERE at >= ? ORDER BY n", (at,)
            ).fetchall()
            return [one for row in rows if (one := self._read(db, row)) is not None]

    def last(self) -> int:
        """Return the newest place."""
        with self._connection.reading() as db:
            (n,) = db.execute("SELECT coalesce(max(n), 0) FROM said").fetchone()
        return int(n)

    def place_of(self, listener: bytes) -> int | None:
        """Return how far a listener was told; None for one that is new."""
        with self._connection.reading() as db:
            row = db.execute("SELECT n FROM listeners WHERE id = ?", (listener,)).fetchone()
        return None if row is None else int(row[0])

    def told(self, listener: bytes, n: int) -> None:
        """Note durably how far a listener was told."""
        with self._connection.writing() as db:
            db.execute(
                "INSERT INTO listeners (id, n) VALUES (?, ?)"
                " ON CONFLICT (id) DO UPDATE SET n = excluded.n",
                (listener, n),
            )

    def only(self, listeners: Sequence[bytes]) -> None:
        """Forget listeners that are no longer asked for: rows wait for none of them."""
        marks = ", ".join("?" * len(listeners))
        with self._connection.writing() as db:
            db.execute(f"DELETE FROM listeners WHERE id NOT IN ({marks})", tuple(listeners))  # noqa: S608 - question marks alone

    def waiting(self, listener: bytes) -> int:
        """Return how many rows a listener was not told yet."""
        with self._connection.reading() as db:
            (count,) = db.execute(
                "SELECT count(*) FROM said WHERE n > coalesce("
                "(SELECT n FROM listeners WHERE id = ?), 0)",
                (listener,),
            ).fetchone()
        return int(count)

    def changes(self) -> int:
        """Return a number that differs once another connection has written."""
        return self._connection.changes()

    def _sweep(self, db: sqlite3.Connection, now: int) -> None:
        """Let go what is over and was told, and what is too much."""
        due = now - self._keeps.memory // timedelta(microseconds=1)
        (told,) = db.execute("SELECT min(n) FROM listeners").fetchone()
        (last,) = db.execute("SELECT max(n) FROM said").fetchone()
        db.execute(
            "DELETE FROM said WHERE n IN (SELECT n FROM said WHERE (at < ? AND n <= ?) OR n <= ?"
            " ORDER BY n LIMIT ?)",
            (due, last if told is None else told, last - ROWS_MAX, _SWEPT),
        )
        db.execute(
            "DELETE FROM said_keys WHERE id <> ? AND id NOT IN (SELECT key FROM said)", (self._id,)
        )

    def _keep_key(self, db: sqlite3.Connection) -> None:
        box = None
        if self._state_key is not None:
            box = self._sealed(self._state_key, self._keys[self._id], _KEY + self._edge + self._id)
        db.execute(
            "INSERT INTO said_keys (id, box) VALUES (?, ?)"
            " ON CONFLICT (id) DO UPDATE SET box = excluded.box",
            (self._id, box),
        )

    def _read(self, db: sqlite3.Connection, row: tuple[int, bytes, bytes]) -> Said | None:
        n, key_id, sealed = row
        key = self._key(db, key_id)
        if key is None:
            return None
        try:
            plain = self._opened(key, sealed, _ROW + self._edge + key_id)
            length = int.from_bytes(plain[:4], "big")
            return Said(n, event.decoded(plain[4 : 4 + length]), plain[4 + length :])
        except (InvalidTag, Damaged):
            return None

    def _key(self, db: sqlite3.Connection, key_id: bytes) -> bytes | None:
        with self._lock:
            if key_id in self._keys or self._state_key is None:
                return self._keys.get(key_id)
        row = db.execute("SELECT box FROM said_keys WHERE id = ?", (key_id,)).fetchone()
        if row is None or row[0] is None:
            return None
        try:
            key = self._opened(self._state_key, row[0], _KEY + self._edge + key_id)
        except InvalidTag:
            return None  # another edge's, before this box was enrolled anew
        with self._lock:
            self._keys[key_id] = key
        return key

    @staticmethod
    def _sealed(key: bytes, plain: bytes, bound: bytes) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        return nonce + AESGCM(key).encrypt(nonce, plain, bound)

    @staticmethod
    def _opened(key: bytes, sealed: bytes, bound: bytes) -> bytes:
        return AESGCM(key).decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], bound)
