"""A server out of a backup, on an empty machine: put back, then completed by who opens the vault.

A mark is laid down first and goes last; while it is there nothing is served. A restore that was
cut is begun anew, or goes on from where the vault is to be opened, if all was put back by then.
The mark that a vault is there is written only when everything else is.
"""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Connection, delete, select

from contract import canonical, signature, trust
from contract.audit import Restore
from contract.canonical import Fields
from contract.chain import Point
from lot.clock import WallClock
from lot.errors import Refused
from lot.files import remove, write_private
from server.access.rows import API_ROWS
from server.api.parts import Parts
from server.audit.lines import Audit, node_in
from server.backup import house, putting_back
from server.backup.putting_back import Found
from server.keys.folder import KeysFolder
from server.keys.holder import bodies, calls
from server.keys.holder.calls import GONE, Version
from server.keys.holder.newest import Newest
from server.running import tls_leaf
from server.setting_up import give_to_its_owner
from server.settings import Places, ServerSettings
from server.store import lots, records, vouched, writers
from server.store.database import Database
from server.store.pictures import picture_folder
from server.store.tables import SERVER, private_rows, sessions, tables
from server.store.tables import writers as writer_rows
from server.store.wraps import wrap_folder
from server.store.writers import WriterRow
from server.trust_file import TrustFile

_KEY_BYTES = 32
_MARK_BYTES_MAX = 1024
_MARK = ("v", "data", "keys", "is_put")


@dataclass(frozen=True, slots=True)
class Put:
    """What was put back; nothing where an earlier try had come so far."""

    rows: int
    pictures: int
    pictures_missing: int


def put(settings: ServerSettings, found: Found, database: Database) -> Put | None:
    """Put all of a backup back, but for what an open vault is needed for."""
    places = settings.places
    mark = _mark(places)
    if mark == (found.data.id, found.keys.id, True):
        return None
    if mark is None:
        _check_empty(places, database)
    else:
        _put_away(places)
    _lay_mark(places, found, is_put=False)
    audit = _put_files(places, found)
    rows: int = database.write(lambda write: _put_rows(write, found, places, audit))
    _begin_newest(places, database)
    with database.read() as read:
        pictures, missing = putting_back.put_pictures(found, read, picture_folder(places.pictures))
    putting_back.put_keys(found, lambda name: _is_founded(places, name))
    for folder in (places.state, places.keys):
        give_to_its_owner(folder)
    _lay_mark(places, found, is_put=True)  # after it nothing of this is done a second time
    return Put(rows, pictures, missing)


def complete(of: Parts, by: calls.Caller, found: Found) -> None:
    """Do what an open vault is needed for; each step may be done again."""
    _certify(of, by)
    with of.database.read() as read:
        gone = putting_back.untold(found, read)
        served = [one for one in writers.every(read) if one.role == "server"]
    if gone:
        of.database.write(lambda write: of.writing.erasures(write, gone))
    for row in served:
        if row.writer != of.writing.writer:
            _revoke(of, by, row)
    _issue_leaf(of, by)
    give_to_its_owner(of.settings.places.state)


def finish(places: Places) -> None:
    """Let the server be served."""
    remove(places.restoring)


def _mark(places: Places) -> tuple[bytes, bytes, bool] | None:
    if not places.restoring.exists():
        return None
    with canonical.reading("the mark of a restore"):
        data = places.restoring.read_bytes()
        said = Fields(canonical.decoded(data, bytes_max=_MARK_BYTES_MAX), _MARK)
        said.version()
        return said.octets("data"), said.octets("keys"), said.truth("is_put")


def _lay_mark(places: Places, found: Found, *, is_put: bool) -> None:
    said = {"v": canonical.VERSION, "data": found.data.id, "keys": found.keys.id, "is_put": is_put}
    write_private(places.restoring, canonical.encoded(said))


def _check_empty(places: Places, database: Database) -> None:
    """Refuse a machine that has a server: nothing that is there is ever replaced."""
    if KeysFolder(places.keys).is_founded or places.service_key.exists():
        raise Refused(
            f"a server is set up in {places.state} or {places.keys}",
            then="restore on an empty machine, or name other folders",
        )
    with database.read() as read:
        putting_back.check_empty(read)


def _put_away(places: Places) -> None:
    """Remove the files of a restore that was cut; its rows go in the next one's transaction."""
    for folder in (
        places.wraps,
        places.segments,
        places.segment_keys,
        places.tls,
        places.keys / "slots",
    ):
        shutil.rmtree(folder, ignore_errors=True)
    remove(places.node)  # the next one's first line begins a chain of its own
    for name in ("vault.new", "keeper.json", house.FOUNDED):
        remove(places.keys / name)


