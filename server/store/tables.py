"""Every table, in the subset that MariaDB, PostgreSQL and SQLite share.

`lot` stands first in the keys of all that belongs to a lot, no key refers across lots, and
nothing counts up in place: two machines may then write at once and only ever meet as a
duplicate. Columns beside signed or vouched bytes are copies to look things up by; the bytes
decide. No table here joins two events: that joining is the secret (docs/security.md).
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    SmallInteger,
    String,
    Table,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import MEDIUMBLOB, VARBINARY, VARCHAR
from sqlalchemy.types import TypeEngine

tables = MetaData()

SERVER = bytes(16)  # stands for the lot where a thing belongs to the server and to no lot


def octets(most: int) -> TypeEngine[bytes]:
    """Bytes short enough for a key: MariaDB's BLOB could not stand in one."""
    return LargeBinary(most).with_variant(VARBINARY(most), "mysql", "mariadb")


def blob() -> TypeEngine[bytes]:
    """Bytes up to a sealed part or envelope."""
    return LargeBinary().with_variant(MEDIUMBLOB(), "mysql", "mariadb")


def words(most: int) -> TypeEngine[str]:
    """Text that is compared byte by byte everywhere: MariaDB would take `a` for `A`."""
    return String(most).with_variant(
        VARCHAR(most, charset="utf8mb4", collation="utf8mb4_bin"), "mysql", "mariadb"
    )


def _id(name: str, **more: Any) -> Column[bytes]:
    return Column(name, octets(16), nullable=False, **more)


def _digest(name: str, **more: Any) -> Column[bytes]:
    return Column(name, octets(32), nullable=False, **more)


def _time(name: str, **more: Any) -> Column[int]:
    """Microseconds since 1970, UTC."""
    return Column(name, BigInteger, nullable=False, **more)


lots = Table(
    "lots",
    tables,
    _id("lot", primary_key=True),
    Column("name", words(64), nullable=False),  # `lots.add` refuses a second of one name
    Column("timezone", words(64), nullable=False),
    Column("capacity", Integer),
    Column("text_days", Integer, nullable=False),  # how long events are kept
    Column("picture_days", Integer, nullable=False),
    _time("made"),
)

writers = Table(
    "writers",
    tables,
    _id("lot", primary_key=True),  # SERVER for the server's own
    _id("writer", primary_key=True),
    Column("name", words(64), nullable=False),
    Column("role", words(8), nullable=False),
    Column("certificate", blob(), nullable=False),  # the newest; it decides
    Column("n", BigInteger, nullable=False),
    Column("state_key", octets(32)),  # what an edge's state lies under; null for the server's
    Column("closed", Boolean, nullable=False),  # its chain was forked: nothing more is taken
    Column("day_bytes_max", BigInteger, nullable=False),
    Column("stamp", octets(16)),  # drawn anew with every change to what is stored of it
    Column("api", blob()),  # token and certificate of the edge's own API, under the people key
    _time("made"),
)

