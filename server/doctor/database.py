"""Whether the database forgets what we delete, and keeps what it said it kept."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Connection, text

from server.doctor.ailment import Ailment

# The oldest of each that the tests ran on: Debian 12's.
_LEAST = {"mariadb": (10, 11), "postgresql": (15, 0), "sqlite": (3, 37)}
_SQLITE_FULL = 2


def database(read: Connection) -> Iterator[Ailment]:
    """Look at version and settings of the database that is in use."""
    dialect = read.dialect
    name = "mariadb" if dialect.name in ("mysql", "mariadb") else dialect.name
    version = tuple(dialect.server_version_info or ())[:2]
    if version and version < _LEAST[name]:
        least, met = (".".join(map(str, one)) for one in (_LEAST[name], version))
        yield Ailment(
            f"{name} is of version {met}", f"install {least} or newer: nothing older is tested"
        )
    yield from {"mariadb": _mariadb, "postgresql": _postgresql, "sqlite": _sqlite}[name](read)


def _mariadb(read: Connection) -> Iterator[Ailment]:
    said = dict(read.execute(text("SHOW GLOBAL VARIABLES")).tuples().all())
    if said.get("log_bin") == "ON":
        yield Ailment(
            "MariaDB's binlog is on: it keeps what was erased",
            "set skip-log-bin in its configuration, restart it and delete the old binlogs",
        )
    if said.get("general_log") == "ON":
        yield Ailment("MariaDB logs every statement", "set general_log=0 and delete the log")
    if said.get("innodb_flush_log_at_trx_commit") != "1":
        yield Ailment(
            "MariaDB does not sync at every commit: what was acknowledged can be lost",
            "set innodb_flush_log_at_trx_commit=1",
        )
    if said.get("innodb_doublewrite", "ON") == "OFF":
        yield Ailment("MariaDB may tear a page in a power cut", "set innodb_doublewrite=1")


def _postgresql(read: Connection) -> Iterator[Ailment]:
    for name in ("fsync", "full_page_writes", "synchronous_commit"):
        if read.execute(text(f"SHOW {name}")).scalar_one() == "off":
            yield Ailment(
                f"PostgreSQL's {name} is off: what was acknowledged can be lost", f"set {name} = on"
            )
    if read.execute(text("SHOW archive_mode")).scalar_one() != "off":
        yield Ailment(
            "PostgreSQL archives its log: the archive keeps what was erased",
            "set archive_mode = off and delete the archive",
        )
    if read.execute(text("SHOW log_statement")).scalar_one() != "none":
        yield Ailment("PostgreSQL logs statements", "set log_statement = none and delete the log")


def _sqlite(read: Connection) -> Iterator[Ailment]:
    if read.execute(text("PRAGMA synchronous")).scalar_one() < _SQLITE_FULL:
        yield Ailment(
            "SQLite does not sync at every commit: what was acknowledged can be lost",
            "tell us: the server sets it to FULL when it opens the database",
        )