def _put_files(places: Places, found: Found) -> Audit:
    """Write all files but the one that says that there is a vault; return the new node's audit."""
    putting_back.put_keys(found, lambda name: _not_founded(places, name))
    putting_back.put_segments(found, places.segments)
    shutil.copyfile(places.keys / house.TRUST, places.trust_pack)
    places.trust_pack.chmod(0o600)
    key = Ed25519PrivateKey.generate()
    write_private(places.service_key, key.private_bytes_raw())
    write_private(places.pepper, os.urandom(_KEY_BYTES))
    writer = signature.writer_id(signature.public_half(key))
    trusted, wraps = TrustFile(places.trust_pack), wrap_folder(places.wraps)
    return Audit(node_in(places.node), writer, trusted, wraps, WallClock())


def _is_founded(places: Places, name: str) -> Path | None:
    return house.place_of_secret(places, name) if name == house.FOUNDED else None


def _not_founded(places: Places, name: str) -> Path | None:
    return None if name == house.FOUNDED else house.place_of_secret(places, name)


def _put_rows(write: Connection, found: Found, places: Places, audit: Audit) -> int:
    for table in reversed(tables.sorted_tables):  # of a restore that was cut
        write.execute(delete(table))
    rows = putting_back.put_rows(found, write)
    putting_back.drop_wraps_without_file(write, wrap_folder(places.wraps).exists)
    old = found.audit
    audit.line(write, "restore", Restore(found.data.id, old.node, old.seq, old.head))
    return rows


def _begin_newest(places: Places, database: Database) -> None:
    """Begin the keyholder's list of newest versions from the rows; sessions end with the copy."""
    path = KeysFolder(places.keys).newest
    path.unlink(missing_ok=True)
    with closing(Newest(path)) as newest, database.read() as read:
        newest.begin(_versions(read))
    database.write(lambda write: write.execute(delete(sessions)))


def _versions(read: Connection) -> Iterator[Version]:
    for row in vouched.every(read, "accounts"):
        account = bodies.account(row.body)
        yield Version.of("accounts", account.id, account.version, row.body)
    for row in vouched.every(read, "devices"):
        device = bodies.device(row.body)
        yield Version.of("devices", device.id, device.version, row.body)
    for row in vouched.every(read, "sessions"):
        session = bodies.session(row.body)
        yield Version("sessions", session.id, session.version, GONE)
    c = writer_rows.c
    for writer, n, data, api in read.execute(select(c.writer, c.n, c.certificate, c.api)):
        yield Version.of("writers", writer, n, data)
        if api is not None:
            yield Version.of(API_ROWS, writer, 1, api)
    p = private_rows.c
    for kind, id_, version, box in read.execute(select(p.kind, p.id, p.version, p.box)):
        yield Version.of(kind, id_, version, box)


def _certify(of: Parts, by: calls.Caller) -> None:
    """Let the vault certify the new writer of this machine."""
    public = signature.public_half(of.own_key)
    with of.database.read() as read:
        known = writers.found(read, signature.writer_id(public))
    if known is None:
        made = of.keyholder.certify(calls.CertifyServer(by, public))
        known = WriterRow(
            lot=SERVER,
            writer=made.writer,
            name="server",
            role="server",
            certificate=made.certificate,
            n=made.n,
            state_key=None,
            closed=False,
            day_bytes_max=0,
            stamp=secrets.token_bytes(16),
        )
        row, now = known, of.wall.now_us()
        of.database.write(lambda write: writers.add(write, row, now))
    of.keyholder.confirm_versions((known.as_version,))


def _revoke(of: Parts, by: calls.Caller, row: WriterRow) -> None:
    """End the old machine's writer where its chain ends here: it may be in a thief's hands."""
    pack = of.trust.pack()
    rights = trust.certificate_decoded(
        row.certificate, vault_sign=pack.vault_sign, server=pack.server
    )
    if rights.until is not None:
        of.keyholder.confirm_versions((row.as_version,))
        return
    with of.database.read() as read:
        places = [*(one.lot for one in lots.every(read)), SERVER]
        last = records.last_of(read, places, row.writer)
    start = Point(0, signature.chain_start(rights.public))
    until = start if last is None else Point(last.sequence, last.c)
    made = of.keyholder.certify(calls.Certify(by, row.certificate, rights.cameras, until))
    of.database.write(
        lambda write: writers.certify(write, row.lot, row.writer, made.certificate, made.n)
    )
    of.keyholder.confirm_versions((made.version,))


def _issue_leaf(of: Parts, by: calls.Caller) -> None:
    """Make this machine's own TLS key, and let the vault sign for it."""
    names = tls_leaf.names_here(of.settings.names)
    key, csr = tls_leaf.request_made(names)
    made = of.keyholder.issue_leaf(by, csr)
    tls_leaf.keep(of.settings.places, made.leaf, made.issuing, key)