records = Table(
    "records",
    tables,
    _id("lot", primary_key=True),
    _id("writer", primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    _digest("c"),
    _digest("prev"),
    Column("type", words(12), nullable=False),
    Column("id", words(36), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("camera", words(64)),
    Column("lane", words(64)),
    Column("kind", words(8)),
    _time("at"),
    Column("final", Boolean, nullable=False),
    Column("waiting", BigInteger, nullable=False),
    Column("envelope", blob(), nullable=False),
    Column("signature", octets(64), nullable=False),
    _time("received"),
    Column("bytes", BigInteger, nullable=False),  # of the record and its parts, for the quota
    UniqueConstraint("lot", "writer", "id", "revision", name="one_revision"),
    Index("records_by_time", "lot", "at"),
    Index("records_by_id", "lot", "id"),
    Index("records_by_arrival", "lot", "writer", "received"),
)

conflicts = Table(  # two records of one number, both rightly signed: both are kept
    "conflicts",
    tables,
    _id("lot", primary_key=True),
    _id("writer", primary_key=True),
    _digest("c", primary_key=True),
    Column("sequence", BigInteger, nullable=False),
    Column("envelope", blob(), nullable=False),
    Column("signature", octets(64), nullable=False),
    _time("received"),
)

parts = Table(  # what records name; whether it is there, `texts` and `pictures` say
    "parts",
    tables,
    _id("lot", primary_key=True),
    _id("writer", primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("name", words(32), primary_key=True),
    _digest("key"),
    Column("size", Integer, nullable=False),
    _digest("hash"),
    _digest("head"),
    Index("parts_by_hash", "lot", "hash"),
    Index("parts_by_key", "lot", "key"),
)

texts = Table(
    "texts",
    tables,
    _id("lot", primary_key=True),
    _digest("hash", primary_key=True),
    Column("sealed", blob(), nullable=False),
)

pictures = Table(  # a row a file that is whole on disk
    "pictures",
    tables,
    _id("lot", primary_key=True),
    _digest("hash", primary_key=True),
    Column("size", Integer, nullable=False),
    _time("received"),
)

wraps = Table(  # the bytes lie in a file each, since a database forgets badly
    "wraps",
    tables,
    _id("lot", primary_key=True),
    _digest("key", primary_key=True),
    _id("writer"),
    Column("key_class", words(1), nullable=False),
    _digest("rsa"),
    _time("made"),
    _time("received"),
    Index("wraps_by_age", "lot", "key_class", "made"),
)

audit_lines = Table(
    "audit_lines",
    tables,
    _id("node", primary_key=True),
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    _id("lot"),  # SERVER where the line is of no lot
    _id("actor"),
    Column("act", words(24), nullable=False),
    _time("time"),
    _digest("head"),
    Column("line", blob(), nullable=False),
    Column("detail", blob()),  # sealed, or in clear for the four acts that name no event
    Index("audit_by_time", "lot", "time"),
    Index("audit_by_moment", "time", "node", "seq"),  # the log of all lots, page by page
    Index("audit_by_actor", "actor", "time"),
)

settled = Table(
    "settled",
    tables,
    _id("lot", primary_key=True),
    Column("event", words(36), primary_key=True),
    Column("side", words(3), nullable=False),
    _time("at"),
    Index("settled_by_time", "lot", "at"),
)

counts = Table(  # people's one more, one less, beside the entries and exits in clear
    "counts",
    tables,
    _id("lot", primary_key=True),
    _id("id", primary_key=True),
    Column("more", SmallInteger, nullable=False),
    _time("at"),
    Index("counts_by_time", "lot", "at"),
)

alarms = Table(
    "alarms",
    tables,
    _id("lot", primary_key=True),
    _id("id", primary_key=True),
    Column("kind", words(24), nullable=False),
    Column("writer", octets(16)),
    Column("camera", words(64)),
    Column("said", words(500), nullable=False),  # never a plate
    _time("at"),
    Column("ended", BigInteger),
    Index("alarms_by_time", "lot", "at"),
)

notify_rules = Table(
    "notify_rules",
    tables,
    _id("lot", primary_key=True),
    _id("id", primary_key=True),
    Column("kind", words(16), nullable=False),
    Column("channel", words(32), nullable=False),  # a name of .env, where the address lies
    Column("hours", Integer),
    Column("quiet_minutes", Integer, nullable=False),
    Column("language", words(8), nullable=False),
    Column("plates", Boolean, nullable=False),
    Column("told", BigInteger),  # never where plates decide: it would join a list to an event
    _time("made"),
)

private_rows = Table(  # customers, bookings, lists, holds: changed in place, under the people key
    "private_rows",
    tables,
    _id("lot", primary_key=True),
    Column("kind", words(24), primary_key=True),
    _id("id", primary_key=True),
    Column("version", BigInteger, nullable=False),
    Column("box", blob(), nullable=False),
)

ticket_faces = Table(  # what a ticket's link shows, under a key that the link alone gives
    "ticket_faces",
    tables,
    _id("lot", primary_key=True),
    _id("id", primary_key=True),
    Column("box", blob(), nullable=False),
)

tokens = Table(
    "tokens",
    tables,
    _id("lot", primary_key=True),
    _id("writer", primary_key=True),
    _digest("hash", primary_key=True),
    _time("made"),
    Column("used", BigInteger),
    Column("until", BigInteger),
)


def _vouched(name: str, *columns: Any) -> Table:
    """Rows that the keyholder vouches for: `mac` is over `body`, all else is a copy of it."""
    return Table(
        name,
        tables,
        _id("lot", primary_key=True),  # SERVER: accounts and devices are of no one lot
        _id("id", primary_key=True),
        Column("version", BigInteger, nullable=False),
        Column("body", blob(), nullable=False),
        Column("mac", octets(32), nullable=False),
        *columns,
    )


accounts = _vouched(
    "accounts",
    Column("name", words(64), nullable=False),
    UniqueConstraint("lot", "name", name="one_name"),
)

devices = _vouched("devices")

sessions = _vouched(  # the id is the first half of the token's SHA-256
    "sessions",
    _id("account"),
    Column("ends", BigInteger, nullable=False),
    Index("sessions_by_end", "lot", "ends"),
)

device_requests = Table(
    "device_requests",
    tables,
    _id("lot", primary_key=True),
    _id("id", primary_key=True),
    Column("number", words(6), nullable=False),
    Column("name", words(64), nullable=False),
    Column("key_hash", octets(32), nullable=False),
    Column("address", words(64), nullable=False),
    _time("asked"),
)

attempts = Table(  # a row a try, summed and trimmed: so limits hold over a restart and two machines
    "attempts",
    tables,
    _id("lot", primary_key=True),
    Column("door", words(24), primary_key=True),
    _digest("who", primary_key=True),
    _id("id", primary_key=True),
    _time("at"),
    Index("attempts_by_time", "lot", "at"),
)
