"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from server.store.tables import blob, octets, words

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make every table and index that is not there yet."""
    _lots()
    _writers()
    _records()
    _conflicts()
    _parts()
    _texts()
    _pictures()
    _wraps()
    _audit_lines()
    _settled()
    _counts()
    _alarms()
    _notify_rules()
    _private_rows()
    _ticket_faces()
    _tokens()
    _accounts()
    _devices()
    _sessions()
    _device_requests()
    _attempts()


def _lots() -> None:
    op.create_table(
        "lots",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("name", words(64), nullable=False),
        sa.Column("timezone", words(64), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("text_days", sa.Integer(), nullable=False),
        sa.Column("picture_days", sa.Integer(), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot"),
        if_not_exists=True,
    )


def _writers() -> None:
    op.create_table(
        "writers",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("name", words(64), nullable=False),
        sa.Column("role", words(8), nullable=False),
        sa.Column("certificate", blob(), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("state_key", octets(32), nullable=True),
        sa.Column("closed", sa.Boolean(), nullable=False),
        sa.Column("day_bytes_max", sa.BigInteger(), nullable=False),
        sa.Column("stamp", octets(16), nullable=True),
        sa.Column("api", blob(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "writer"),
        if_not_exists=True,
    )


def _records() -> None:
    op.create_table(
        "records",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("c", octets(32), nullable=False),
        sa.Column("prev", octets(32), nullable=False),
        sa.Column("type", words(12), nullable=False),
        sa.Column("id", words(36), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("camera", words(64), nullable=True),
        sa.Column("lane", words(64), nullable=True),
        sa.Column("kind", words(8), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("final", sa.Boolean(), nullable=False),
        sa.Column("waiting", sa.BigInteger(), nullable=False),
        sa.Column("envelope", blob(), nullable=False),
        sa.Column("signature", octets(64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "writer", "sequence"),
        sa.UniqueConstraint("lot", "writer", "id", "revision", name="one_revision"),
        if_not_exists=True,
    )
    op.create_index(
        "records_by_arrival", "records", ["lot", "writer", "received"], if_not_exists=True
    )
    op.create_index("records_by_id", "records", ["lot", "id"], if_not_exists=True)
    op.create_index("records_by_time", "records", ["lot", "at"], if_not_exists=True)


def _conflicts() -> None:
    op.create_table(
        "conflicts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("c", octets(32), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False),
        sa.Column("envelope", blob(), nullable=False),
        sa.Column("signature", octets(64), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "writer", "c"),
        if_not_exists=True,
    )


def _parts() -> None:
    op.create_table(
        "parts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("sequence", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("name", words(32), nullable=False),
        sa.Column("key", octets(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("hash", octets(32), nullable=False),
        sa.Column("head", octets(32), nullable=False),
        sa.PrimaryKeyConstraint("lot", "writer", "sequence", "name"),
        if_not_exists=True,
    )
    op.create_index("parts_by_hash", "parts", ["lot", "hash"], if_not_exists=True)
    op.create_index("parts_by_key", "parts", ["lot", "key"], if_not_exists=True)


def _texts() -> None:
    op.create_table(
        "texts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("hash", octets(32), nullable=False),
        sa.Column("sealed", blob(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "hash"),
        if_not_exists=True,
    )


def _pictures() -> None:
    op.create_table(
        "pictures",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("hash", octets(32), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "hash"),
        if_not_exists=True,
    )


def _wraps() -> None:
    op.create_table(
        "wraps",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("key", octets(32), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("key_class", words(1), nullable=False),
        sa.Column("rsa", octets(32), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "key"),
        if_not_exists=True,
    )
    op.create_index("wraps_by_age", "wraps", ["lot", "key_class", "made"], if_not_exists=True)


def _audit_lines() -> None:
    op.create_table(
        "audit_lines",
        sa.Column("node", octets(16), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False, autoincrement=False),
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("actor", octets(16), nullable=False),
        sa.Column("act", words(24), nullable=False),
        sa.Column("time", sa.BigInteger(), nullable=False),
        sa.Column("head", octets(32), nullable=False),
        sa.Column("line", blob(), nullable=False),
        sa.Column("detail", blob(), nullable=True),
        sa.PrimaryKeyConstraint("node", "seq"),
        if_not_exists=True,
    )
    op.create_index("audit_by_time", "audit_lines", ["lot", "time"], if_not_exists=True)
    op.create_index("audit_by_moment", "audit_lines", ["time", "node", "seq"], if_not_exists=True)
    op.create_index("audit_by_actor", "audit_lines", ["actor", "time"], if_not_exists=True)


def _settled() -> None:
    op.create_table(
        "settled",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("event", words(36), nullable=False),
        sa.Column("side", words(3), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "event"),
        if_not_exists=True,
    )
    op.create_index("settled_by_time", "settled", ["lot", "at"], if_not_exists=True)


def _counts() -> None:
    op.create_table(
        "counts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("more", sa.SmallInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )
    op.create_index("counts_by_time", "counts", ["lot", "at"], if_not_exists=True)


def _alarms() -> None:
    op.create_table(
        "alarms",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("kind", words(24), nullable=False),
        sa.Column("writer", octets(16), nullable=True),
        sa.Column("camera", words(64), nullable=True),
        sa.Column("said", words(500), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )
    op.create_index("alarms_by_time", "alarms", ["lot", "at"], if_not_exists=True)


def _notify_rules() -> None:
    op.create_table(
        "notify_rules",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("kind", words(16), nullable=False),
        sa.Column("channel", words(32), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=True),
        sa.Column("quiet_minutes", sa.Integer(), nullable=False),
        sa.Column("language", words(8), nullable=False),
        sa.Column("plates", sa.Boolean(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )


def _private_rows() -> None:
    op.create_table(
        "private_rows",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("kind", words(24), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("box", blob(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "kind", "id"),
        if_not_exists=True,
    )


def _ticket_faces() -> None:
    op.create_table(
        "ticket_faces",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("box", blob(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )


def _tokens() -> None:
    op.create_table(
        "tokens",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("writer", octets(16), nullable=False),
        sa.Column("hash", octets(32), nullable=False),
        sa.Column("made", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("until", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("lot", "writer", "hash"),
        if_not_exists=True,
    )


def _accounts() -> None:
    op.create_table(
        "accounts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", blob(), nullable=False),
        sa.Column("mac", octets(32), nullable=False),
        sa.Column("name", words(64), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        sa.UniqueConstraint("lot", "name", name="one_name"),
        if_not_exists=True,
    )


def _devices() -> None:
    op.create_table(
        "devices",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", blob(), nullable=False),
        sa.Column("mac", octets(32), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )


def _sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("body", blob(), nullable=False),
        sa.Column("mac", octets(32), nullable=False),
        sa.Column("account", octets(16), nullable=False),
        sa.Column("ends", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )
    op.create_index("sessions_by_end", "sessions", ["lot", "ends"], if_not_exists=True)


def _device_requests() -> None:
    op.create_table(
        "device_requests",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("number", words(6), nullable=False),
        sa.Column("name", words(64), nullable=False),
        sa.Column("key_hash", octets(32), nullable=False),
        sa.Column("address", words(64), nullable=False),
        sa.Column("asked", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "id"),
        if_not_exists=True,
    )


def _attempts() -> None:
    op.create_table(
        "attempts",
        sa.Column("lot", octets(16), nullable=False),
        sa.Column("door", words(24), nullable=False),
        sa.Column("who", octets(32), nullable=False),
        sa.Column("id", octets(16), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("lot", "door", "who", "id"),
        if_not_exists=True,
    )
    op.create_index("attempts_by_time", "attempts", ["lot", "at"], if_not_exists=True)
